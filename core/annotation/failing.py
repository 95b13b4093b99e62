"""The tests that the latest annotation left out or kept though they fail, as they are stored, with their diffs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.annotation.outcome import ANSWER, REMARK, Outcome
from core.store.failing import LEFT_OUT


@dataclass(frozen=True, slots=True)
class FailingTest:
    """`failures`: as `core.annotation.outcome.Annotated` has them, with what the model answered. `is_left_out`: later stages
    have nothing of the test; else those that failed have an annotation from a file, which stands.
    """

    file: str
    name: str
    occurrence: int
    line: int | None
    outcome: Outcome
    failures: tuple[Mapping[str, Any], ...]
    is_left_out: bool

    def lines(self) -> list[str]:
        """For people: a heading, then each failure with its diff."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        is_failed = self.outcome is Outcome.FAILED
        heading = "LEFT OUT" if is_failed and self.is_left_out else _HEADINGS[self.outcome]
        standing = " (its annotation from a file stands)" if is_failed and not self.is_left_out else ""
        found = [f"{heading} {where}  {self.name}{standing}"]
        for failure in self.failures:
            step = f"user step {failure['user_step']} " if failure["user_step"] else ""
            if failure["kind"] in (REMARK, ANSWER):
                found.append(f"  {step}({failure['where']}): {failure['note']}")
                if failure.get("call"):
                    found.append(f"    workbench llm show {failure['call'][:_SHOWN_OF_KEY]}")
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
            "left_out": self.is_left_out,
            "failures": [dict(failure) for failure in self.failures],
        }


_HEADINGS = {
    Outcome.FAILED: "FAILS",
    Outcome.KEPT: "KEPT, FAILS",
    Outcome.NOT_RUN: "NOT RUN",
    Outcome.ANNOTATED: "ANNOTATED",
}
_SHOWN_OF_KEY = 12
"""Characters of a call's key."""


def failing_tests(connection: sqlite3.Connection) -> list[FailingTest]:
    """Every test whose annotation has something to show, in the order of files and lines."""
    return [
        FailingTest(file, name, occurrence, line, Outcome(outcome), tuple(json.loads(failures)), bool(is_left_out))
        for file, name, occurrence, line, outcome, failures, is_left_out in connection.execute(
            f"SELECT c.file, c.name, c.occurrence, c.line, a.outcome, a.failures, {LEFT_OUT} FROM annotation a"
            " JOIN conversation c ON c.id = a.conversation_id WHERE c.active = 1 AND a.failures <> '[]'"
            " ORDER BY c.file, c.line, c.id"
        )
    ]
