"""The YAML parts of an export: the tests of each side, and the annotated conversations with their rephrasings."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from core.commands import Dialect
from core.conversations.identity import DIALOGUE_KINDS
from core.conversations.models import AnnotatedConversation, Rephrasing, TestCase, TestFile, Turn, TurnKind, Verdict
from core.conversations.writing import yaml_of_annotations, yaml_of_rephrasings, yaml_of_tests
from core.dataset.corpus import Conversation
from core.store.faces import turns_from_json
from core.store.stored_commands import to_display

_CASES_AT_ONCE = 500


def test_file_blocks(connection: sqlite3.Connection, conversation_ids: Iterable[int]) -> Iterator[bytes]:
    """A runnable E2E test file of these tests, with the fixtures, metadata and stubs of the files they came from.

    It comes in blocks, so that memory does not grow with the number of tests. Two files may define the same name
    differently; the later definition is renamed and its users with it.
    """
    ids = sorted(conversation_ids)
    preamble = _Preamble()
    for id_ in ids:
        row = connection.execute(
            "SELECT s.path, s.preamble FROM face f JOIN source s ON s.id = f.source_id"
            " WHERE f.conversation_id = ? AND f.kind = 'test' ORDER BY f.ingest_id DESC LIMIT 1",
            (id_,),
        ).fetchone()
        if row is not None:
            preamble.take(row[0], row[1])
    header, _, _ = yaml_of_tests(TestFile((), preamble.as_data())).rpartition(b"test_cases: []")
    yield header
    yield b"test_cases:\n" if ids else b"test_cases: []\n"
    for start in range(0, len(ids), _CASES_AT_ONCE):
        cases = tuple(_test_case(connection, id_, preamble) for id_ in ids[start : start + _CASES_AT_ONCE])
        yield yaml_of_tests(TestFile(cases, {})).removeprefix(b"test_cases:\n")


def _test_case(connection: sqlite3.Connection, conversation_id: int, preamble: _Preamble) -> TestCase:
    name, transcript = connection.execute(
        "SELECT name, transcript FROM conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    face = connection.execute(
        "SELECT f.body, f.lines, s.path FROM face f JOIN source s ON s.id = f.source_id"
        " WHERE f.conversation_id = ? AND f.kind = 'test' ORDER BY f.ingest_id DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    if face is not None:
        turns, extra = turns_from_json(face[0], json.loads(face[1]))
        turns, extra = preamble.translate(face[2], turns, extra)
        return TestCase(name, 1, 0, 0, tuple(turns), extra)
    spoken = (turn for turn in json.loads(transcript) if turn["kind"] in DIALOGUE_KINDS)
    return TestCase(name, 1, 0, 0, tuple(Turn(TurnKind(turn["kind"]), turn["text"], 0, 0) for turn in spoken), {})


class _Preamble:
    """Fixtures, metadata and stubs collected from several test files."""

    def __init__(self) -> None:
        self._definitions: dict[str, dict[str, Any]] = {"fixtures": {}, "metadata": {}}
        self._stubs: dict[str, Any] = {}
        self._renamed: dict[str, dict[str, dict[str, str]]] = {}

    def take(self, path: str, preamble: str | None) -> None:
        """Take over what a test file defines (its preamble as JSON)."""
        if path in self._renamed:
            return
        data = json.loads(preamble or "{}")
        self._renamed[path] = {
            section: {name: self._add(section, name, value) for item in data.get(section) or () for name, value in item.items()}
            for section in ("fixtures", "metadata")
        }
        for name, stub in (data.get("stub_custom_actions") or {}).items():
            self._stubs.setdefault(name, stub)

    def translate(self, path: str, turns: list[Turn], extra: dict[str, Any]) -> tuple[list[Turn], dict[str, Any]]:
        """A test of that file with the names as they are here."""
        renamed = self._renamed[path]
        extra = {key: _translate(value, renamed[key]) if key in renamed else value for key, value in extra.items()}
        turns = [
            replace(turn, extra={**turn.extra, "metadata": _translate(turn.extra["metadata"], renamed["metadata"])})
            if "metadata" in turn.extra
            else turn
            for turn in turns
        ]
        return turns, extra

    def _add(self, section: str, name: str, value: Any) -> str:
        known = self._definitions[section]
        free, number = name, 1
        while free in known and known[free] != value:
            number += 1
            free = f"{name}_{number}"
        known[free] = value
        return free

    def as_data(self) -> dict[str, Any]:
        return {
            "fixtures": [{name: value} for name, value in self._definitions["fixtures"].items()],
            "metadata": [{name: value} for name, value in self._definitions["metadata"].items()],
            "stub_custom_actions": self._stubs,
        }


def _translate(value: Any, renamed: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [renamed.get(item, item) for item in value]
    return renamed.get(value, value) if isinstance(value, str) else value


def annotation_files(
    connection: sqlite3.Connection, conversations: Iterable[Conversation], dialect: Dialect
) -> Iterator[tuple[str, bytes, bytes]]:
    """The files of `1_command_annotations` and `2_rephrasings`: name, annotations, rephrasings.

    `conversations` come file by file, so that only one file's are held at a time. Two test files of the same name in
    different folders keep apart.
    """
    taken: set[str] = set()
    for file, group in groupby(conversations, key=lambda conversation: conversation.file):
        annotated = [_annotated(connection, one, dialect) for one in group if any(step.commands for step in one.steps)]
        if not annotated:
            continue
        stem = PurePosixPath(file).stem
        name, number = f"{stem}.yml", 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}.yml"
        taken.add(name)
        yield name, yaml_of_annotations(annotated), yaml_of_rephrasings(annotated)


def _annotated(connection: sqlite3.Connection, conversation: Conversation, dialect: Dialect) -> AnnotatedConversation:
    """The chosen rephrasings of a step pass, all its others fail; so does one that was accepted with other commands, since
    the file gives a step's rephrasings its commands."""
    steps = {step.ordinal: step for step in conversation.steps}
    chosen = {choice.rephrasing_id for step in conversation.steps for choice in step.choices if choice.is_same}
    failing: dict[int, list[str]] = defaultdict(list)
    for id_, step_id, text in connection.execute(
        "SELECT id, step_id, coalesce(edited_text, text) FROM rephrasing WHERE conversation_id = ? AND active = 1"
        " ORDER BY ordinal, position, id",
        (conversation.id,),
    ):
        if id_ not in chosen:
            failing[step_id].append(text)
    (transcript,) = connection.execute("SELECT transcript FROM conversation WHERE id = ?", (conversation.id,)).fetchone()
    turns = []
    ordinal = 0
    for turn in json.loads(transcript):
        kind = TurnKind(turn["kind"])
        if kind in (TurnKind.SLOT_WAS_SET, TurnKind.SLOT_WAS_NOT_SET):
            continue
        commands: tuple[str, ...] | None = None
        rephrasings: tuple[Rephrasing, ...] = ()
        if kind is TurnKind.USER:
            ordinal += 1
            step = steps[ordinal]
            if step.commands is not None:
                commands = to_display(step.commands, dialect)
                rephrasings = (
                    *(Rephrasing(choice.text, Verdict.SAME) for choice in step.choices if choice.is_same),
                    *(Rephrasing(text, Verdict.DIFFERENT) for text in failing[step.id]),
                )
        turns.append(Turn(kind, turn["text"], 0, 0, commands, rephrasings))
    return AnnotatedConversation(conversation.file, conversation.name, conversation.occurrence, 0, 0, tuple(turns))
