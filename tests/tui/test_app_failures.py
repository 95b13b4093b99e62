"""What goes wrong becomes a toast with the next step and a line in the log; the app goes on."""

from __future__ import annotations

import sqlite3

import pytest

from core.errors import DecisionError
from core.project import Project
from core.user import User
from tests.tui.apps import fill, press, running, screen_of, toasts, until
from tui.app import WorkbenchApp
from tui.app_log import MOST_BYTES, log_failure
from tui.screens.conversations import ConversationsScreen
from tui.screens.overview import OverviewScreen


def log_of(project: Project) -> str:
    path = project.state_folder / "app.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def test_wrong_configuration_is_told_with_its_line(project: Project) -> None:
    project.config_path.write_text("[project]\ncolour = 'red'\n", encoding="utf-8")
    async with running(project) as (app, pilot):
        await until(lambda: toasts(app), pilot)
        ((title, text),) = toasts(app)
        assert title == "Project"
        assert f"{project.config_path}:2" in text
        assert "Mend or remove it" in text
        assert "ProjectError" in log_of(project)
        screen_of(app, OverviewScreen)


async def test_configuration_that_is_no_toml_does_not_stop_the_app(project: Project) -> None:
    project.config_path.write_text("[project\n", encoding="utf-8")
    async with running(project) as (app, pilot):
        await until(lambda: toasts(app), pilot)
        assert "not valid TOML" in toasts(app)[0][1]


@pytest.mark.parametrize("start", ["overview", "conversations"])
async def test_a_database_that_cannot_be_opened_is_told_once(project: Project, start: str) -> None:
    project.database_path.write_bytes(b"this is no database, whatever its name says" * 100)
    async with running(project, start) as (app, pilot):  # type: ignore[arg-type]
        await pilot.pause(0.3)
        assert {title for title, _ in toasts(app)} == {"Database"}
        assert "restore it from a copy" in toasts(app)[0][1].lower()


async def test_an_action_that_fails_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: OverviewScreen) -> None:
        raise DecisionError("this cannot be decided", remedy="Choose another.")

    monkeypatch.setattr(OverviewScreen, "action_refresh_counts", fail)
    async with running(project) as (app, pilot):
        app.clear_notifications()
        await press(app, pilot, "ctrl+r")
        assert ("Decision", "this cannot be decided\nChoose another.") in toasts(app)
        assert app.is_running


async def test_a_database_error_in_an_action_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: ConversationsScreen, rows: int) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(ConversationsScreen, "action_move", fail)
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "j")
        ((title, text),) = toasts(app)
        assert title == "Database"
        assert "workbench doctor" in text


async def test_markup_in_a_message_is_shown_as_it_is(project: Project) -> None:
    async with running(project) as (app, pilot):
        app.report(DecisionError("broken [/foo] markup [red]"), "that")
        await pilot.pause()
        assert toasts(app)[-1][1] == "broken [/foo] markup [red]"


async def test_a_fault_of_the_program_is_logged(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: OverviewScreen) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(OverviewScreen, "action_refresh_counts", fail)

    async def use() -> None:
        async with WorkbenchApp(project, User("tester")).run_test() as pilot:
            await pilot.press("ctrl+r")
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await use()
    assert "the app stopped: ZeroDivisionError" in log_of(project)


def test_the_log_does_not_grow_for_ever(project: Project) -> None:
    path = project.state_folder / "app.log"
    path.write_text("x" * (MOST_BYTES + 1), encoding="utf-8")
    log_failure(project.state_folder, ValueError("new"), "testing")
    assert "testing: ValueError" in path.read_text(encoding="utf-8")
    assert path.stat().st_size < 1000
    assert path.with_suffix(".log.1").stat().st_size > MOST_BYTES


def test_a_log_that_cannot_be_written_is_no_second_failure(project: Project) -> None:
    (project.state_folder / "app.log").mkdir()
    log_failure(project.state_folder, ValueError("new"), "testing")
