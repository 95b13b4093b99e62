"""Going from screen to screen, starting, help and palette."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.project import Project
from tests.tui.apps import fill, press, running, screen_of, shown, toasts
from tui.actions import ACTIONS
from tui.app import SCREEN_NAMES, ScreenName
from tui.screens.conversations import ConversationsScreen
from tui.screens.coverage import CoverageScreen
from tui.screens.dataset import DatasetScreen
from tui.screens.help import HelpScreen
from tui.screens.overview import OverviewScreen
from tui.screens.review import ReviewScreen
from tui.screens.settings import SettingsScreen
from tui.screens.team import TeamScreen


async def test_function_keys_go_to_every_screen(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        for key, kind in (
            ("f2", ConversationsScreen),
            ("f3", ReviewScreen),
            ("f4", SettingsScreen),
            ("f5", CoverageScreen),
            ("f7", DatasetScreen),
            ("f8", TeamScreen),
            ("f1", OverviewScreen),
        ):
            await press(app, pilot, key)
            screen_of(app, kind)
        await press(app, pilot, "ctrl+3")
        assert app.current_mode == "review"


async def test_a_screen_keeps_its_place(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "j", "f1", "f2")
        assert screen_of(app, ConversationsScreen).list.cursor == 1


async def test_what_was_decided_in_this_sitting_is_counted_on_when_review_is_opened_anew(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "f3", "a", "a", "a")
        saved_at = screen_of(app, ReviewScreen).status.status.saved_at
        await press(app, pilot, "f1", "enter")
        status = screen_of(app, ReviewScreen).status.status
        assert (status.session, status.saved_at) == (3, saved_at)


async def test_no_screen_reads_a_database_that_was_replaced(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        project.state_folder.rename(project.root / "elsewhere")
        await press(app, pilot, "j", "f1")
        assert {title for title, _ in toasts(app)} == {"Database"}
        assert all("removed, moved or replaced" in text or "no database at" in text for _, text in toasts(app))
        assert not project.database_path.exists()


@pytest.mark.parametrize("start", SCREEN_NAMES)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (30, 8)])
async def test_every_screen_starts_at_every_size(project: Project, start: ScreenName, size: tuple[int, int]) -> None:
    fill(project)
    async with running(project, start, size=size) as (app, _):
        assert app.current_mode == start
        assert toasts(app) == []


@pytest.mark.parametrize("start", SCREEN_NAMES)
async def test_every_screen_starts_in_an_empty_project(project: Project, start: ScreenName) -> None:
    async with running(project, start) as (app, _):
        assert [text for _, text in toasts(app)] == []


async def test_a_click_on_a_screens_name_goes_there(project: Project) -> None:
    async with running(project) as (app, pilot):
        line = shown(app).splitlines()[0]
        await pilot.click(offset=(line.index("Settings") + 2, 0))
        await pilot.pause()
        assert app.current_mode == "settings"


async def test_help_lists_the_keys_of_the_screen_it_is_called_on(project: Project) -> None:
    async with running(project, "conversations", size=(120, 60)) as (app, pilot):
        await press(app, pilot, "question_mark")
        screen_of(app, HelpScreen)
        text = shown(app)
        for action in ACTIONS:
            if action.scope in ("conversations", "app"):
                assert action.title in text
        assert "Accept all" not in text
        await press(app, pilot, "f4")  # a dialog is in front: screens stay
        screen_of(app, HelpScreen)
        await press(app, pilot, "escape")
        screen_of(app, ConversationsScreen)


async def test_help_explains_the_words(project: Project) -> None:
    async with running(project, "review", size=(120, 110)) as (app, pilot):
        await press(app, pilot, "question_mark")
        text = shown(app)
        for word in ("undecided", "stale", "ambiguous", "flow:renew_loan", "by:maria"):
            assert word in text


async def test_palette_runs_an_action_of_this_screen(project: Project) -> None:
    fill(project)
    async with running(project, "conversations") as (app, pilot):
        await press(app, pilot, "ctrl+p", *"move: last")
        await press(app, pilot, "enter")
        screen = screen_of(app, ConversationsScreen)
        assert screen.list.cursor == len(screen.list.ids) - 1


async def test_palette_leads_to_another_screen_and_names_the_key(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "ctrl+p", *"review: accept")
        assert "goes to Review; there: a" in shown(app)
        await press(app, pilot, "enter")
        screen_of(app, ReviewScreen)
        assert ("Review", "Accept: press a") in toasts(app)


async def test_palette_offers_themes(project: Project) -> None:
    async with running(project) as (app, pilot):
        await press(app, pilot, "ctrl+p", *"theme: nord")
        await press(app, pilot, "enter")
        assert app.theme == "nord"


async def test_q_leaves(project: Project) -> None:
    async with running(project) as (app, pilot):
        await pilot.press("q")
        assert app.return_code == 0


def test_importing_the_app_stays_light() -> None:
    """The first paint must not wait for what only later actions need."""
    heavy = ("pydantic", "typer", "sqlite_utils", "yaml", "jinja2", "openai")
    code = (
        "import sys; import tui.app, tui.screens.review, tui.screens.overview, tui.screens.conversations, tui.screens.settings,"
        "tui.screens.coverage, tui.screens.stages, tui.screens.team;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
