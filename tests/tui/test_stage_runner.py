"""A stage in a process of its own: what it tells, how it obeys, and what is left when it dies."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from multiprocessing import Pipe
from pathlib import Path

import pytest
from textual.message import Message

from core.errors import UsageError
from core.project import Project
from core.stages.models import Progress, Stage
from core.store.stage_runs import last_runs
from tests.tui.fake_stage import FAILED, FakeStage, configure
from tui.messages import StageEnded, StageTicked
from tui.stage_process import serve
from tui.stage_runner import StageRunner


class Heard:
    """Collects what a runner tells."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def ended(self) -> StageEnded | None:
        return next((one for one in self.messages if isinstance(one, StageEnded)), None)

    @property
    def done(self) -> list[int]:
        return [one.live.told.done for one in self.messages if isinstance(one, StageTicked)]


async def until_there(flag: Path, progress: Progress) -> None:
    """Works until the file is there."""
    progress("judging", 1, 3)
    while not flag.exists():
        await asyncio.sleep(0.01)
    progress("judging", 2, 3)


async def for_ever(progress: Progress) -> None:
    progress("judging", 1, 3)
    await asyncio.sleep(60)


async def deaf(progress: Progress) -> None:
    """Holds its event loop, whatever it is told."""
    progress("judging", 1, 3)
    await asyncio.sleep(0.5)
    time.sleep(60)


async def impossible(progress: Progress) -> None:
    raise UsageError("this cannot be done", remedy="Do something else.")


async def crash(progress: Progress) -> None:
    os.write(2, b"last words of a library")
    os._exit(7)


def make(root: Path, work: Callable[[Progress], object]) -> tuple[Project, Stage]:
    project = Project(root)
    return project, FakeStage(project, work=work, failures=[FAILED])  # type: ignore[arg-type]


def start(project: Project, work: Callable[[Progress], object]) -> tuple[StageRunner, Heard]:
    configure(project)
    heard = Heard()
    runner = StageRunner(heard)
    stage = make(project.root, work)[1]
    runner.start(stage.name, stage.estimate(), partial(make, project.root, work))
    return runner, heard


def state_of(runner: StageRunner) -> str:
    return runner.live.state


def wait(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_tells_how_far_it_is_and_what_came_of_it(project: Project) -> None:
    flag = project.root / "go"
    runner, heard = start(project, partial(until_there, flag))
    wait(lambda: 1 in heard.done)
    assert state_of(runner) == "running"
    flag.touch()
    wait(lambda: heard.ended)
    assert heard.ended is not None
    assert heard.ended.report is not None
    assert heard.ended.report.failures == (FAILED,)
    assert heard.ended.live.state == state_of(runner) == "ended"
    assert not runner.is_running
    with closing(project.open()) as connection:
        assert last_runs(connection)[0].finished_at is not None


def test_it_runs_in_a_process_of_its_own(project: Project) -> None:
    runner, heard = start(project, for_ever)
    wait(lambda: 1 in heard.done)
    lock = (project.state_folder / "stage.lock").read_text(encoding="utf-8")
    assert f"process {os.getpid()}," not in lock
    assert os.getpgid(int(lock.split("process ")[1].split(",")[0])) != os.getpgid(0)
    runner.stop()
    runner.stop()
    wait(lambda: heard.ended)


def test_pausing_shows(project: Project) -> None:
    runner, heard = start(project, for_ever)
    wait(lambda: 1 in heard.done)
    runner.pause()
    assert state_of(runner) == "paused"
    runner.pause()
    assert state_of(runner) == "running"
    runner.stop()
    assert state_of(runner) == "stopping"
    runner.stop()
    wait(lambda: heard.ended)


def test_the_second_stop_ends_it_at_once(project: Project) -> None:
    runner, heard = start(project, for_ever)
    wait(lambda: 1 in heard.done)
    runner.stop()
    time.sleep(0.3)
    assert runner.is_running
    runner.stop()
    wait(lambda: heard.ended, 5)
    assert heard.ended is not None
    assert (heard.ended.report, heard.ended.error) == (None, None)
    with closing(project.open()) as connection:
        assert last_runs(connection)[0].report["stopped"] == "ended at once"


def test_the_third_stop_ends_what_hears_nothing(project: Project) -> None:
    runner, heard = start(project, deaf)
    wait(lambda: 1 in heard.done)
    time.sleep(0.7)
    runner.stop()
    runner.stop()
    time.sleep(0.3)
    assert runner.is_running
    runner.stop()
    wait(lambda: heard.ended, 5)
    assert heard.ended is not None
    assert heard.ended.error is None


def test_what_a_user_can_mend_arrives_as_it_was_raised(project: Project) -> None:
    _, heard = start(project, impossible)
    wait(lambda: heard.ended)
    assert heard.ended is not None
    error = heard.ended.error
    assert isinstance(error, UsageError)
    assert (error.what, error.remedy) == ("this cannot be done", "Do something else.")


def test_a_process_that_dies_is_told_with_its_last_words(project: Project) -> None:
    _, heard = start(project, crash)
    wait(lambda: heard.ended)
    assert heard.ended is not None
    error = heard.ended.error
    assert str(error) == "its process ended with code 7; what was answered is stored"
    assert error is not None
    assert "last words of a library" in "".join(error.__notes__)


def test_without_an_app_it_stops_by_itself(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed app is the end of the connection."""
    monkeypatch.setattr("tui.stage_process.LINGER", 0.1)
    configure(project)
    ours, its = Pipe()
    thread = threading.Thread(target=serve, args=(its, partial(make, project.root, for_ever)), daemon=True)
    thread.start()
    while ours.recv().done != 1:
        pass
    ours.close()
    thread.join(10)
    assert not thread.is_alive()
    with closing(project.open()) as connection:
        assert last_runs(connection)[0].report["stopped"] == "ended at once"


def test_a_second_run_in_the_same_project_is_refused(project: Project) -> None:
    runner, heard = start(project, for_ever)
    wait(lambda: 1 in heard.done)
    _, second = start(project, for_ever)
    wait(lambda: second.ended)
    assert second.ended is not None
    assert isinstance(second.ended.error, UsageError)
    assert "a stage runs in this project already" in second.ended.error.what
    runner.stop()
    runner.stop()
    wait(lambda: heard.ended)


@pytest.mark.parametrize("orders", [1, 2])
def test_orders_that_come_too_early_are_obeyed(project: Project, orders: int) -> None:
    runner, heard = start(project, partial(until_there, project.root / "go"))
    for _ in range(orders):
        runner.stop()
    (project.root / "go").touch()
    wait(lambda: heard.ended)
    assert heard.ended is not None
    assert heard.ended.error is None
