"""The tests that the latest annotation left out or kept though they fail, as they are stored, with their diffs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.annotation.outcome import REMARK, Outcome


@dataclass(frozen=True, slots=True)
class FailingTest:
    """`failures`: as `core.annotation.outcome.Annotated` has them, remarks on answers among them."""

    file: str
    name: str
    occurrence: int
    line: int | None
    outcome: Outcome
    failures: tuple[Mapping[str, Any], ...]

    def lines(self) -> list[str]:
        """For people: a heading, then each failure with its diff."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        found = [f"{_HEADINGS[self.outcome]} {where}  {self.name}"]
        for failure in self.failures:
            step = f"user step {failure['user_step']} " if failure["user_step"] else ""
            if failure["kind"] == REMARK:
                found.append(f"  {step}({failure['where']}): {failure['note']}")
                continue
            found.append(f"  {step}({failure['where']}): {failure['kind']}")
            found += [f"    {line}" for line in failure["diff"]]
            if failure["note"]:
                found.append(f"    {failure['note']}")
        return found

    def as_data(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "name": self.name,
            "occurrence": self.occurrence,
            "line": self.line,
            "outcome": self.outcome.value,
            "failures": [dict(failure) for failure in self.failures],
        }


_HEADINGS = {
    Outcome.FAILED: "LEFT OUT",
    Outcome.KEPT: "KEPT, FAILS",
    Outcome.NOT_RUN: "NOT RUN",
    Outcome.ANNOTATED: "ANNOTATED",
}


def failing_tests(connection: sqlite3.Connection) -> list[FailingTest]:
    """Every test whose annotation has something to show, in the order of files and lines."""
    return [
        FailingTest(file, name, occurrence, line, Outcome(outcome), tuple(json.loads(failures)))
        for file, name, occurrence, line, outcome, failures in connection.execute(
            "SELECT c.file, c.name, c.occurrence, c.line, a.outcome, a.failures FROM annotation a"
            " JOIN conversation c ON c.id = a.conversation_id WHERE c.active = 1 AND a.failures <> '[]'"
            " ORDER BY c.file, c.line, c.id"
        )
    ]
