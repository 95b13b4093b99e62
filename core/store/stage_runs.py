"""One row per run of a stage: what was asked for, and what came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.stages.models import StageName, StageReport
from core.store.connection import utc_now


@dataclass(frozen=True, slots=True)
class StageRun:
    """`finished_at` None: it goes on, or it was killed. `report`: as `StageReport.as_data`, empty while not finished."""

    id: int
    stage: StageName
    at: str
    finished_at: str | None
    reviewer: str
    parameters: Mapping[str, Any]
    report: Mapping[str, Any]


def begin_run(connection: sqlite3.Connection, stage: StageName, reviewer: str, parameters: Mapping[str, Any]) -> int:
    """Returns the run's id."""
    (run_id,) = connection.execute(
        "INSERT INTO stage_run (stage, at, reviewer, parameters) VALUES (?, ?, ?, ?) RETURNING id",
        (stage.value, utc_now(), reviewer, json.dumps(dict(parameters), ensure_ascii=False, default=str)),
    ).fetchone()
    return int(run_id)


def finish_run(connection: sqlite3.Connection, run_id: int, report: StageReport) -> None:
    connection.execute(
        "UPDATE stage_run SET finished_at = ?, report = ? WHERE id = ?",
        (utc_now(), json.dumps(report.as_data(), ensure_ascii=False, default=str), run_id),
    )


def last_runs(connection: sqlite3.Connection, limit: int = 20) -> tuple[StageRun, ...]:
    """The newest first."""
    return tuple(
        StageRun(id_, StageName(stage), at, finished_at, reviewer, json.loads(parameters), json.loads(report))
        for id_, stage, at, finished_at, reviewer, parameters, report in connection.execute(
            "SELECT id, stage, at, finished_at, reviewer, parameters, report FROM stage_run ORDER BY id DESC LIMIT ?", (limit,)
        )
    )
