"""Overview: honest counts, what waits, the next action."""

from __future__ import annotations

from contextlib import closing

import pytest

from bench import synthetic
from core.pipeline.status import project_status
from core.project import Project
from core.store.connection import transaction
from core.user import User
from review.decisions import DecisionLog
from review.models import Decision
from tests.tui.apps import calm, fill, press, running, screen_of, shown, toasts
from tui.app import WorkbenchApp
from tui.screens.conversations import ConversationsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.overview_text import LATER, pipeline
from tui.screens.review import ReviewScreen


async def test_an_empty_project_says_what_to_do(project: Project) -> None:
    async with running(project) as (app, pilot):
        text = shown(app)
        assert "Ingest conversation tests and rephrasings" in text
        assert "workbench ingest e2e_tests/" in text
        assert "never" in text
        await press(app, pilot, "enter")
        assert "workbench ingest" in toasts(app)[0][1]
        screen_of(app, OverviewScreen)


async def test_zeros_are_shown_and_later_stages_named(project: Project) -> None:
    async with running(project) as (app, _):
        text = shown(app)
        for words in ("0 annotated", "0 ambiguous", "0 stale", "0 unvalidated", "nothing to review yet"):
            assert words in " ".join(text.split()), words
        assert f"Not yet in this version: {', '.join(LATER)}" in text


async def test_nothing_is_claimed_before_it_is_counted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OverviewScreen, "_count", lambda self: None)
    async with running(project) as (app, _):
        assert shown(app).count("counting") == 3  # next, pipeline, connection
        assert "annotated" not in shown(app)


async def test_enter_reviews_what_is_open(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        assert "Review 100 open rephrasings" in shown(app)
        await press(app, pilot, "enter")
        assert screen_of(app, ReviewScreen).scope.filter_text == ""


async def test_what_waits_opens_review_with_its_filter(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "j", "enter")
        review = screen_of(app, ReviewScreen)
        assert review.scope.filter_text == "state:undecided verdict:ambiguous"
        assert len(review.rows.queue) == 20
        await press(app, pilot, "f1", "k", "enter")
        assert screen_of(app, ReviewScreen).scope.filter_text == ""


async def test_steps_that_wait_open_conversations(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "j", "j", "j", "enter")
        screen_of(app, ConversationsScreen)


async def test_a_click_does_it_too(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await pilot.click("#choices", offset=(4, 1))
        await calm(app, pilot)
        assert screen_of(app, ReviewScreen).scope.filter_text


async def test_decisions_of_another_process_are_counted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.screens.overview.LOOK_EVERY", 0.05)
    fill(project)
    async with running(project) as (app, pilot):
        with closing(project.open()) as connection:
            DecisionLog(connection, "other", "cli").decide(range(1, 101), Decision.ACCEPT)
        await pilot.pause(0.2)
        await calm(app, pilot)
        text = " ".join(shown(app).split())
        assert "100 accepted" in text
        assert "100 %" in text
        assert "Export the training and validation files" in text


async def test_the_cursor_stays_on_its_line_when_counts_change(project: Project) -> None:
    fill(project)
    async with running(project) as (app, pilot):
        await press(app, pilot, "j", "j")
        screen = screen_of(app, OverviewScreen)
        assert screen.choices.current is not None
        before = screen.choices.current.id
        await press(app, pilot, "ctrl+r")
        assert screen.choices.current.id == before


def test_a_remainder_is_never_rounded_away(project: Project) -> None:
    with closing(project.open()) as connection:
        with transaction(connection):
            synthetic.fill(connection, 1000)
        DecisionLog(connection, "maria", "cli").decide(range(1, 1000), Decision.ACCEPT)
        text = pipeline(project_status(connection), 76).plain
    assert "99 %" in text
    assert "━" * 24 not in text


@pytest.mark.parametrize("width", [60, 76, 116, 300])
def test_the_pipeline_fits_its_pane(project: Project, width: int) -> None:
    fill(project, 1000)
    with closing(project.open()) as connection:
        content = pipeline(project_status(connection), width)
    lines = content.plain.splitlines()
    assert all(len(line) <= width for line in lines if not line.startswith("Not yet"))
    words = content.plain.split()
    assert words.count("undecided") == words.count("unvalidated") == 1


async def test_a_busy_app_can_be_left_at_once(project: Project) -> None:
    fill(project)
    app = WorkbenchApp(project, User("tester"))
    async with app.run_test() as pilot:
        await pilot.press("q")
    assert app.return_code == 0
