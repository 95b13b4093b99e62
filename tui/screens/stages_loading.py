"""What the Stages screen lists: the latest runs, and of the one that goes on what has failed so far."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, dataclass, replace

from textual.message import Message

from core.project import Project
from core.stages.models import ItemFailure
from core.store.llm_calls import CallRow, failed_calls
from core.store.stage_runs import StageRun, last_runs

SHOWN_RUNS = 50
SHOWN_FAILURES = 500
"""Of a run that goes on; its report will have them all."""


@dataclass
class RunsRead(Message):
    """The newest first."""

    runs: tuple[StageRun, ...]


def load_runs(project: Project, *, running: bool) -> RunsRead:
    """`running`: the newest run goes on, in this app. Takes milliseconds; for a worker all the same.

    Raises:
        StoreError: the database cannot be opened.
    """
    with closing(project.open()) as connection:
        runs = last_runs(connection, SHOWN_RUNS)
        if not (running and runs and runs[0].finished_at is None):
            return RunsRead(runs)
        newest = runs[0]
        failed = failed_calls(connection, stage=newest.stage.value, limit=SHOWN_FAILURES)
    so_far = [asdict(_as_item(row)) for row in failed if row.at >= newest.at]
    return RunsRead((replace(newest, report={"failures": so_far}), *runs[1:]))


def _as_item(row: CallRow) -> ItemFailure:
    remedy = json.loads(row.failure).get("remedy", "") if row.failure else ""
    return ItemFailure(row.item, row.failure_text, remedy, row.key)
