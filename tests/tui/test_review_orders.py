"""The orders in the Review screen: choosing one, the bound in the status line, and a queue whose ids do not ascend."""

from __future__ import annotations

from array import array

import pytest
from textual.pilot import Pilot

from core.project import Project
from core.store.states import State
from core.user import User
from review import accepted_set, queue
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.orders import Order
from review.queue import Queue
from tests.tui.review_app import ReviewApp, lines, settle
from tui.app import WorkbenchApp
from tui.screens import review_bound
from tui.screens.queue_search import find, positions
from tui.screens.review import ReviewScreen
from tui.widgets.status_line import Status, line, percent


async def order(pilot: Pilot[None], key: str) -> ReviewScreen:
    await pilot.press("O")
    await pilot.press(key)
    await settle(pilot)
    return await settle(pilot)  # what the bound counts is read after the queue


def in_order(project: Project, wanted: Order, filter_text: str = "") -> list[int]:
    connection = project.open()
    found = list(queue.load(connection, parse_filter(filter_text), order=wanted).ids)
    connection.close()
    return found


def bound(project: Project) -> float | None:
    connection = project.open()
    found = accepted_set.load(connection).standing().bound()
    connection.close()
    return found


# -- choosing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "wanted"), [("r", Order.RANDOM), ("u", Order.UNCERTAIN), ("v", Order.VALUABLE)])
async def test_one_key_more_chooses_the_order(library: Project, key: str, wanted: Order) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("a")
        screen = await order(pilot, key)
        assert list(screen.rows.queue.ids) == in_order(library, wanted)
        assert screen.rows.cursor == screen.rows.queue.next_open(-1)
        assert f"{wanted} order" in lines(app)[1]
        screen = await order(pilot, "c")
        assert list(screen.rows.queue.ids) == list(range(1, 12))
        assert "order" not in lines(app)[1]


async def test_the_uncertain_order_makes_the_scores_that_it_rests_on(library: Project) -> None:
    async with ReviewApp(library).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "u")
        connection = library.open()
        far = [
            abs(connection.execute("SELECT score FROM ambiguity WHERE rephrasing_id = ?", (id_,)).fetchone()[0] - 0.5)
            for id_ in screen.rows.queue.ids
        ]
        connection.close()
        assert len(far) == 11
        assert far == sorted(far)
        assert far[0] < far[-1]


async def test_a_filter_by_score_finds_what_had_none(library: Project) -> None:
    async with ReviewApp(library).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"ambiguity:>0", "enter")
        for _ in range(3):  # as it is stored, the scores, and again with them
            screen = await settle(pilot)
        assert len(screen.rows.queue) == 11


async def test_the_dialog_says_what_each_order_is_and_how_many_have_no_score(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("O")
        shown = "\n".join(lines(app))
        for words in ("conversation", "rare commands, flows and slots first", "a fixed shuffle", "11 rephrasings have no"):
            assert words in shown
        await pilot.press("j", "j", "j", "enter")
        await settle(pilot)
        assert screen.scope.order is Order.RANDOM
        await pilot.press("O", "escape")
        assert screen.scope.order is Order.RANDOM


async def test_the_order_goes_with_a_filter_and_outlives_it(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await order(pilot, "r")
        await pilot.press("slash", *"verdict:same", "enter")
        screen = await settle(pilot)
        assert list(screen.rows.queue.ids) == in_order(library, Order.RANDOM, "verdict:same")
        await pilot.press("escape")
        screen = await settle(pilot)
        assert list(screen.rows.queue.ids) == in_order(library, Order.RANDOM)


async def test_the_order_is_remembered_when_review_is_opened_anew(library: Project) -> None:
    app = WorkbenchApp(library, User("tester"), start="review")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("O", "r")
        await app.workers.wait_for_complete()
        await pilot.press("f1")
        await pilot.pause()
        app.open_review("verdict:same")
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        assert list(screen.rows.queue.ids) == in_order(library, Order.RANDOM, "verdict:same")


# -- the bound ----------------------------------------------------------------------------------------------------------


async def test_the_bound_falls_decision_by_decision(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "r")
        assert screen.bound == 1.0
        assert "wrong ≤ –" in lines(app)[1]  # of nothing, nothing can be said
        for key in ("a", "a", "x", "a", "u", "f", "space", "a", "u", "u", "U", "a", "a", "a", "a"):
            await pilot.press(key)
            assert screen.bound == bound(library)
        assert screen.bound is not None
        assert screen.bound < 1.0
        assert f"wrong ≤ {percent(screen.bound)}" in lines(app)[1]


async def test_a_decision_in_the_random_order_is_one_paint(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await order(pilot, "r")
        await pilot.press("a")
        for key in ("a", "x", "f"):
            before = app.paints
            await pilot.press(key)
            await pilot.pause(0.1)
            assert app.paints - before == 1


async def test_the_bound_is_of_the_whole_set_whatever_the_filter(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "r")
        await pilot.press("slash", *"verdict:same", "enter")
        await settle(pilot)
        await settle(pilot)
        for _ in range(len(screen.rows.queue)):
            await pilot.press("a")
            assert screen.bound == bound(library)
        assert screen.bound == 0.0


async def test_a_filter_that_leaves_out_the_head_of_the_order_says_that_the_bound_stands_still(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "r")
        await pilot.press("slash", *"verdict:different", "enter")
        await settle(pilot)
        await settle(pilot)
        assert "the bound stands still" in screen.hint.text
        await pilot.press("a")
        assert "wrong ≤ –" in lines(app)[1]
        assert "stands still" not in screen.hint.text
        await pilot.press("slash", *["backspace"] * 20, *"verdict:same", "enter")
        await settle(pilot)
        await settle(pilot)
        assert "stands still" not in screen.hint.text


async def test_edits_additions_and_what_others_decide_are_counted(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "r")
        await pilot.press("e", *"more", "ctrl+s")
        await settle(pilot)
        assert screen.bound == bound(library)
        await pilot.press("i", *"an addition", "ctrl+s")
        await settle(pilot)
        assert screen.bound == bound(library)
        assert len(screen.rows.queue) == 12
        await pilot.press("u")
        assert screen.bound == bound(library)
        assert sorted(screen.rows.queue.ids) == list(range(1, 12))
        connection = library.open()
        DecisionLog(connection, "bo", "app").decide(list(screen.rows.queue.ids[:5]), Decision.ACCEPT)
        connection.close()
        screen.poll()
        await settle(pilot)
        await settle(pilot)  # an addition has the queue read again
        assert screen.bound == bound(library)


async def test_many_at_once_are_read_again(library: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_bound, "MOST", 3)
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = await order(pilot, "r")
        await pilot.press("A", "y")
        await settle(pilot)
        await settle(pilot)
        assert screen.bound == bound(library) == 0.0


async def test_another_order_shows_no_bound(library: Project) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await order(pilot, "r")
        screen = await order(pilot, "u")
        await pilot.press("a")
        assert screen.bound is None
        assert "wrong" not in lines(app)[1]


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.2311, "23.2 %"), (0.0199, "1.99 %"), (0.02, "2 %"), (0.02001, "2.01 %"), (0.0, "0 %")],
)
def test_a_bound_is_never_told_smaller_than_it_is(share: float, text: str) -> None:
    assert percent(share) == text


def test_order_and_bound_stand_in_the_status_line() -> None:
    status = Status(100, 40, 7, 30, 1.3, "renew", "", 0, "12:01:03", order="random", bound=0.0312)
    assert "wrong ≤ 3.12 %" in line(status, 120).plain
    assert "random order" in line(status, 120).plain


# -- searching ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [1, 3, 60])
def test_ids_are_found_in_any_order(wanted: int) -> None:
    ids = array("q", [(7_919 * number) % 100_003 for number in range(1, 20_001)])
    shuffled = Queue(ids, bytearray([State.UNDECIDED] * len(ids)))
    chosen = [ids[number * (20_000 // wanted)] for number in range(wanted)]
    chosen.append(100_004)
    assert sorted(positions(shuffled, chosen, near=9_000)) == sorted(ids.index(id_) for id_ in chosen[:-1])
    assert all(find(shuffled, id_, 17) == ids.index(id_) for id_ in chosen[:-1])
    assert find(shuffled, 100_004, 17) is None
