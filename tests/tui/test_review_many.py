"""Ranges, and accepting or rejecting all of something: with a count, a question, and one undo."""

from __future__ import annotations

import pytest

from core.project import Project
from core.store.states import State
from tests.tui.review_app import ReviewApp, lines, settle, states
from tui.screens import review_deciding, review_many
from tui.screens.dialogs.confirm import Confirm

OPEN, ACCEPT, REJECT = State.UNDECIDED, State.ACCEPT, State.REJECT


async def test_a_range_is_accepted_after_a_question(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("x", "v", "j", "k", "k", "j", "j")
        assert screen.status.status.in_range == 2
        assert [line[0] for line in lines(app)[2:5]] == [" ", "┆", "❯"]
        await pilot.press("A")
        assert isinstance(app.screen, Confirm)
        assert "Accept 2 rephrasings of the range?" in "\n".join(lines(app))
        await pilot.press("y")
        await pilot.pause()
        assert states(library)[:4] == [REJECT, ACCEPT, ACCEPT, OPEN]
        assert screen.rows.selected == range(0)
        assert screen.rows.cursor == 3
        assert screen.status.status.session == 3
        await pilot.press("u")
        assert states(library)[:4] == [REJECT, OPEN, OPEN, OPEN]
        assert screen.rows.cursor == 1


async def test_a_range_overturns_what_was_decided_and_says_so(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("x", "a", "g", "v", "j", "j", "A")
        shown = "\n".join(lines(app))
        assert "Accept 2 rephrasings of the range?" in shown
        assert "1 of them was decided otherwise before." in shown
        assert "The machine says: 1 same, 1 different." in shown
        await pilot.press("enter")
        assert isinstance(app.screen, Confirm)  # too easily pressed
        await pilot.press("y")
        await pilot.pause()
        assert states(library)[:3] == [ACCEPT] * 3


async def test_no_means_nothing_happens(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        for no in ("n", "escape"):
            await pilot.press("X")
            assert isinstance(app.screen, Confirm)
            await pilot.press(no)
            assert screen.is_current
        assert set(states(library)) == {OPEN}
        assert screen.rows.has_focus


async def test_without_a_range_all_that_is_open_in_the_filter(library: Project) -> None:
    app = ReviewApp(library, "flow:renew_loan")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("a", "X")
        assert "Reject 5 rephrasings that /flow:renew_loan shows?" in "\n".join(lines(app))
        await pilot.press("y")
        await pilot.pause()
        assert states(library) == [ACCEPT, *[REJECT] * 3, OPEN, OPEN, OPEN, REJECT, REJECT, OPEN, OPEN]
        assert "Nothing left to decide in this filter" in screen.hint.text
        await pilot.press("A")
        assert screen.hint.text == "Nothing is open here."


async def test_escape_ends_the_range_first(library: Project) -> None:
    app = ReviewApp(library, "renew")
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        count = len(screen.rows.queue)
        await pilot.press("v", "j", "escape")
        assert screen.rows.selected == range(0)
        assert len(screen.rows.queue) == count
        await pilot.press("v", "v")
        assert screen.status.status.in_range == 0


async def test_very_many_are_recorded_in_a_thread(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_many, "AT_ONCE", 3)
    monkeypatch.setattr(review_deciding, "AT_ONCE", 3)
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("A", "y")
        await settle(pilot)
        assert set(states(library)) == {ACCEPT}
        assert screen.status.status.left == 0
        assert screen.status.status.session == 11
        await pilot.press("u")
        await settle(pilot)
        assert set(states(library)) == {OPEN}
        assert screen.status.status.left == 11
        await pilot.press("U")
        await settle(pilot)
        assert set(states(library)) == {ACCEPT}


async def test_keys_wait_while_a_thread_records(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        screen._working = True
        await pilot.press("a", "u", "A", "e")
        assert "Still recording" in screen.hint.text
        assert set(states(library)) == {OPEN}


async def test_a_locked_database_in_the_thread_is_a_toast(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_many, "AT_ONCE", 3)
    monkeypatch.setattr("core.store.connection.BUSY_TIMEOUT_MS", 50)
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        other = library.open()
        other.execute("BEGIN IMMEDIATE")
        await pilot.press("A", "y")
        await settle(pilot)
        other.execute("ROLLBACK")
        other.close()
        assert any("locked" in note.message for note in app._notifications)
        assert set(states(library)) == {OPEN}
        await pilot.press("a")
        assert screen.rows.queue.states[0] == ACCEPT
