"""The YAML parts of an export: the tests of each side, and the annotated conversations with their rephrasings."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from core.commands import Dialect
from core.conversations.models import AnnotatedConversation, Rephrasing, TestCase, TestFile, Turn, TurnKind, Verdict
from core.conversations.writing import yaml_of_annotations, yaml_of_rephrasings, yaml_of_tests
from core.pipeline.export_corpus import Conversation
from core.store.faces import turns_from_json
from core.store.stored_commands import to_display


def write_tests(connection: sqlite3.Connection, conversation_ids: Iterable[int]) -> bytes:
    """A runnable E2E test file of these tests, with the fixtures, metadata and stubs of the files they came from.

    Two files may define the same name differently; the later definition is renamed and its users with it.
    """
    preamble = _Preamble()
    cases = []
    for id_ in sorted(conversation_ids):
        name, transcript = connection.execute("SELECT name, transcript FROM conversation WHERE id = ?", (id_,)).fetchone()
        face = connection.execute(
            "SELECT f.body, f.lines, s.preamble, s.path FROM face f JOIN source s ON s.id = f.source_id"
            " WHERE f.conversation_id = ? AND f.kind = 'test' ORDER BY f.ingest_id DESC LIMIT 1",
            (id_,),
        ).fetchone()
        if face is None:
            turns: list[Turn] = [
                Turn(TurnKind(turn["kind"]), turn["text"], 0, 0)
                for turn in json.loads(transcript)
                if turn["kind"] in ("user", "bot", "utter")
            ]
            extra: dict[str, Any] = {}
        else:
            body, lines, own_preamble, path = face
            turns, extra = turns_from_json(body, json.loads(lines))
            turns, extra = preamble.adopt(path, json.loads(own_preamble or "{}"), turns, extra)
        cases.append(TestCase(name, 1, 0, 0, tuple(turns), extra))
    return yaml_of_tests(TestFile(tuple(cases), preamble.as_data()))


class _Preamble:
    """Fixtures, metadata and stubs collected from several test files."""

    def __init__(self) -> None:
        self._definitions: dict[str, dict[str, Any]] = {"fixtures": {}, "metadata": {}}
        self._stubs: dict[str, Any] = {}
        self._renamed: dict[str, dict[str, dict[str, str]]] = {}

    def adopt(
        self, path: str, preamble: dict[str, Any], turns: list[Turn], extra: dict[str, Any]
    ) -> tuple[list[Turn], dict[str, Any]]:
        """Take over what a test's file defines; returns the test with names as they are here."""
        renamed = self._renamed.get(path)
        if renamed is None:
            renamed = self._renamed[path] = {
                section: {
                    name: self._add(section, name, value)
                    for item in preamble.get(section) or ()
                    for name, value in item.items()
                }
                for section in ("fixtures", "metadata")
            }
            for name, stub in (preamble.get("stub_custom_actions") or {}).items():
                self._stubs.setdefault(name, stub)
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


class AnnotationWriter:
    """Collects conversations and gives the files of `1_command_annotations` and `2_rephrasings`."""

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._by_file: dict[str, list[AnnotatedConversation]] = defaultdict(list)

    def add(self, conversation: Conversation) -> None:
        """A conversation with at least one annotated step; its chosen rephrasings pass, all others fail."""
        steps = {step.ordinal: step for step in conversation.steps}
        if not any(step.commands for step in conversation.steps):
            return
        failing: dict[int, list[str]] = defaultdict(list)
        chosen = {choice.rephrasing_id for step in conversation.steps for choice in step.choices}
        for id_, step_id, text in self._connection.execute(
            "SELECT id, step_id, coalesce(edited_text, text) FROM rephrasing WHERE conversation_id = ? AND active = 1"
            " ORDER BY ordinal, position, id",
            (conversation.id,),
        ):
            if id_ not in chosen:
                failing[step_id].append(text)
        (transcript,) = self._connection.execute(
            "SELECT transcript FROM conversation WHERE id = ?", (conversation.id,)
        ).fetchone()
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
                    commands = to_display(step.commands, self._dialect)
                    rephrasings = (
                        *(Rephrasing(choice.text, Verdict.SAME) for choice in step.choices),
                        *(Rephrasing(text, Verdict.DIFFERENT) for text in failing[step.id]),
                    )
            turns.append(Turn(kind, turn["text"], 0, 0, commands, rephrasings))
        self._by_file[conversation.file].append(
            AnnotatedConversation(conversation.file, conversation.name, conversation.occurrence, 0, 0, tuple(turns))
        )

    def files(self, *, with_rephrasings: bool) -> dict[str, bytes]:
        """Relative file name to content. Two test files of the same name in different folders keep apart."""
        write = yaml_of_rephrasings if with_rephrasings else yaml_of_annotations
        names: dict[str, str] = {}
        for file in sorted(self._by_file):
            stem = PurePosixPath(file).stem
            name, number = f"{stem}.yml", 1
            while name in names.values():
                number += 1
                name = f"{stem}_{number}.yml"
            names[file] = name
        return {name: write(self._by_file[file]) for file, name in names.items()}
