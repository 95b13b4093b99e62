"""Builds and preflights from the app: what is asked first, what is shown meanwhile, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from core.dataset.models import DatasetOptions
from core.errors import WorkbenchError
from core.preflight.models import Finding, Severity
from core.preflight.options import PreflightOptions
from core.project import Project
from core.store.datasets import all_datasets
from tests.tui.apps import calm, press, running, screen_of, shown, toasts, until
from tests.tui.dataset_project import preflight_report, ships, version_of, without_process
from tui.dataset_jobs import DatasetJobs, Job, JobEnded, JobTold
from tui.dataset_process import Outcome
from tui.screens.dataset import DatasetScreen
from tui.screens.dialogs.build_dataset import BuildDialog
from tui.screens.dialogs.options import CHOICES, chosen_values, moved
from tui.screens.dialogs.preflight_model import PreflightDialog

Tell = Callable[[str, int, int], None]


class Held:
    """Work that waits at 40 of 100 until it is let go, and remembers what it was asked."""

    def __init__(self, name: str = "0123456789ab") -> None:
        self.name, self.asked = name, list[dict[str, Any]]()
        self.gate = threading.Event()

    def __call__(self, request: dict[str, Any], tell: Tell) -> Outcome:
        self.asked.append(request)
        if request["do"] != "quality":
            tell("comparing", 40, 100)
            self.gate.wait(10)
        return Outcome(self.name)


async def test_b_asks_what_the_dataset_is_to_be_and_builds_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    without_process(monkeypatch)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "b")
        screen_of(app, BuildDialog)
        assert "80 %" in shown(app)
        await press(app, pilot, "h", "j", "l", "l")  # train 75 %, holdout 10 %
        assert "every look at it is recorded" in shown(app)
        await press(app, pilot, "b")
        await until(lambda: screen_of(app, DatasetScreen).version, pilot)
        await calm(app, pilot)
        version = screen_of(app, DatasetScreen).version
        assert version is not None
        assert (version.parameters["train_frac"], version.parameters["holdout_frac"]) == (0.75, 0.1)
        assert version.reviewer == "tester"
        assert f"{version.name}: done" in toasts(app)[-1][1]


async def test_the_dialog_begins_with_what_workbench_toml_says(project: Project) -> None:
    project = ships(project)
    text = project.config_path.read_text(encoding="utf-8")
    project.config_path.write_text(f'{text}[export]\ntrain_frac = 0.65\nstrategy = "tests"\n', encoding="utf-8")
    async with running(Project(project.root), "dataset") as (app, pilot):
        await press(app, pilot, "b")
        dialog = screen_of(app, BuildDialog)
        assert dialog.options is not None
        assert (dialog.options.train_frac, dialog.options.strategy) == (0.65, "tests")
        await press(app, pilot, "escape")
        assert screen_of(app, DatasetScreen).jobs.job is None


async def test_a_wrong_configuration_is_told_in_the_dialog(project: Project) -> None:
    project.config_path.write_text("[export]\ntrain_frac = 7\n", encoding="utf-8")
    async with running(Project(project.root), "dataset", size=(80, 24)) as (app, pilot):
        await press(app, pilot, "b")
        assert "train_frac" in " ".join(shown(app).split())
        await press(app, pilot, "b", "j", "l")
        screen_of(app, BuildDialog)


def test_every_value_of_the_dialog_makes_options_that_can_be_built() -> None:
    options = DatasetOptions()
    for choice in CHOICES:
        seen = set()
        for _ in range(len(chosen_values(choice, options))):
            options = moved(options, choice, 1)
            seen.add(getattr(options, choice.name))
            assert options.train_frac + options.holdout_frac <= 1
        assert seen >= {getattr(DatasetOptions(), choice.name)}
    assert moved(moved(options, CHOICES[0], 1), CHOICES[0], -1) == options


async def test_progress_shows_and_keys_work_meanwhile(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    version_of(project)
    held = Held()
    without_process(monkeypatch, held)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "b", "b")
        await until(lambda: "40 %" in shown(app), pilot)
        assert "Building a dataset" in shown(app)
        assert "comparing" in shown(app)
        assert "b Build" not in shown(app)
        assert "x Stop" in shown(app)
        await press(app, pilot, "4", "b")  # one at a time
        screen_of(app, DatasetScreen)
        await press(app, pilot, "f1", "f7")
        assert "40 %" in shown(app)
        held.gate.set()
        await until(lambda: screen_of(app, DatasetScreen).jobs.job is None, pilot)
        await calm(app, pilot)
        assert "Building a dataset  ━" not in shown(app)
        assert [one["do"] for one in held.asked] == ["build"]


async def test_a_stopped_build_leaves_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    held = Held()
    without_process(monkeypatch, held)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "b", "b")
        await until(lambda: held.asked, pilot)
        await press(app, pilot, "x")
        held.gate.set()
        await until(lambda: screen_of(app, DatasetScreen).jobs.job is None, pilot)
        await calm(app, pilot)
        assert "Stopped; nothing was stored." in toasts(app)[-1][1]
        assert "No dataset yet" in shown(app)


async def test_a_build_that_cannot_be_done_says_why(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    without_process(monkeypatch)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "b", "b")
        await until(lambda: toasts(app), pilot)
        assert "there is nothing to build a dataset of" in toasts(app)[0][1]
        assert screen_of(app, DatasetScreen).jobs.job is None


async def test_p_asks_for_the_model_and_starts_a_preflight_of_the_version(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ships(project)
    version = version_of(project)
    held = Held(version.name)
    held.gate.set()
    without_process(monkeypatch, held)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "p")
        screen_of(app, PreflightDialog)
        await press(app, pilot, "escape")
        assert held.asked == []
        await press(app, pilot, "p", "enter")  # no model: the dialog stays
        screen_of(app, PreflightDialog)
        await press(app, pilot, *"base", "enter")
        await until(lambda: held.asked, pilot)
        assert held.asked[0]["options"] == PreflightOptions(model="base").as_data()
        assert (held.asked[0]["dataset"], held.asked[0]["root"]) == (version.address, str(project.root))
        await until(lambda: screen_of(app, DatasetScreen).jobs.job is None, pilot)


async def test_a_model_that_cannot_be_read_is_told_and_kept_until_the_next_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ships(project)
    version_of(project)
    version_of(project, seed=7)
    can_be_read = threading.Event()

    def work(request: dict[str, Any], tell: Tell) -> Outcome:
        if can_be_read.is_set():
            return Outcome(request["dataset"][:12])
        raise WorkbenchError("no tokenizer in base", remedy="Name another folder.")

    without_process(monkeypatch, work)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "6", "p", *"base", "enter")
        await until(lambda: toasts(app), pilot)
        await calm(app, pilot)
        assert toasts(app)[0][1] == "no tokenizer in base\nName another folder."
        kept = "could not be run base ✗ no tokenizer in base → Name another folder. No preflight yet"
        await press(app, pilot, "f1", "f7", "5", "6")
        assert kept in " ".join(screen_of(app, DatasetScreen).pane.text.split())
        await press(app, pilot, "j")  # another version had no such trouble
        assert "could not be run" not in screen_of(app, DatasetScreen).pane.text
        can_be_read.set()
        await press(app, pilot, "k", "p", "enter")  # the model stands there already
        await until(lambda: len(toasts(app)) == 2, pilot)
        await calm(app, pilot)
        assert "could not be run" not in screen_of(app, DatasetScreen).pane.text


async def test_a_preflight_that_failed_is_not_told_as_done(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project = ships(project)
    version = version_of(project)
    checks = ("pad-token", "balance")
    report = preflight_report(version, findings=[Finding(name, Severity.FAIL, "it is so", "mend it") for name in checks])
    monkeypatch.setattr("core.preflight.run.preflight", lambda version, options, progress: report)
    without_process(monkeypatch)
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "p", *"base", "enter")
        await until(lambda: toasts(app), pilot)
        assert toasts(app) == [("Preflight", f"{version.name}: 2 checks failed: pad-token, balance")]
        report = preflight_report(version)
        await press(app, pilot, "p", "enter")
        await until(lambda: len(toasts(app)) == 2, pilot)
        assert toasts(app)[1] == ("Preflight", f"{version.name}: passed")


async def test_the_folder_and_the_options_are_looked_at_before_a_preflight_starts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ships(project)
    version = version_of(project)
    held = Held(version.name)
    held.gate.set()
    without_process(monkeypatch, held)
    async with running(project, "dataset", size=(80, 24)) as (app, pilot):
        await press(app, pilot, "p", *"/nope", "enter")
        screen_of(app, PreflightDialog)
        assert "the folder /nope is not there" in shown(app)
        await press(app, pilot, *["backspace"] * 5, *"base", "tab", *"--waive nothing", "enter")
        screen_of(app, PreflightDialog)
        assert "there is no check `nothing`" in shown(app)
        assert "esc Cancel" in shown(app)
        await press(app, pilot, *["backspace"] * 7, *"balance --pad-token '<|x|>' --max-length 2048", "enter")
        await until(lambda: held.asked, pilot)
        wanted = PreflightOptions(model="base", max_length=2048, pad_token="<|x|>", waived=("balance",))
        assert held.asked[0]["options"] == wanted.as_data()
        await until(lambda: screen_of(app, DatasetScreen).jobs.job is None, pilot)
        await press(app, pilot, "p")  # what was typed stands there again
        assert "--waive balance --pad-token '<|x|>'" in shown(app)


async def test_numbers_of_a_build_can_be_typed(project: Project) -> None:
    async with running(project, "dataset", size=(80, 24)) as (app, pilot):
        await press(app, pilot, "b", "k", *"20260112")
        dialog = screen_of(app, BuildDialog)

        def option(name: str) -> object:
            return getattr(dialog.options, name)

        assert option("seed") == 20_260_112
        assert "20260112" in shown(app)
        await press(app, pilot, "backspace", "backspace")
        assert option("seed") == 202_601
        await press(app, pilot, "minus", "7")
        assert option("seed") == -7
        await press(app, pilot, "k", *"1234")
        assert option("max_points") == 1234
        await press(app, pilot, *["backspace"] * 4)
        assert option("max_points") is None
        await press(app, pilot, "0", "k", "0")
        assert (option("max_points"), option("max_per_conversation")) == (None, 0)
        await press(app, pilot, "k", "5", "minus", "backspace")  # no number that can be typed
        assert option("near_duplicates") == DatasetOptions().near_duplicates
        assert option("max_per_conversation") == 0


async def test_without_a_dataset_p_says_so(project: Project) -> None:
    async with running(project, "dataset") as (app, pilot):
        await press(app, pilot, "p")
        assert "There is no dataset yet" in toasts(app)[0][1]


class Listener:
    """What a real process tells."""

    def __init__(self) -> None:
        self.doing: set[str] = set()
        self.jobs = DatasetJobs(self._hear)
        self._last: JobEnded | None = None
        self._ended = threading.Event()

    def _hear(self, message: object) -> None:
        if isinstance(message, JobTold):
            self.doing.add(message.doing)
        if isinstance(message, JobEnded):
            self._last = message
            self._ended.set()

    def end(self) -> JobEnded:
        assert self._ended.wait(60)
        self._ended.clear()
        assert self._last is not None
        return self._last


def test_the_real_process_builds_and_tells(project: Project) -> None:
    project = ships(project)
    heard = Listener()
    root = {"root": str(project.root)}
    heard.jobs.start(Job("build", {**root, "options": DatasetOptions(train_frac=0.7).as_data(), "reviewer": "tester"}))
    ended = heard.end()
    assert ended.error is None
    assert "writing" in heard.doing
    with closing(project.open()) as connection:
        (version,) = all_datasets(project, connection)
    assert ended.outcome == Outcome(version.name)
    heard.jobs.start(Job("preflight", {**root, "dataset": "ffffffff", "options": PreflightOptions(model="x").as_data()}))
    error = heard.end().error
    assert isinstance(error, WorkbenchError)
    assert error.what == "there is no dataset `ffffffff`"
    assert error.remedy


def test_a_process_that_dies_is_told_with_its_last_words(project: Project) -> None:
    heard = Listener()
    heard.jobs.start(Job("build", {"root": str(project.root), "options": {"no_such_option": 1}, "reviewer": "tester"}))
    error = heard.end().error
    assert "ended with code 1" in str(error)
    assert any("no_such_option" in note for note in getattr(error, "__notes__", ()))


def test_a_stopped_process_ends_at_once(project: Project) -> None:
    project = ships(project)
    heard = Listener()
    heard.jobs.start(Job("build", {"root": str(project.root), "options": {}, "reviewer": "tester"}))
    heard.jobs.stop()
    ended = heard.end()
    assert (ended.outcome, ended.error) == (None, None)
