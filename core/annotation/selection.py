"""Which tests are to be annotated: those without an annotation of what they say now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.annotation.outcome import Outcome
from core.conversations.identity import digest
from core.conversations.models import TurnKind
from core.project import Project
from core.store.faces import turns_to_json
from core.testing.cases import LoadedTest, TestKey

SOURCE = ":annotate"
"""The path of the source row under which annotations are stored."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`wanted`: tests to be run. `current`: those with an annotation that holds; `by_file`: those of them whose annotation
    was read from a file.
    """

    wanted: tuple[LoadedTest, ...]
    current: int = 0
    by_file: int = 0


def digest_of(test: LoadedTest) -> str:
    """Changes with whatever of a test may change how it is run: turns, checks, fixtures, metadata, stubs; not with lines."""
    about = {
        **test.case.extra,
        "fixtures": dict(test.slots),
        "metadata": [dict(one) for one in test.metadata],
        "stubs": {name: [list(answer.events), list(answer.responses)] for name, answer in sorted(test.stubs.items())},
    }
    return digest(turns_to_json(test.case.turns, about))


def stored_key(project: Project, test: LoadedTest) -> TestKey:
    """As the database names the test."""
    return project.relative(test.path), test.case.name, test.case.occurrence


def choose(project: Project, connection: sqlite3.Connection, tests: Sequence[LoadedTest], *, again: bool) -> Chosen:
    """Failing tests are always run again: it costs nothing where nothing has changed, since their answers are stored. So are
    those that were kept and have no command, of which no later stage has any use.
    """
    if again:
        return Chosen(tuple(tests))
    stored: dict[TestKey, tuple[str, str, bool]] = {
        (file, name, occurrence): (outcome, known, bool(has_commands))
        for file, name, occurrence, outcome, known, has_commands in connection.execute(
            "SELECT c.file, c.name, c.occurrence, a.outcome, a.test_digest, EXISTS (SELECT 1 FROM user_step s"
            " WHERE s.conversation_id = c.id AND s.active = 1 AND s.commands IS NOT NULL AND s.commands <> '[]')"
            " FROM annotation a JOIN conversation c ON c.id = a.conversation_id WHERE c.active = 1"
        )
    }
    said = _annotated_by_files(connection)
    wanted = []
    by_file = 0
    for test in tests:
        key = stored_key(project, test)
        outcome, known, has_commands = stored.get(key, ("", "", False))
        is_of_use = has_commands or outcome != Outcome.KEPT
        if outcome and Outcome(outcome).has_labels and is_of_use and known == digest_of(test):
            continue
        texts = tuple(turn.text for turn in test.script.turns)
        if not outcome and said.get(key) == texts:
            by_file += 1
            continue
        wanted.append(test)
    return Chosen(tuple(wanted), len(tests) - len(wanted), by_file)


def _annotated_by_files(connection: sqlite3.Connection) -> dict[TestKey, tuple[str, ...]]:
    """What users say in the conversations that an ingested file has annotated."""
    return {
        (file, name, occurrence): _user_texts(body)
        for file, name, occurrence, body in connection.execute(
            "SELECT c.file, c.name, c.occurrence, f.body FROM face f JOIN conversation c ON c.id = f.conversation_id"
            " JOIN source s ON s.id = f.source_id WHERE f.kind = 'annotation' AND s.path <> ? AND c.active = 1"
            " ORDER BY f.ingest_id, f.id",
            (SOURCE,),
        )
    }


def _user_texts(body: str) -> tuple[str, ...]:
    return tuple(turn[1] for turn in json.loads(body)["turns"] if turn[0] == TurnKind.USER.value)


def not_ingested(project: Project, connection: sqlite3.Connection, tests: Iterable[LoadedTest]) -> list[LoadedTest]:
    """Tests that the project does not know as they are now."""
    stored: dict[TestKey, str] = {
        (file, name, occurrence): known
        for file, name, occurrence, known in connection.execute(
            "SELECT c.file, c.name, c.occurrence, f.digest FROM face f JOIN conversation c ON c.id = f.conversation_id"
            " WHERE f.kind = 'test' AND c.active = 1 ORDER BY f.ingest_id, f.id"
        )
    }
    return [test for test in tests if stored.get(stored_key(project, test)) != _digest_of_face(test)]


def _digest_of_face(test: LoadedTest) -> str:
    """As ingest would store the test."""
    return digest(turns_to_json(test.case.turns, dict(test.case.extra)))
