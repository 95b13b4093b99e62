"""What the checks of an assistant find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from core.errors import Location, Problem

_HELPED = 50
_MOST_NAMES = 5_000
_LONGEST_NAME = 100

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`error`: the assistant will not do what it says. `warning`: it runs, but probably not as it is meant."""

    level: Level
    rule: str
    problem: Problem

    def as_data(self) -> dict[str, Any]:
        where = self.problem.where
        return {
            "level": self.level,
            "rule": self.rule,
            "file": where.path,
            "line": where.line,
            "column": where.column,
            "what": self.problem.what,
            "offending": self.problem.offending,
            "fix": self.problem.fix,
        }


class Report:
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def nearly(self, name: str, known: Iterable[str]) -> str:
        """The part of a remedy that names what was probably meant.

        Looking for it among thousands of names takes milliseconds, so only the first findings have it.
        """
        if len(self.findings) >= _HELPED:
            return ""
        names = list(known)
        near = get_close_matches(name[:_LONGEST_NAME], names, n=1, cutoff=0.7) if len(names) < _MOST_NAMES else []
        return f", or write `{near[0]}`" if near else ""

    def error(self, rule: str, where: Location, what: str, fix: str, offending: str = "") -> None:
        self.findings.append(Finding("error", rule, Problem(where, what, fix, offending)))

    def warning(self, rule: str, where: Location, what: str, fix: str, offending: str = "") -> None:
        self.findings.append(Finding("warning", rule, Problem(where, what, fix, offending)))
