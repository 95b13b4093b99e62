"""Stages to look at: a real run of annotate on the sample project, whose model knows most labels by heart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from core.annotation.stage import prepare_annotate
from core.commands import Dialect, from_json, to_text
from core.llm.meter import MeterReading
from core.llm.models import CallFailure, FailureKind, Request
from core.pipeline.ingest import ingest
from core.project import Project
from core.sample import copy_sample
from core.stages.models import Estimate, StageName, StageReport
from core.store.connection import transaction
from core.store.stage_runs import begin_run
from tests.llm_fakes import Reply, ScriptedAsker
from tui.app import WorkbenchApp
from tui.messages import StageEnded
from tui.stage_live import StageLive, Told

TIMES = ("2026-01-12T09:30:00.000Z", "2026-01-12T09:34:10.000Z")
_DOWN = CallFailure(
    "", FailureKind.TIMEOUT, "no answer within 60 s", "Raise `timeout` in [llm.annotator], or ask fewer at once."
)


def annotated_sample(folder: Path, labelled: Project) -> tuple[Project, StageReport]:
    """A copy of the sample whose tests a model has annotated: it knows the labels of `labelled`, and fails now and then."""
    project = copy_sample(folder)
    with closing(project.open()) as connection:
        ingest(project, connection, [project.root / "e2e_tests"], reviewer="maria")
    asker = ScriptedAsker(lambda request: _reply(request, labels))
    labels = _labels(labelled)
    stage = prepare_annotate(project, reviewer="maria")
    report = asyncio.run(stage.run(asker, lambda what, done, total: None))
    with closing(project.open()) as connection, transaction(connection):  # the same picture each time
        connection.execute("UPDATE stage_run SET at = ?, finished_at = ?", TIMES)
    return project, report


def _labels(project: Project) -> Mapping[str, str]:
    with closing(project.open()) as connection:
        rows = connection.execute("SELECT text, commands FROM user_step WHERE commands IS NOT NULL AND active = 1").fetchall()
    return {text: "\n".join(to_text(command, Dialect.V2) for command in from_json(commands)) for text, commands in rows}


def _reply(request: Request, labels: Mapping[str, str]) -> Reply:
    message = request.messages[-1].content.split("# Newest message\n")[1].split("\n")[0].removeprefix("USER: ")
    if "workshop" in message:
        return _DOWN
    return "hand over" if "seats" in message else labels.get(message, "hand over")


def running(app: WorkbenchApp, estimate: Estimate) -> None:
    """The app as if a stage were running, with figures that stay the same."""
    reading = MeterReading(
        answered=131, stored=12, retries=3, in_flight=20, limit=32, prompt_tokens=187_420, completion_tokens=2_096,
        cost=0.02, rate=13.4, elapsed=11.0, waiting="",
    )  # fmt: skip
    with closing(app.project.open()) as connection, transaction(connection):
        begin_run(connection, StageName.ANNOTATE, "maria", {})
        connection.execute("UPDATE stage_run SET at = ? WHERE finished_at IS NULL", TIMES[1:])
    app.stages._running = True
    app.stages._live = StageLive(StageName.ANNOTATE, estimate, Told("running tests", 44, 108, reading))
    app._tell(app.stages.live)


def ended(app: WorkbenchApp, estimate: Estimate, report: StageReport) -> None:
    """The app as it is when that stage has ended."""
    reading = MeterReading(
        answered=319, stored=12, failed=len(report.failures), retries=5, prompt_tokens=441_223, completion_tokens=5_296,
        cost=0.05, elapsed=250.0,
    )  # fmt: skip
    live = StageLive(StageName.ANNOTATE, estimate, Told("running tests", 108, 108, reading))
    app.on_stage_ended(StageEnded(replace(live, state="ended"), report))
    app.clear_notifications()
