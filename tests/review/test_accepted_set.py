"""What counts for the bound: every way a rephrasing can stand to the accepted set, and changes taken over one by one."""

from __future__ import annotations

import random
import sqlite3
from array import array
from collections.abc import Callable, Iterator

import pytest

from core.store.states import State
from review import accepted_set, queue
from review.accepted_set import AcceptedSet, Place, places_now
from review.bound import Standing
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.orders import Order
from tests.review.conftest import in_memory
from tests.review.small import Step, add_conversation, start

OPEN, RIGHT, REFUSED, FLAGGED, SKIPPED, CHANGED, MENDED = list(Place)[:7]
ACCEPT, REJECT, FLAG, SKIP = Decision.ACCEPT, Decision.REJECT, Decision.FLAG, Decision.SKIP


def made(*places: Place, added: int = 0) -> AcceptedSet:
    """In this order; ids from 100 downwards, so that they do not ascend."""
    ids = array("q", range(100, 100 - len(places), -1))
    return AcceptedSet(ids, bytearray(places), range(1_000, 1_000 + added))


@pytest.fixture
def loans(template: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Six steps of five rephrasings; 18 are `same`."""
    connection = in_memory(template)
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation"):
        connection.execute(f"DELETE FROM {table}")
    verdicts = ("same", "same", "different", "same", "ambiguous")
    for number in range(6):
        step = Step(f"renew {number}", [(f"renew, please {number}-{n}", verdict) for n, verdict in enumerate(verdicts)])
        add_conversation(connection, [step], name=f"test {number}")
    yield connection
    connection.close()


@pytest.fixture
def log(loans: sqlite3.Connection) -> DecisionLog:
    return DecisionLog(loans, "anna", "app")


def random_order(connection: sqlite3.Connection) -> list[int]:
    """Ids of the machine's `same`, as the queue shows them."""
    return list(queue.load(connection, parse_filter("verdict:same"), order=Order.RANDOM).ids)


# -- counting -----------------------------------------------------------------------------------------------------------


def test_the_run_ends_at_the_first_open_one() -> None:
    found = made(RIGHT, REFUSED, FLAGGED, SKIPPED, CHANGED, MENDED, RIGHT, OPEN, REFUSED, RIGHT, FLAGGED, MENDED, added=3)
    assert found.run == 7
    assert found.standing() == Standing(
        machine=12,
        seen=7,
        wrong=5,  # all in the run but the two right ones
        found=4,  # the refused, the flagged, the changed and the mended one of the run
        elsewhere=2,  # refused and mended after it
        off=5,  # two refused, two flagged, one changed
        added=3,
        unconfirmed=2,  # the open one and the skipped one
    )


def test_decisions_to_come_are_reckoned_with() -> None:
    found = made(RIGHT, OPEN, REFUSED, OPEN, RIGHT, SKIPPED, OPEN, OPEN)
    assert (found.open_until(1), found.open_until(6), found.open_until(8)) == (0, 2, 4)
    assert found.standing(6, wrong=1) == Standing(machine=8, seen=6, wrong=3, found=2, off=2, unconfirmed=3)
    assert found.standing(1) == found.standing()


@pytest.mark.parametrize("seed", range(5))
def test_changes_taken_over_one_by_one_come_to_the_same_as_counting_anew(seed: int) -> None:
    chance = random.Random(seed)
    places = [OPEN] * 30
    kept = made(*places)
    for _ in range(400):
        at = min(chance.randrange(30), chance.randrange(30))
        places[at] = chance.choice([OPEN, *Place][: chance.choice((3, 8))])
        assert kept.take_over([(100 - at, places[at])])
        assert kept.standing() == made(*places).standing()


def test_what_comes_among_the_machines_same_or_leaves_them_is_to_be_read_again() -> None:
    assert not made(OPEN, OPEN).take_over([(5, RIGHT)])
    assert not made(OPEN, OPEN).take_over([(100, Place.ELSEWHERE)])


# -- the database -------------------------------------------------------------------------------------------------------


def test_the_set_is_what_the_machine_calls_same_in_the_random_order(loans: sqlite3.Connection) -> None:
    found = accepted_set.load(loans)
    assert list(found.ids) == random_order(loans)
    assert found.standing() == Standing(machine=18, unconfirmed=18)


def test_a_verdict_that_no_longer_holds_is_none(loans: sqlite3.Connection) -> None:
    loans.execute("UPDATE user_step SET basis = 'of a file that changed' WHERE id = 1")
    loans.execute("UPDATE rephrasing SET active = 0 WHERE step_id = 2")
    assert len(accepted_set.load(loans)) == 12


@pytest.mark.parametrize(
    ("act", "place"),
    [
        (lambda log, id_: log.decide([id_], ACCEPT), RIGHT),
        (lambda log, id_: log.decide([id_], REJECT), REFUSED),
        (lambda log, id_: log.decide([id_], FLAG), FLAGGED),
        (lambda log, id_: log.decide([id_], SKIP), SKIPPED),
        (lambda log, id_: log.edit(id_, "other words"), MENDED),
        (lambda log, id_: log.edit(id_, "other words", accept=False), CHANGED),
        (lambda log, id_: (log.edit(id_, "other words"), log.decide([id_], REJECT)), REFUSED),
        (lambda log, id_: (log.edit(id_, "other words"), log.decide([id_], FLAG)), FLAGGED),
        (lambda log, id_: (log.edit(id_, "other words"), log.undo()), OPEN),
        (lambda log, id_: (log.decide([id_], REJECT), log.undo()), OPEN),
        (lambda log, id_: log.correct((id_ - 1) // 5 + 1, start("return_item")), CHANGED),
        (lambda log, id_: (log.correct((id_ - 1) // 5 + 1, start("return_item")), log.decide([id_], ACCEPT)), MENDED),
        (lambda log, id_: (log.decide([id_], ACCEPT), log.correct((id_ - 1) // 5 + 1, start("return_item"))), CHANGED),
    ],
)
def test_each_way_to_decide(
    loans: sqlite3.Connection, log: DecisionLog, act: Callable[[DecisionLog, int], object], place: Place
) -> None:
    id_ = random_order(loans)[0]
    kept = accepted_set.load(loans)
    act(log, id_)
    again = accepted_set.load(loans)
    assert Place(again.places[list(again.ids).index(id_)]) is place
    assert again.run == (0 if place is OPEN else again.run)
    assert kept.take_over(places_now(loans, [id_]))
    assert kept.standing() == again.standing()


def test_what_was_changed_stays_wrong_when_it_is_validated_again(loans: sqlite3.Connection, log: DecisionLog) -> None:
    id_ = random_order(loans)[0]
    log.edit(id_, "other words", accept=False)
    (basis,) = loans.execute(
        "SELECT s.basis FROM user_step s JOIN rephrasing r ON r.step_id = s.id WHERE r.id = ?", (id_,)
    ).fetchone()
    (verdict,) = loans.execute(
        "INSERT INTO verdict (rephrasing_id, verdict, basis, judged_text) VALUES (?, 'same', ?, 'other words') RETURNING id",
        (id_, basis),
    ).fetchone()
    loans.execute("UPDATE rephrasing SET verdict_id = ? WHERE id = ?", (verdict, id_))
    # in the set again, by the machine's word alone: so it is wrong until a person accepts it
    now = accepted_set.load(loans).standing()
    assert (now.seen, now.wrong, now.found, now.off, now.unconfirmed) == (1, 1, 0, 0, 18)
    log.decide([id_], ACCEPT)
    now = accepted_set.load(loans).standing()
    assert (now.seen, now.wrong, now.found, now.off, now.unconfirmed) == (1, 1, 1, 0, 17)


def test_a_rephrasing_that_was_different_before_it_was_edited_is_no_part_of_the_sample(
    loans: sqlite3.Connection, log: DecisionLog
) -> None:
    log.edit(3, "other words")
    assert accepted_set.load(loans).standing() == Standing(machine=18, added=1, unconfirmed=18)


def test_what_people_accept_besides_is_added_and_can_leave_again(loans: sqlite3.Connection, log: DecisionLog) -> None:
    kept = accepted_set.load(loans)
    added = log.add(1, "prolong it").rephrasing_id
    assert added is not None
    log.decide([3], ACCEPT)
    assert kept.take_over(places_now(loans, [3, added]))
    assert kept.standing().added == 2
    log.decide([3], FLAG)
    assert kept.take_over(places_now(loans, [3]))
    assert kept.standing() == accepted_set.load(loans).standing() == Standing(machine=18, added=1, unconfirmed=18)


def test_decisions_elsewhere_are_no_sample_until_the_run_comes_to_them(loans: sqlite3.Connection, log: DecisionLog) -> None:
    order = random_order(loans)
    log.decide([order[2]], REJECT)
    log.decide([order[1]], ACCEPT)
    now = accepted_set.load(loans).standing()
    assert (now.seen, now.wrong, now.found, now.elsewhere, now.off) == (0, 0, 0, 1, 1)
    log.decide([order[0]], ACCEPT)
    now = accepted_set.load(loans).standing()
    assert (now.seen, now.wrong, now.found, now.elsewhere, now.off) == (3, 1, 1, 0, 1)


def test_a_correction_of_a_step_takes_its_other_same_ones_out_of_the_population(
    loans: sqlite3.Connection, log: DecisionLog
) -> None:
    order = random_order(loans)
    step = (order[-1] - 1) // 5 + 1
    log.decide([id_ for id_ in order[:2] if (id_ - 1) // 5 + 1 != step], ACCEPT)
    before = accepted_set.load(loans).standing()
    log.correct(step, start("return_item"))
    now = accepted_set.load(loans).standing()
    in_run = now.wrong  # the order may begin with one of them
    assert (now.found, now.elsewhere, now.off) == (in_run, 3 - in_run, 3)
    assert in_run < 3
    assert (now.bound() or 0) > 0.9 * (before.bound() or 0)


@pytest.mark.parametrize(
    "act",
    [
        lambda log, id_: log.decide([id_], REJECT),
        lambda log, id_: log.decide([id_], FLAG),
        lambda log, id_: log.decide([id_], SKIP),
        lambda log, id_: log.edit(id_, "other words"),
        lambda log, id_: log.edit(id_, "other words", accept=False),
    ],
)
def test_a_wrong_one_that_was_taken_out_of_the_files_stays_seen_and_wrong(
    loans: sqlite3.Connection, log: DecisionLog, act: Callable[[DecisionLog, int], object]
) -> None:
    order = random_order(loans)
    log.decide([order[0]], ACCEPT)
    act(log, order[1])
    kept = accepted_set.load(loans)
    loans.execute("UPDATE rephrasing SET active = 0 WHERE id = ?", (order[1],))
    now = accepted_set.load(loans).standing()
    assert now == Standing(machine=18, seen=2, wrong=1, found=1, off=1, unconfirmed=16)
    assert kept.take_over(places_now(loans, [order[1]]))
    assert kept.standing() == now


def test_right_and_undecided_ones_leave_with_the_files(loans: sqlite3.Connection, log: DecisionLog) -> None:
    order = random_order(loans)
    log.decide(order[:2], ACCEPT)
    log.decide([3], REJECT)  # that the machine calls different
    loans.execute("UPDATE rephrasing SET active = 0 WHERE id IN (?, ?, 3)", (order[0], order[5]))
    assert accepted_set.load(loans).standing() == Standing(machine=16, seen=1, unconfirmed=15)


def test_a_refusal_that_is_undone_is_forgotten_with_the_files_too(loans: sqlite3.Connection, log: DecisionLog) -> None:
    first = random_order(loans)[0]
    log.decide([first], REJECT)
    loans.execute("UPDATE rephrasing SET active = 0 WHERE id = ?", (first,))
    kept = accepted_set.load(loans)
    assert kept.standing().wrong == 1
    log.undo()
    assert not kept.take_over(places_now(loans, [first]))
    assert accepted_set.load(loans).standing() == Standing(machine=17, unconfirmed=17)


@pytest.mark.parametrize("seed", range(3))
def test_a_whole_session_taken_over_action_by_action(loans: sqlite3.Connection, seed: int) -> None:
    chance, people = random.Random(seed), [DecisionLog(loans, name, "app") for name in ("anna", "bo")]
    kept = accepted_set.load(loans)
    for number in range(150):
        log, id_ = chance.choice(people), chance.randint(1, 30)
        what = chance.choice(("decide", "decide", "decide", "edit", "correct", "undo", "redo"))
        if what == "decide":
            recorded = log.decide(chance.sample(range(1, 31), chance.choice((1, 1, 4))), chance.choice(list(Decision)))
        elif what == "edit":
            recorded = log.edit(id_, f"other words {number}", accept=chance.random() < 0.5)
        elif what == "correct":
            recorded = log.correct(chance.randint(1, 6), start(f"flow_{number}"))
        else:
            turned = log.undo() if what == "undo" else log.redo()
            if turned is None:
                continue
            recorded = turned
        if not kept.take_over(places_now(loans, list(recorded.states))):
            kept = accepted_set.load(loans)
        assert kept.standing() == accepted_set.load(loans).standing()
        standing = kept.standing()
        assert 0 <= standing.wrong <= standing.seen <= standing.machine
        assert 0 <= standing.unconfirmed <= standing.size


def test_a_cancelled_load_ends(loans: sqlite3.Connection) -> None:
    assert len(accepted_set.load(loans, cancelled=lambda: True)) <= 18
    assert {State(row[0]) for row in loans.execute("SELECT state FROM rephrasing")} == {State.UNDECIDED}
