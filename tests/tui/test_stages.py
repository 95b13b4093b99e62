"""Stages in the app: estimate, a yes, live figures on every screen, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from textual.pilot import Pilot

from core.llm.models import Role
from core.project import Project
from core.stages.models import CallEstimate, StageName
from core.store.stage_runs import last_runs
from tests.tui.apps import calm, fill, press, running, screen_of, shown, toasts, until
from tests.tui.fake_stage import FAILED, LEFT_OUT, FakeStage, Gate, configure, offer
from tui.app import WorkbenchApp
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.estimate import EstimateDialog
from tui.screens.dialogs.stage_item import StageItem
from tui.screens.overview import OverviewScreen
from tui.screens.stages import StagesScreen


@asynccontextmanager
async def at_work(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    *,
    gate: Gate | None = None,
    size: tuple[int, int] = (120, 40),
    **stage: object,
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[None], Gate]]:
    """The app on the Stages screen, with a stage that waits at 312 of 1,840 for its gate."""
    fill(project)
    configure(project)
    gate = gate or Gate()
    offer(monkeypatch, FakeStage(project, work=gate.work, **stage))  # type: ignore[arg-type]
    async with running(project, size=size) as (app, pilot):
        await press(app, pilot, "v", "y")
        await until(lambda: app.live is not None and app.live.told.done, pilot)
        yield app, pilot, gate
        gate.open = True
        await until(lambda: not app.stages.is_running, pilot)


async def finish(app: WorkbenchApp, pilot: Pilot[None], gate: Gate) -> None:
    gate.open = True
    await until(lambda: app.ended is not None, pilot)
    await calm(app, pilot)


# -- estimate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", ["overview", "stages"])
@pytest.mark.parametrize("stage", list(StageName))
async def test_a_key_shows_what_a_stage_will_cost(
    project: Project, monkeypatch: pytest.MonkeyPatch, screen: str, stage: StageName
) -> None:
    configure(project)
    offer(monkeypatch, FakeStage(project, stage))
    async with running(project, screen) as (app, pilot):  # type: ignore[arg-type]
        await press(app, pilot, stage.value[0])
        screen_of(app, EstimateDialog)
        text = " ".join(shown(app).split())
        assert stage.value.capitalize() in text
        assert "1,852 rephrasings of 184 user steps" in text
        assert "annotator test-model 12 1,840 ~48,000 ~600 $0.12" in text
        assert "1,840 stored, 12 missing" in text
        assert "cost $0.12 for the 12 calls; ~ prompt tokens are estimated" in text
        assert "votes are not counted in" in text
        await press(app, pilot, "escape")
        assert not app.stages.is_running
        with closing(project.open()) as connection:
            assert last_runs(connection) == ()


async def test_nothing_missing_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project)
    calls = (CallEstimate(Role.ANNOTATOR, "test-model", 0, 1852, 0, 0, True, 0.0),)
    offer(monkeypatch, FakeStage(project, calls=calls))
    async with running(project) as (app, pilot):
        await press(app, pilot, "v")
        assert "nothing is missing: all 1,852 answers are stored, no model is asked" in shown(app)


async def test_a_missing_price_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project)
    offer(monkeypatch, FakeStage(project, calls=(CallEstimate(Role.ANNOTATOR, "m", 3, 0, 100, 10, True, None),)))
    async with running(project) as (app, pilot):
        await press(app, pilot, "v")
        assert "no price" in shown(app)
        assert "price_input" in shown(app)


@pytest.mark.parametrize(("key", "role"), [("r", "rephraser"), ("v", "annotator")])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_without_a_model_it_says_how_to_configure_one(
    project: Project, key: str, role: str, size: tuple[int, int]
) -> None:
    async with running(project, size=size) as (app, pilot):
        await press(app, pilot, key)
        text = shown(app)
        assert f"No model is configured as {role}." in text
        for line in (
            f"[llm.{role}]",
            "base_url =",
            'provider = "embedded"',
            "finetune-workbench[local]",
            "workbench llm check",
            "esc",
        ):
            assert line in text, line
        await press(app, pilot, "y")  # nothing to start
        screen_of(app, EstimateDialog)
        await press(app, pilot, "escape")
        screen_of(app, OverviewScreen)


async def test_a_model_that_was_configured_meanwhile_is_found(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "v")
        assert "No model is configured" in shown(app)
        configure(project)
        await press(app, pilot, "escape", "v")
        assert "No model is configured" not in shown(app)


async def test_configuration_that_cannot_be_read_is_told_in_the_dialog(project: Project) -> None:
    configure(project, "[llm.annotator]\nmodle = 'x'\n")
    async with running(project) as (app, pilot):
        await press(app, pilot, "v")
        text = screen_of(app, EstimateDialog).text
        assert "workbench.toml:2" in text
        assert "modle" in text


async def test_enter_on_a_proposed_stage_shows_its_estimate(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from core.pipeline.next_action import NextAction
    from core.pipeline.status import project_status

    configure(project)
    offer(monkeypatch, FakeStage(project))
    proposed = NextAction("validate", "validate 100 rephrasings", "workbench validate")
    monkeypatch.setattr(
        "tui.screens.overview.project_status",
        lambda connection, has_annotator: replace(project_status(connection), next_action=proposed),
    )
    async with running(project) as (app, pilot):
        await press(app, pilot, "enter")
        screen_of(app, EstimateDialog)


async def test_the_keys_of_the_dialog_can_be_clicked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project)
    offer(monkeypatch, FakeStage(project))
    async with running(project) as (app, pilot):
        await press(app, pilot, "v")
        lines = shown(app).splitlines()
        row = next(number for number, line in enumerate(lines) if "Cancel" in line)
        await pilot.click(offset=(lines[row].index("Cancel") + 1, row))
        await calm(app, pilot)
        screen_of(app, OverviewScreen)


# -- while it runs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_running_stage_is_shown_live(
    project: Project, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with at_work(project, monkeypatch, size=size) as (app, pilot, gate):
        screen_of(app, StagesScreen)
        text = " ".join(shown(app).split())
        assert "validate judging rephrasings running" in text
        assert "312 / 1,840 16 %" in text
        assert "At the start 1,840 answers were stored and 12 missing." in text
        gate.done = 400
        await until(lambda: "400 / 1,840" in shown(app), pilot)


@pytest.mark.parametrize("key", ["f1", "f2", "f3", "f4", "f5"])
async def test_every_screen_says_how_far_it_is(project: Project, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, gate):
        await press(app, pilot, key)
        assert "validate 312/1,840" in shown(app).splitlines()[0]
        await finish(app, pilot, gate)
        assert "validate" not in shown(app).splitlines()[0]
        assert ("validate", "done") in toasts(app)


async def test_reviewing_goes_on_while_a_stage_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, _):
        await press(app, pilot, "f3", "a", "a", "x")
        with closing(project.open()) as connection:
            assert connection.execute("SELECT count(*) FROM decision").fetchone() == (3,)


async def test_pause_and_go_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, _):
        await press(app, pilot, "space")
        assert "Paused: no new question is sent." in shown(app)
        assert "validate 312/1,840  paused" in shown(app).splitlines()[0]
        await press(app, pilot, "p")
        assert "paused" not in shown(app).lower().replace("pause,", "")


async def test_one_stage_at_a_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, _):
        await press(app, pilot, "f1", "a")
        screen_of(app, OverviewScreen)
        assert toasts(app)[-1] == ("annotate", "One stage at a time: F6 shows the one that runs.")


async def test_stop_waits_and_a_second_press_ends_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, _):
        await press(app, pilot, "x")
        assert "Waits for the answers on their way; x again ends at once." in shown(app)
        assert app.stages.is_running  # the fake does not look at its control
        await press(app, pilot, "x")
        await until(lambda: app.ended is not None, pilot)
        assert "Ended at once; what was answered is stored. v does what is missing." in shown(app)


async def test_an_error_is_told_and_logged(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Gate):
        async def work(self, progress: object) -> None:
            raise ZeroDivisionError("what nobody foresaw")

    configure(project)
    offer(monkeypatch, FakeStage(project, work=Broken().work))
    async with running(project) as (app, pilot):
        await press(app, pilot, "v", "y")
        await until(lambda: app.ended is not None, pilot)
        await calm(app, pilot)
        assert "ZeroDivisionError: what nobody foresaw" in toasts(app)[-1][1]
        assert "in work" in (project.state_folder / "app.log").read_text(encoding="utf-8")
        assert "failed" in shown(app)


# -- what came of it ----------------------------------------------------------------------------------------------


async def test_what_failed_can_be_looked_through(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch, failures=[FAILED, FAILED], left_out=[LEFT_OUT]) as (app, pilot, gate):
        await finish(app, pilot, gate)
        assert toasts(app)[-1] == ("validate", "done, with 2 failures and 1 left out: F6 shows them")
        text = shown(app)
        assert "done, with failures" in text
        assert "2 items failed, listed below; v tries them again." in text
        assert "1,700  same" in text
        await press(app, pilot, "n")
        assert "timeout: no answer within 60 s" in shown(app)
        await press(app, pilot, "n", "n")
        assert "+ utter_ask_time" in shown(app)
        await press(app, pilot, "enter")
        screen_of(app, StageItem)
        assert "validate: 3 of 3" in shown(app)
        await press(app, pilot, "N", "escape")
        row = screen_of(app, StagesScreen).rows.current
        assert row is not None
        assert row.number == 1  # where the dialog was left
        await press(app, pilot, "h")
        assert screen_of(app, StagesScreen).rows.cursor == 0


async def test_earlier_runs_are_listed_newest_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.store.connection import transaction
    from core.store.stage_runs import begin_run

    with closing(project.open()) as connection, transaction(connection):
        begin_run(connection, StageName.ANNOTATE, "maria", {"paths": []})
        begin_run(connection, StageName.REPHRASE, "maria", {})
    async with running(project, "stages") as (app, pilot):
        text = shown(app)
        assert text.index("rephrase ") < text.index("annotate ")
        assert text.count("! not finished") == 3  # both lines, and the one at the cursor at the right
        await press(app, pilot, "j")
        assert "by maria" in shown(app)


async def test_an_empty_project_says_what_can_be_started(project: Project) -> None:
    async with running(project, "stages", size=(80, 24)) as (app, _):
        text = shown(app)
        for words in (
            "No stage has run here yet.",
            "a Annotate",
            "r Rephrase",
            "v Validate",
            "What it will cost is shown first.",
        ):
            assert words in text, words


# -- leaving ------------------------------------------------------------------------------------------------------


async def test_leaving_asks_while_a_stage_runs_and_may_be_taken_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_work(project, monkeypatch) as (app, pilot, _):
        await press(app, pilot, "q")
        screen_of(app, Confirm)
        assert "validate is running. Stop it and leave?" in shown(app)
        await press(app, pilot, "n")
        screen_of(app, StagesScreen)
        assert app.stages.is_running


async def test_leaving_stops_the_stage_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(project)
    configure(project)
    gate = Gate()
    offer(monkeypatch, FakeStage(project, work=gate.work))
    async with running(project) as (app, pilot):
        await press(app, pilot, "v", "y")
        await until(lambda: app.live is not None and app.live.told.done, pilot)
        await pilot.press("q", "y")
        await pilot.pause()
        assert app.return_code is None
        assert app.live is not None
        assert app.live.state == "stopping"
        gate.open = True
        await until(lambda: app.return_code == 0, pilot)
    with closing(project.open()) as connection:
        assert last_runs(connection)[0].finished_at is not None
