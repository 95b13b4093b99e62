"""Where the commands of a user step come from: an interface, and the recorded ones.

Recorded commands are looked up step by step in several places, the first that knows the step wins: the project's database,
the test file itself (dialogue-understanding tests), or a file that the caller names.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from core.commands import Command, from_json, parse_any
from core.dialogue.engine import Conversation
from core.testing.cases import LoadedTest
from core.testing.expectations import UserTurn


@dataclass(frozen=True, slots=True)
class Readiness:
    """`missing`: why a test cannot be run, empty if it can. `warnings`: what is odd about its commands."""

    missing: str = ""
    warnings: tuple[str, ...] = ()


class CommandSource(Protocol):
    """Finds the commands for a message: recorded ones, a language model, a person."""

    def readiness(self, test: LoadedTest) -> Readiness:
        """Whether the test can be run with this source, as far as is known before."""
        ...

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        """The commands for the turn's message, in the state the conversation is in. Not asked about buttons' payloads."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What a place knows of a step.

    `commands` None: it cannot be run, for `reason`. No commands and a reason: none fits the message, so the assistant gets
    none, as from a model that understood nothing.
    """

    commands: tuple[Command, ...] | None
    reason: str = ""

    @property
    def is_doubtful(self) -> bool:
        return bool(self.reason)


Lookup = Callable[[LoadedTest, UserTurn], Known | None]


@dataclass(frozen=True, slots=True)
class RecordedCommands:
    """A source of recorded commands. A place that knows commands goes before one that knows only why there are none."""

    lookups: tuple[Lookup, ...]

    def readiness(self, test: LoadedTest) -> Readiness:
        warnings: list[str] = []
        for turn in test.script.turns:
            if turn.is_button:
                continue
            known = self.known(test, turn)
            where = f"user step {turn.ordinal} ({test.file}:{turn.line})"
            if known is None or known.commands is None:
                reason = f": {known.reason}" if known is not None else ""
                return Readiness(f"no commands for {where}{reason}")
            if known.is_doubtful:
                warnings.append(f"{where} was given no commands: {known.reason}")
        return Readiness(warnings=tuple(warnings))

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        known = self.known(test, turn)
        return (known.commands or ()) if known is not None else ()

    def known(self, test: LoadedTest, turn: UserTurn) -> Known | None:
        """What the places know of a step, None if none of them knows anything."""
        doubtful: Known | None = None
        for lookup in self.lookups:
            known = lookup(test, turn)
            if known is None:
                continue
            if not known.is_doubtful:
                return known
            if doubtful is None or (doubtful.commands is None and known.commands is not None):
                doubtful = known
        return doubtful


@lru_cache(maxsize=65536)
def known_lines(lines: tuple[str, ...]) -> Known:
    """Command lines of any dialect; what is not understood in them leaves the step without commands."""
    result = parse_any("\n".join(lines))
    if result.complete:
        return Known(result.found)
    left = "; ".join(leftover.text for leftover in result.leftovers)
    return Known(None, f"commands not understood: {left}")


def in_test_file(test: LoadedTest, turn: UserTurn) -> Known | None:
    """The commands that a dialogue-understanding test has under its user step."""
    return None if turn.commands is None else known_lines(turn.commands)


@dataclass(slots=True)
class StoredCommands:
    """Commands of the project's database, corrections by people included. `steps`: by file, name, occurrence, step."""

    relative: Callable[[Path], str]
    steps: dict[tuple[str, str, int, int], tuple[str, Known]] = field(default_factory=dict)

    def __call__(self, test: LoadedTest, turn: UserTurn) -> Known | None:
        found = self.steps.get((self.relative(test.path), test.case.name, test.case.occurrence, turn.ordinal))
        if found is None:
            return None
        text, known = found
        return known if text == turn.text else Known(None, f"recorded for another text: {text}")


def stored_commands(connection: sqlite3.Connection, relative: Callable[[Path], str]) -> StoredCommands:
    """`relative`: a path as the database names it (`Project.relative`)."""
    source = StoredCommands(lru_cache(maxsize=None)(relative))
    for file, name, occurrence, ordinal, text, commands, skip, unparsed, is_annotated in connection.execute(
        "SELECT c.file, c.name, c.occurrence, s.ordinal, s.text, s.commands, s.skip,"
        " CASE WHEN s.commands IS s.ingested_commands THEN s.unparsed END,"
        " EXISTS (SELECT 1 FROM face f WHERE f.conversation_id = c.id AND f.kind = 'annotation')"
        " FROM conversation c JOIN user_step s ON s.conversation_id = c.id WHERE c.active = 1 AND s.active = 1"
    ):
        if known := _stored(commands, skip, unparsed, bool(is_annotated)):
            source.steps[file, name, occurrence, ordinal] = text, known
    return source


def _stored(commands: str | None, skip: str | None, unparsed: str | None, is_annotated: bool) -> Known | None:
    if unparsed is not None and unparsed != "[]":
        return Known(None, f"commands not understood: {unparsed}")
    if commands is not None:
        return Known(_commands(commands))
    if skip is not None:
        return Known((), skip)
    # An annotation leaves out the commands of buttons, and of messages where the model gave none.
    return Known(()) if is_annotated else None


@lru_cache(maxsize=65536)
def _commands(canonical: str) -> tuple[Command, ...]:
    return tuple(from_json(canonical))
