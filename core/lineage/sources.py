"""Which file gave a step its commands, or a rephrasing its text: read from what each file says, since steps hold the sum."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.commands import Dialect
from core.conversations.models import Rephrasing, TurnKind
from core.store.faces import labels_from_json, turns_from_json
from core.store.stored_commands import to_stored

_FACES = (
    "SELECT f.kind, f.line, f.lines, f.body, s.path, i.at, i.reviewer FROM face f JOIN source s ON s.id = f.source_id"
    " JOIN ingest i ON i.id = f.ingest_id WHERE f.conversation_id = ?"
    " ORDER BY f.kind <> 'label', f.ingest_id DESC, f.source_id DESC"
)
"""Rows of labels go first: they win over what a conversation's own turns say (`core.store.conversations`)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one file says of one user step. `path`: as the database names it; `:annotate` is the stage."""

    path: str
    line: int | None
    at: str
    by: str
    text: str | None
    commands: tuple[str, ...] | None
    rephrasings: tuple[Rephrasing, ...]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


def said_of_step(connection: sqlite3.Connection, root: Path, conversation_id: int, user_step: int) -> Iterator[Said]:
    """What each file says of a user step (1-based), those that win first. `root`: of the project."""
    (test,) = connection.execute("SELECT name FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    for kind, line, lines, body, path, at, by in connection.execute(_FACES, (conversation_id,)).fetchall():
        if kind == "label":
            for label in labels_from_json(body):
                if label.user_step == user_step:
                    place = _line_of_label(root / path, line, test, user_step)
                    yield Said(path, place, at, by, label.text, label.commands, label.rephrasings)
            continue
        turns = [turn for turn in turns_from_json(body, json.loads(lines))[0] if turn.kind is TurnKind.USER]
        if len(turns) >= user_step:
            turn = turns[user_step - 1]
            yield Said(path, turn.line or None, at, by, turn.text, turn.commands, turn.rephrasings)


def gives_commands(said: Said, stored: str | None, dialect: Dialect) -> bool:
    """Whether these are the commands (canonical JSON) that the step has from files."""
    return said.commands is not None and to_stored(said.commands, dialect)[0] == stored


def line_of_text(said: Said, text: str) -> int | None:
    """Line of a rephrasing with this text, else of the step; None where the file does not hold it."""
    for rephrasing in said.rephrasings:
        if rephrasing.text == text:
            return rephrasing.line or said.line or 0
    return None


def _line_of_label(path: Path, first: int, test: str, user_step: int) -> int | None:
    """A file of labels is stored with the line of a test's first row; that of a further step stands in the file itself."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(islice(file, first - 1, None), first):
                row = json.loads(line)
                if row["test_case"] == test and row["user_step"] == user_step:
                    return number
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None
