"""Collects what is wrong with one file while it is read, so that every problem is reported in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol

from core.errors import Location, Problem

_EXCERPT_LENGTH = 80


class Mark(Protocol):
    """A place in a file, 0-based, as PyYAML has it."""

    line: int
    column: int


class Marked(Protocol):
    start_mark: Mark


def excerpt(text: str) -> str:
    """`text` on one line, cut to a length that can be shown in a message."""
    shown = text.strip().replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(shown) <= _EXCERPT_LENGTH else shown[: _EXCERPT_LENGTH - 1] + "…"


def nearest(key: str, known: Iterable[str]) -> str | None:
    near = get_close_matches(key.strip().lower(), list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(key: str, known: Iterable[str]) -> str:
    """The sentence that names the known key nearest to `key`, or all of them where none is near."""
    names = list(known)
    near = nearest(key, names)
    if near:
        return f"Did you mean `{near}`?"
    return f"Known here: {', '.join(f'`{name}`' for name in names)}."


class Findings:
    """The problems and warnings of one file. Lines and columns are given 1-based, or by a YAML node."""

    __slots__ = ("path", "problems", "warnings")

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def problem(self, node: Marked, what: str, fix: str, offending: str = "") -> None:
        mark = node.start_mark
        self.problem_at(mark.line + 1, mark.column + 1, what, fix, offending)

    def warning(self, node: Marked, what: str, fix: str, offending: str = "") -> None:
        mark = node.start_mark
        self.warning_at(mark.line + 1, mark.column + 1, what, fix, offending)

    def problem_at(self, line: int | None, column: int | None, what: str, fix: str, offending: str = "") -> None:
        self.problems.append(Problem(Location(self.path, line, column), what, fix, excerpt(offending)))

    def warning_at(self, line: int | None, column: int | None, what: str, fix: str, offending: str = "") -> None:
        self.warnings.append(Problem(Location(self.path, line, column), what, fix, excerpt(offending)))

    def adopt(self, other: Findings) -> None:
        self.problems += other.problems
        self.warnings += other.warnings


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.where.line or 0, problem.where.column or 0)))
