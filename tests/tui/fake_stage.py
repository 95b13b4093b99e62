"""A stage that does what a test says, and a project in which it can be started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import pytest

from core.llm.models import Askers, Role
from core.project import Project
from core.stages.models import CallEstimate, Estimate, ItemFailure, Progress, StageName, StageReport
from core.store.connection import transaction
from core.store.stage_runs import begin_run, finish_run
from tui.stage_process import serve
from tui.stage_runner import StageRunner

CONFIGURED = """\
[llm.annotator]
base_url = "http://127.0.0.1:9/v1"
model = "test-model"
[llm.rephraser]
base_url = "http://127.0.0.1:9/v1"
model = "test-model"
"""
FAILED = ItemFailure(
    "e2e_tests/loans.yml: renew a loan, user step 2, rephrasing 3",
    "timeout: no answer within 60 s",
    "Run validate again; it asks only what is missing.",
)
LEFT_OUT = ItemFailure(
    "e2e_tests/rooms.yml: book a room",
    "the test fails at user step 2\n  - utter_ask_day\n  + utter_ask_time",
    "Mend the test, or say --keep-failing.",
)


async def nothing_more(progress: Progress) -> None:
    """Ends at once."""


@dataclass(frozen=True)
class FakeStage:
    """`work` is what it does between the beginning and the end of its run."""

    project: Project
    name: StageName = StageName.VALIDATE
    work: Callable[[Progress], Awaitable[None]] = nothing_more
    failures: Sequence[ItemFailure] = ()
    left_out: Sequence[ItemFailure] = ()
    roles: tuple[Role, ...] = (Role.ANNOTATOR,)
    calls: tuple[CallEstimate, ...] = field(
        default=(CallEstimate(Role.ANNOTATOR, "test-model", 12, 1840, 48_000, 600, False, 0.12),)
    )
    reviewer: str = "tester"

    def estimate(self) -> Estimate:
        return Estimate(self.name, "1,852 rephrasings of 184 user steps", self.calls, ("votes are not counted in",))

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        with closing(self.project.open()) as connection:
            with transaction(connection):
                run_id = begin_run(connection, self.name, self.reviewer, {"mode": "value-aware"})
            report = StageReport(self.name, {}, stopped="ended at once")
            try:
                await self.work(progress)
                report = StageReport(
                    self.name, {"rephrasings": 1852, "same": 1700, "different": 100, "ambiguous": 52},
                    tuple(self.left_out), tuple(self.failures),
                )  # fmt: skip
            finally:
                with transaction(connection):
                    finish_run(connection, run_id, report)
        return report


def configure(project: Project, text: str = CONFIGURED) -> None:
    """Models for all stages, so that they can be prepared."""
    project.config_path.write_text(text, encoding="utf-8")


def offer(monkeypatch: pytest.MonkeyPatch, stage: FakeStage) -> None:
    """From now on the app prepares this stage, whichever is asked for, and runs it in a thread instead of a process."""

    def launch(self: StageRunner, other: Connection, log: object) -> None:
        threading.Thread(target=lambda: serve(other, other.recv()), daemon=True).start()

    monkeypatch.setattr(StageRunner, "_launch", launch)
    monkeypatch.setattr("tui.stage_preparing._stage", lambda project, name, reviewer: stage)


class Gate:
    """Holds a stage's work until the test lets it go, and says how far it is."""

    def __init__(self, done: int = 312, total: int = 1840) -> None:
        self.done, self.total = done, total
        self.open = False

    async def work(self, progress: Progress) -> None:
        while not self.open:
            progress("judging rephrasings", self.done, self.total)
            await asyncio.sleep(0.01)
