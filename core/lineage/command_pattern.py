"""A command that is asked about, in full or by how it begins: `start flow renew_loan`, `set slot title`, `SetSlot(title`."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache

from core.commands import Command, describe, from_json, parse_any

_CALL = re.compile(r"([A-Z]\w+)\(?([^)]*)\)?")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS_OF_CALLS = {"clarify": "disambiguate flows"}


class CommandPattern:
    """`commands`: all of them must be in a label, in any order. Without them a label matches that has a command whose words
    begin as those of `text` do; calls of the first dialect are read as words.
    """

    def __init__(self, text: str, commands: tuple[Command, ...] = ()) -> None:
        self.text = text
        self._commands = frozenset(commands)
        self.words = "" if commands else _words(text)
        self.matches = lru_cache(maxsize=65536)(self._matches)

    def matches_line(self, line: str) -> bool:
        """Whether a single command, in any dialect, is one of those that are asked about."""
        found = parse_any(line).found
        if self._commands:
            return not self._commands.isdisjoint(found)
        return any(_begins(describe(command).casefold(), self.words) for command in found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CommandPattern) and (self._commands, self.words) == (other._commands, other.words)

    def __hash__(self) -> int:
        return hash((self._commands, self.words))

    def _matches(self, canonical: str) -> bool:
        found = from_json(canonical)
        if self._commands:
            return self._commands.issubset(found)
        return any(_begins(describe(command).casefold(), self.words) for command in found)


def known_commands(connection: sqlite3.Connection) -> list[str]:
    """Each label of the project's steps and of the verdicts on their rephrasings once, as canonical JSON."""
    rows = connection.execute(
        "SELECT DISTINCT commands FROM user_step WHERE commands IS NOT NULL AND commands <> '[]'"
        " UNION SELECT DISTINCT commands FROM verdict WHERE commands IS NOT NULL AND commands <> '[]'"
    )
    return [canonical for (canonical,) in rows]


def _begins(command: str, words: str) -> bool:
    return command == words or command.startswith(f"{words} ")


def _words(text: str) -> str:
    call = _CALL.fullmatch(text.strip())
    if call is None:
        return " ".join(text.split()).casefold()
    name = _HUMPS.sub(" ", call[1]).casefold()
    arguments = " ".join(call[2].replace(",", " ").split())
    return f"{_WORDS_OF_CALLS.get(name, name)} {arguments}".strip().casefold()
