"""The latest coverage run, kept for status and the app."""

from __future__ import annotations

import sqlite3
from typing import Any

from core.coverage.report import CoverageReport
from core.coverage.stored import report_from_data
from core.store.coverage import KEPT_RUNS, last_report, last_summary, save_run


def _save(connection: sqlite3.Connection, passed: int) -> str:
    report = CoverageReport(passed, 0, (), ())
    return save_run(connection, report.summary(), report.as_data())


def test_no_run_yet(connection: sqlite3.Connection) -> None:
    assert (last_summary(connection), last_report(connection)) == (None, None)


def test_the_latest_run_is_given_back(connection: sqlite3.Connection) -> None:
    _save(connection, 1)
    at = _save(connection, 2)
    summary, stored = last_summary(connection), last_report(connection)
    assert summary is not None
    assert (summary.at, summary.passed_tests, summary.percent, summary.failed_gates, summary.is_whole) == (
        at, 2, 100.0, (), True,
    )  # fmt: skip
    assert stored is not None
    data: dict[str, Any] = stored[1]
    assert report_from_data(data).passed_tests == 2


def test_old_runs_are_removed(connection: sqlite3.Connection) -> None:
    for number in range(KEPT_RUNS + 5):
        _save(connection, number)
    assert connection.execute("SELECT count(*) FROM coverage_run").fetchone() == (KEPT_RUNS,)
    summary = last_summary(connection)
    assert summary is not None
    assert summary.passed_tests == KEPT_RUNS + 4
