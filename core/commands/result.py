"""What a parse gives back, and how the text around the commands is told apart into decoration and leftovers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.commands.models import Command, Dialect


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command and where it stands: `text[start:end]`, without bullets and quotes around it."""

    command: Command
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """A stretch of one line that is no command: prose, a broken command, a command of another dialect."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParseResult:
    """Everything found in one text, in its order.

    What lies in neither a command nor a leftover is blank or decoration: bullets, numbering before a command, quotes,
    back-ticks, code fences, separators. Nothing else is passed over.
    """

    dialect: Dialect
    commands: tuple[ParsedCommand, ...]
    leftovers: tuple[Leftover, ...]

    @property
    def found(self) -> tuple[Command, ...]:
        """The commands without their places."""
        return tuple(parsed.command for parsed in self.commands)

    @property
    def complete(self) -> bool:
        """Whether the text is commands and nothing else. A blank text is complete."""
        return not self.leftovers


_MARKS: Final = r"\s\-*•·+>–—#|`'\"“”‘’,;.:，；、。：\[\]"
_DECORATION: Final = re.compile(rf"[{_MARKS}]*")
# "1.", "2)", "(3)" are decoration only before a command; alone on a line they may be somebody's answer.
_NUMBERED: Final = re.compile(rf"[{_MARKS}]*\(?\d{{1,3}}[.):][{_MARKS}]*")
_FENCE: Final = re.compile(r"\s*```(?:text|txt|plaintext|plain|markdown|md|yaml|json|bash|python)?\s*")


def build_result(text: str, dialect: Dialect, commands: list[ParsedCommand]) -> ParseResult:
    """The result for commands given in text order without overlaps."""
    leftovers: list[Leftover] = []
    done = 0
    for parsed in commands:
        if parsed.start > done:
            _collect(text, done, parsed.start, leftovers, before_command=True)
        done = parsed.end
    if done < len(text):
        _collect(text, done, len(text), leftovers, before_command=False)
    return ParseResult(dialect, tuple(commands), tuple(leftovers))


def _collect(text: str, start: int, end: int, leftovers: list[Leftover], *, before_command: bool) -> None:
    if _DECORATION.fullmatch(text, start, end):
        return
    while start <= end:
        newline = text.find("\n", start, end)
        stop = end if newline < 0 else newline
        if not _is_decoration(text, start, stop, before_command=before_command and newline < 0):
            piece = text[start:stop]
            shift = len(piece) - len(piece.lstrip())
            piece = piece.strip()
            leftovers.append(Leftover(piece, start + shift, start + shift + len(piece)))
        start = stop + 1


def _is_decoration(text: str, start: int, stop: int, *, before_command: bool) -> bool:
    if _DECORATION.fullmatch(text, start, stop):
        return True
    at_line_start = start == 0 or text[start - 1] == "\n"
    if not at_line_start:
        return False
    if before_command:
        return _NUMBERED.fullmatch(text, start, stop) is not None
    return _FENCE.fullmatch(text, start, stop) is not None
