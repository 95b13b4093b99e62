"""A stage is run with the project's models and lock; one that ends early says what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.llm.control import Control
from core.llm.meter import MeterReading
from core.llm.models import Answer, Askers, CallFailure, Message, Request, Role
from core.project import Project
from core.stages.models import CallEstimate, Estimate, Progress, StageName, StageReport
from core.stages.running import run_stage
from tests.llm_server import LlmServer, faults, scripted_server


@dataclass
class Greetings:
    """A stage of three questions."""

    project: Project
    name: StageName = StageName.REPHRASE
    roles: tuple[Role, ...] = (Role.ANNOTATOR,)
    answered: int = 0

    def estimate(self) -> Estimate:
        left = 3 - self.answered
        call = CallEstimate(Role.ANNOTATOR, "m", left, self.answered, 10 * left, left, True, 0.5 * left)
        return Estimate(self.name, "3 greetings", (call,))

    async def run(self, askers: Askers, progress: Progress) -> StageReport:
        stopped = ""
        for number in range(3):
            said = await askers(Role.ANNOTATOR).ask(Request("rephrase", (Message("user", f"hello {number}"),)))
            if isinstance(said, CallFailure):
                stopped = str(said)
                break
            assert isinstance(said, Answer)
            self.answered += 1
            progress("greeting", self.answered, 3)
        return StageReport(self.name, {"greetings": self.answered}, stopped=stopped)


@pytest.fixture
def server() -> Iterator[LlmServer]:
    answered = 0

    def answer(body: dict[str, object]) -> str | faults.Fault:
        nonlocal answered
        answered += 1
        return "hello" if answered < 3 else faults.quota_exhausted()

    with scripted_server(answer) as server:
        yield server


async def test_a_stage_that_a_quota_ends_says_how_much_is_missing(project: Project, server: LlmServer) -> None:
    project.open(create=True).close()
    project.config_path.write_text(f'[llm.annotator]\nbase_url = "{server.base_url}"\nmodel = "m"\n')
    readings: list[MeterReading] = []
    report = await run_stage(Project(project.root), Greetings(project), control=Control(), on_reading=readings.append)
    assert report.counts == {"greetings": 2}
    assert report.stopped.startswith("quota exhausted")
    assert report.notes == ("Still missing: 1 calls, about 11 tokens, about 0.5000 USD.",)
    assert readings[-1].answered == 2
