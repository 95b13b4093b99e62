"""A team's server that does what a test says, in the thread that the app starts for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from core.project import Project
from core.stages.models import Progress
from review.argilla.choosing import Wanted
from tui.team_live import Link, TeamOutcome
from tui.team_work import Cancelled

CONNECTED = Link("connected", "https://labels.example.org", "workbench", "maria (owner)", "2.8.0", "09:30")


@dataclass
class FakeTeam:
    """`outcome`, or `error`, is what comes of the next push or pull. `closed`: it waits for `gate`, or is stopped."""

    outcome: TeamOutcome = field(default_factory=lambda: TeamOutcome(CONNECTED, "3 new answers.", is_news=True))
    error: Exception | None = None
    check_error: Exception | None = None
    closed: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    told: list[str] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)

    def check(self, project: Project, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
        if self.check_error is not None:
            raise self.check_error
        return TeamOutcome(CONNECTED)

    def push(self, project: Project, wanted: Wanted, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
        self.wanted.append(wanted)
        return self._work("push", "sending records", progress, cancelled)

    def pull(self, project: Project, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
        return self._work("pull", "reading round-1", progress, cancelled)

    def _work(self, name: str, words: str, progress: Progress, cancelled: Cancelled) -> TeamOutcome:
        self.told.append(f"{name} begins in {threading.current_thread().name}")
        progress(words, 40, 200)
        while self.closed and not cancelled() and not self.gate.wait(0.01):
            pass
        self.told.append(f"{name} stopped" if cancelled() else f"{name} ends")
        if self.error is not None:
            raise self.error
        return self.outcome


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> FakeTeam:
    fake = FakeTeam()
    for name in ("check", "push", "pull"):
        monkeypatch.setattr(f"tui.team_work.{name}", getattr(fake, name))
    return fake
