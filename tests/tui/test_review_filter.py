"""The filter line, and the queue of one conversation."""

from __future__ import annotations

from textual.widgets import Input

from core.project import Project
from tests.tui.review_app import ReviewApp, lines, settle
from tui.widgets.line_input import LineInput


async def test_a_filter_is_typed_and_cleared(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"verdict:amb", "enter")
        await settle(pilot)
        assert list(screen.rows.queue.ids) == [4, 9]
        assert screen.rows.has_focus
        assert not screen.query(LineInput)
        assert screen.hint.text == "2 match; esc shows all again"
        assert "/verdict:amb" in "\n".join(lines(app))
        await pilot.press("a", "escape")
        await settle(pilot)
        assert len(screen.rows.queue) == 11
        assert screen.rows.current_id == 9  # the cursor stays where the user was
        assert screen.status.status.left == 10


async def test_a_bad_filter_says_what_is_known_and_keeps_the_line(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"state:maybe", "enter")
        assert "unknown state `maybe`" in screen.hint.text
        assert "undecided, accept" in screen.hint.text
        assert screen.query_one(LineInput).value == "state:maybe"
        assert screen.query_one(LineInput).has_focus
        await pilot.press("escape")
        assert screen.rows.has_focus
        assert len(screen.rows.queue) == 11


async def test_the_line_starts_with_the_filter_in_force(library: Project) -> None:
    app = ReviewApp(library, "renew")
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("slash")
        assert screen.query_one(Input).value == "renew"
        await pilot.press("slash", "a")  # typed, not acted on
        assert screen.query_one(Input).value == "renew/a"
        assert screen.status.status.session == 0


async def test_nothing_matches(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"zebra", "enter")
        await settle(pilot)
        shown = "\n".join(lines(app))
        assert "Nothing matches" in shown
        await pilot.press(*"axun", "space", "escape")
        await settle(pilot)
        assert screen.item is not None


async def test_a_filter_given_at_the_start_that_is_wrong(library: Project) -> None:
    app = ReviewApp(library, "state:maybe")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "unknown state" in "\n".join(lines(app))
        await pilot.press("escape")
        screen = await settle(pilot)
        assert len(screen.rows.queue) == 11


async def test_one_conversation(library: Project) -> None:
    app = ReviewApp(library, conversation_id=1)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert list(screen.rows.queue.ids) == list(range(1, 8))
        assert "in renew a loan with a title" in "\n".join(lines(app))
        await pilot.press("slash", *"verdict:diff", "enter")
        await settle(pilot)
        assert list(screen.rows.queue.ids) == [3, 7]
        await pilot.press("escape")
        await settle(pilot)
        assert len(screen.rows.queue) == 11


async def test_the_last_filter_typed_wins(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"renew", "enter", "slash", "ctrl+u", *"bard", "enter")
        await settle(pilot)
        assert list(screen.rows.queue.ids) == [7]
