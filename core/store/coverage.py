"""The latest coverage runs: a short summary for status and overview, and the whole report for the app."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from core.store.connection import transaction, utc_now

KEPT_RUNS = 20
"""Older ones are removed: a run can always be made again."""


@dataclass(frozen=True, slots=True)
class CoverageSummary:
    """`percent`: of all steps that passing tests reach. `failed_gates`: a sentence for each limit that is not reached.

    `is_whole`: all tests of the project were run, not a selection of them.
    """

    at: str
    percent: float
    steps: int
    missing: int
    flows: int
    passed_tests: int
    failed_tests: int
    not_run: int
    failed_gates: tuple[str, ...]
    is_whole: bool

    def __str__(self) -> str:
        missed = len(self.failed_gates)
        limits = f"{missed} limit{'' if missed == 1 else 's'} missed" if missed else "all limits reached"
        when = self.at[:16].replace("T", " ")
        tests = f"{self.passed_tests:,} passing tests" + ("" if self.is_whole else ", a part of all")
        return f"{self.percent:.2f} % of {self.steps:,} steps by {tests} ({when} UTC), {limits}"


def save_run(connection: sqlite3.Connection, summary: dict[str, Any], report: dict[str, Any]) -> str:
    """Store a run as the latest one; returns its time."""
    at = utc_now()
    with transaction(connection):
        connection.execute(
            "INSERT INTO coverage_run (at, summary, report) VALUES (?, ?, ?)",
            (at, json.dumps(summary, ensure_ascii=False), json.dumps(report, ensure_ascii=False)),
        )
        connection.execute("DELETE FROM coverage_run WHERE id <= (SELECT max(id) FROM coverage_run) - ?", (KEPT_RUNS,))
    return at


def last_summary(connection: sqlite3.Connection) -> CoverageSummary | None:
    row = connection.execute("SELECT at, summary FROM coverage_run ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    data = json.loads(row[1])
    return CoverageSummary(at=row[0], **(data | {"failed_gates": tuple(data["failed_gates"])}))


def last_report(connection: sqlite3.Connection) -> tuple[str, dict[str, Any]] | None:
    """When the latest run was made, and its report as plain data."""
    row = connection.execute("SELECT at, report FROM coverage_run ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else (row[0], json.loads(row[1]))
