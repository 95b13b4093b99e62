"""What was decided here and what the team says otherwise of: it is open again, and keeping one's own decision settles it."""

from __future__ import annotations

from array import array
from contextlib import closing

from core.project import Project
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from review.queue import Queue
from review.team.models import Outcome, Say
from tests.tui.apps import press, running, screen_of
from tests.tui.review_app import ReviewApp, lines, settle
from tests.tui.team_project import answer, hand_out
from tui.screens.contested import ASKED_BY_ID, contested, open_again
from tui.screens.review import ReviewScreen
from tui.widgets.marks import CONTESTED_MARK


def contradicted(project: Project, decision: Decision = Decision.ACCEPT, reviewer: str = "tester", count: int = 1) -> list[int]:
    """Handed out, decided here, and answered otherwise."""
    round_ = hand_out(project, "round-1", count)
    with closing(project.open()) as connection:
        ids = [id_ for (id_,) in connection.execute("SELECT rephrasing_id FROM team_record ORDER BY rephrasing_id")]
        DecisionLog(connection, reviewer, "app").decide(ids, decision)
    say = Say.ACCEPT if decision is Decision.REJECT else Say.REJECT
    for annotator in ("ann", "bob"):
        answer(project, round_, annotator, [say] * count)
    return ids


async def test_keeping_ones_own_decision_settles_a_conflict(library: Project) -> None:
    (id_,) = contradicted(library)
    app = ReviewApp(library, "team:conflict")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert (screen.rows.current_id, screen.left) == (id_, 1)
        await pilot.press("a")
        assert screen.left == 0
        assert screen.session is not None
        view = screen.session.item(id_).team
        assert view is not None
        assert view.outcome is Outcome.ADJUDICATED
        await pilot.press("u")
        assert screen.left == 1
        view = screen.session.item(id_).team
        assert view is not None
        assert view.outcome is Outcome.CONFLICT
        await pilot.press("x")
        assert screen.session.item(id_).state is State.REJECT
        await pilot.press("x")
        assert screen.pace.session == 1  # once it is settled, the same again is nothing to record


async def test_conflicts_are_left_to_do_with_a_mark_of_their_own_and_n_stops_there(library: Project) -> None:
    ids = contradicted(library, count=3)
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert screen.left == 11
        assert screen.rows.contested == set(ids)
        screen.rows.move_to(len(screen.rows.queue) - 1)
        found = set()
        for _ in range(11):
            await pilot.press("n")
            found.add(screen.rows.current_id)
        assert found == set(screen.rows.queue.ids)
        shown = [line for line in lines(app) if line[1] == CONTESTED_MARK]
        assert len(shown) == 3
        at = screen.rows.queue.position_of(ids[0])
        assert at is not None
        screen.rows.move_to(at)
        await pilot.pause(0.1)
        before = app.paints
        await pilot.press("a")
        await pilot.pause(0.1)
        assert app.paints - before == 1
        assert "as before, with all answers known" in screen.hint.text


async def test_a_conflict_that_comes_in_opens_its_row_again(library: Project) -> None:
    round_ = hand_out(library, "round-1", 1)
    async with running(library, "review") as (app, pilot):
        screen = screen_of(app, ReviewScreen)
        await press(app, pilot, "slash", *"team:sent", "enter", "a")
        assert screen.left == 0
        answer(library, round_, "ann", [Say.REJECT])
        answer(library, round_, "bob", [Say.REJECT])
        screen.poll()
        assert (screen.left, len(screen.rows.contested)) == (1, 1)
        await press(app, pilot, "slash", "enter")  # read again, it stays so
        assert (screen.left, len(screen.rows.contested)) == (1, 1)


async def test_all_that_is_open_does_not_overrule_what_was_decided_but_a_range_does(library: Project) -> None:
    (id_,) = contradicted(library, Decision.REJECT)
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("A", "y")
        assert (screen.left, screen.rows.contested) == (1, {id_})
        await pilot.press("A")
        assert app.screen is screen
        assert "one by one, or in a range" in screen.hint.text
        at = screen.rows.queue.position_of(id_)
        assert at is not None
        screen.rows.move_to(at)
        await pilot.press("v", "A")
        assert "1 of them was decided otherwise before" in "\n".join(lines(app))
        await pilot.press("y")
        assert screen.left == 0


def test_a_flag_given_with_all_answers_known_is_not_asked_for_again(library: Project) -> None:
    (id_,) = contradicted(library, Decision.ACCEPT)
    with closing(library.open()) as connection:
        assert contested(connection) == contested(connection, [id_]) == contested(connection, range(ASKED_BY_ID * 2)) == {id_}
        DecisionLog(connection, "tester", "app").decide([id_], Decision.FLAG)
        assert contested(connection) == set()


def test_only_what_is_in_the_queue_is_opened_again() -> None:
    queue = Queue(array("q", [5, 3, 9]), bytearray([State.ACCEPT, State.UNDECIDED, State.REJECT]))
    assert open_again(queue, {9, 77}) == {9}
    assert list(queue.states) == [State.ACCEPT, State.UNDECIDED, State.STALE]
    assert queue.left == 2
