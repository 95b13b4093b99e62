"""Rasa dialogue-understanding tests: every conversation of a part with the commands expected of each user message.

Each composed conversation is a test of its own, the first with the words of the test it comes from. It ends with its last
data point of this part. A message whose data point was left out (a duplicate, say) is there too, since what follows needs it
as history; it carries commands where another conversation of the same test has them for the same wording.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from core.commands import Dialect
from core.conversations.models import TestCase, TestFile, Turn, TurnKind
from core.conversations.reading import read_file
from core.conversations.writing import yaml_of_tests
from core.dataset.folder import TESTS, Lineage
from core.dataset.models import Part
from core.export.lineage_rows import lineages
from core.export.source import Source
from core.store.stored_commands import to_display

_CASES_AT_ONCE = 200
_KEPT_TURNS = (TurnKind.USER, TurnKind.BOT, TurnKind.UTTER)
_SPOKEN_KEYS = ("metadata",)


@dataclass(slots=True)
class _Composed:
    """What is known of one composed conversation, by the place of the user message."""

    points: dict[int, Lineage] = field(default_factory=dict)
    left_out: dict[int, tuple[str, int | None]] = field(default_factory=dict)


def du_blocks(connection: sqlite3.Connection, source: Source, part: Part) -> Iterator[bytes]:
    """The YAML file of a part, a block of tests at a time. The part's own tests are held in memory, its rows are not.

    Raises:
        ProjectError: the version's tests are gone or do not fit its rows.
    """
    tests = _tests_of(source, part)
    header, _, _ = yaml_of_tests(TestFile((), tests.preamble)).rpartition(b"test_cases: []")
    yield header
    yield b"test_cases:\n"
    cases = _cases(connection, source, part, tests)
    while some := tuple(islice(cases, _CASES_AT_ONCE)):
        yield yaml_of_tests(TestFile(some, {})).removeprefix(b"test_cases:\n")


def _tests_of(source: Source, part: Part) -> TestFile:
    name = {Part.TRAIN: "train.yaml", Part.VAL: "validation.yaml", Part.HOLDOUT: "holdout.yaml"}[part]
    read = read_file(source.path(TESTS, name), f"{TESTS}/{name}")
    if not isinstance(read.content, TestFile):
        what = str(read.problems[0]) if read.problems else f"{TESTS}/{name} has no tests"
        raise source.damaged(what)
    return read.content


def _cases(connection: sqlite3.Connection, source: Source, part: Part, tests: TestFile) -> Iterator[TestCase]:
    dialect = Dialect(source.version.dialect)
    following = iter(tests.cases)
    taken: set[str] = set()
    mine = (lineage for lineage in lineages(source) if lineage.part is part)
    for (file, name, _), group in groupby(mine, key=lambda lineage: (lineage.file, lineage.test, lineage.occurrence)):
        case = next((one for one in following if one.name == name), None)
        if case is None:
            raise source.damaged(f"the tests of {part.value} lack {file}::{name}")
        composed = _composed(connection, source.version.id, list(group))
        labels = {
            (ordinal, point.rephrasing): point.commands for one in composed.values() for ordinal, point in one.points.items()
        }
        for variant, one in sorted(composed.items()):
            if one.points:
                free = _free(name if variant == 0 else f"{name} ({variant})", taken)
                yield replace(case, name=free, turns=tuple(_turns(case, one, labels, dialect)))


def _composed(connection: sqlite3.Connection, dataset_id: int, points: list[Lineage]) -> dict[int, _Composed]:
    """The composed conversations of one test by their number."""
    found: dict[int, _Composed] = defaultdict(_Composed)
    for point in points:
        found[point.variant].points[point.user_step] = point
    for variant, ordinal, text, rephrasing in connection.execute(
        "SELECT l.variant, s.ordinal, coalesce(r.edited_text, r.text, s.text), l.rephrasing_id FROM user_step s"
        " JOIN left_out_point l ON l.step_id = s.id AND l.dataset_id = ? LEFT JOIN rephrasing r ON r.id = l.rephrasing_id"
        " WHERE s.conversation_id = (SELECT conversation_id FROM user_step WHERE id = ?)",
        (dataset_id, points[0].step),
    ):
        found[variant].left_out[ordinal] = (text, rephrasing)
    return found


def _turns(case: TestCase, one: _Composed, labels: dict[tuple[int, int | None], str], dialect: Dialect) -> Iterator[Turn]:
    ordinal, last = 0, max(one.points)
    for turn in case.turns:
        if turn.kind is TurnKind.USER:
            ordinal += 1
            if ordinal > last:
                return
            point = one.points.get(ordinal)
            text, rephrasing = one.left_out.get(ordinal, (turn.text, None))
            label = labels.get((ordinal, rephrasing)) if point is None else point.commands
            commands = None if label is None else to_display(label, dialect)
            extra = {name: turn.extra[name] for name in _SPOKEN_KEYS if name in turn.extra}
            yield replace(turn, text=text if point is None else point.said, commands=commands, rephrasings=(), extra=extra)
        elif turn.kind in _KEPT_TURNS:
            yield turn


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} #{number}"
    taken.add(free)
    return free
