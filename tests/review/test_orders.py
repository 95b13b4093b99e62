"""The orders of the queue: what comes first, and that a shuffle is the same wherever the project is."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Iterator

import pytest

from core.commands import to_json
from core.commands.models import SetSlot, StartFlow
from core.errors import UsageError
from core.store.states import State
from review import queue
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.orders import Order, parse_order
from review.value import values_of_steps
from tests.review.conftest import FIRST_STEP, in_memory
from tests.review.small import Step, add_conversation, start


def ids(connection: sqlite3.Connection, order: Order, filter_text: str = "", limit: int | None = None) -> list[int]:
    return list(queue.load(connection, parse_filter(filter_text), order=order, limit=limit).ids)


def score(connection: sqlite3.Connection, scores: dict[int, float]) -> None:
    connection.executemany("INSERT INTO ambiguity (rephrasing_id, score, fingerprint) VALUES (?, ?, '')", scores.items())


@pytest.fixture
def empty(template: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection = in_memory(template)
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation"):
        connection.execute(f"DELETE FROM {table}")
    yield connection
    connection.close()


# -- all of them --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
def test_each_order_holds_the_same_rephrasings_with_their_states(
    small: sqlite3.Connection, anna: DecisionLog, order: Order
) -> None:
    anna.decide([2], Decision.REJECT)
    anna.decide([5], Decision.SKIP)
    loaded = queue.load(small, order=order)
    assert sorted(loaded.ids) == [1, 2, 3, 4, 5, 6, 7]
    assert {id_: State(state) for id_, state in zip(loaded.ids, loaded.states, strict=True) if state} == {
        2: State.REJECT,
        5: State.SKIP,
    }


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("filter_text", ["verdict:same", "birds", "flow:renew_loan -verdict:none", "command:start_flow"])
def test_each_order_goes_with_any_filter_and_limit(small: sqlite3.Connection, order: Order, filter_text: str) -> None:
    score(small, {1: 0.4, 3: 0.9, 6: 0.5})
    matching = set(ids(small, Order.CONVERSATION, filter_text))
    assert 0 < len(matching) < 7
    whole = [id_ for id_ in ids(small, order) if id_ in matching]
    assert ids(small, order, filter_text) == whole
    assert ids(small, order, filter_text, limit=2) == whole[:2]


@pytest.mark.parametrize("order", Order)
def test_a_load_that_is_cancelled_while_the_rows_are_sorted_ends(small: sqlite3.Connection, order: Order) -> None:
    loaded = queue.load(small, order=order, cancelled=lambda: True)
    assert len(loaded.ids) == len(loaded.states)
    assert len(ids(small, order)) == 7  # the connection is as it was


def test_a_statement_that_fails_is_not_taken_for_a_cancelled_one(small: sqlite3.Connection) -> None:
    small.execute("DROP TABLE ambiguity")
    with pytest.raises(sqlite3.OperationalError, match="ambiguity"):
        queue.load(small, order=Order.UNCERTAIN)


@pytest.mark.parametrize(("text", "order"), [("random", Order.RANDOM), ("r", Order.RANDOM), ("Uncert", Order.UNCERTAIN)])
def test_the_beginning_of_its_name_is_enough(text: str, order: Order) -> None:
    assert parse_order(text) is order


@pytest.mark.parametrize("text", ["", "x", "randomly"])
def test_an_unknown_order_names_the_known_ones(text: str) -> None:
    with pytest.raises(UsageError, match="unknown order") as raised:
        parse_order(text)
    assert raised.value.remedy == "Known: conversation, uncertain, valuable, random."


# -- uncertain ----------------------------------------------------------------------------------------------------------


def test_what_is_closest_to_even_odds_comes_first_and_what_has_no_score_last(small: sqlite3.Connection) -> None:
    score(small, {1: 0.9, 2: 0.45, 4: 0.5, 5: 0.55, 6: 0.0})
    assert ids(small, Order.UNCERTAIN) == [4, 2, 5, 1, 6, 3, 7]


# -- valuable -----------------------------------------------------------------------------------------------------------


def test_a_step_is_worth_more_the_fewer_usable_rephrasings_its_commands_flows_and_slots_have(
    empty: sqlite3.Connection,
) -> None:
    common, rare = start("renew_loan"), to_json([SetSlot("title", "Harbour Birds")])
    add_conversation(
        empty,
        [
            Step("renew it", [("a", "same"), ("b", "same"), ("c", "different")], commands=common),
            Step("Harbour Birds", [("d", "same"), ("e", "ambiguous")], commands=rare),
            Step("hm", [("f", None)], commands=None),
        ],
    )
    # command `start flow` and flow renew_loan have 2 usable ones each; command `set slot` and slot title 1 each
    assert values_of_steps(empty) == {1: pytest.approx(1 / 3 + 1 / 3), 2: pytest.approx(1 / 2 + 1 / 2), 3: 0}
    assert ids(empty, Order.VALUABLE) == [4, 5, 1, 2, 3, 6]


def test_decisions_change_what_is_usable(empty: sqlite3.Connection) -> None:
    both = to_json([StartFlow("renew_loan")])
    add_conversation(
        empty, [Step("renew it", [("a", "same"), ("b", "same"), ("c", "different"), ("d", "same")], commands=both)]
    )
    log = DecisionLog(empty, "anna", "app")

    def usable() -> int:
        """The command and the flow have as many as their only step."""
        return round(2 / values_of_steps(empty)[1]) - 1

    assert usable() == 3
    log.decide([1], Decision.REJECT)
    assert usable() == 2
    log.decide([2], Decision.FLAG)
    assert usable() == 1
    log.decide([3], Decision.ACCEPT)
    assert usable() == 2
    log.decide([4], Decision.SKIP)  # the machine's word still holds
    assert usable() == 2
    log.edit(4, "other words", accept=False)  # of these words it said nothing
    assert usable() == 1


# -- random -------------------------------------------------------------------------------------------------------------


def loans(number: int) -> tuple[list[Step], str]:
    return [Step(f"renew {number}", [(f"please renew {number}-{n}", "same") for n in range(5)])], f"test {number}"


def texts(connection: sqlite3.Connection) -> list[str]:
    named = dict(connection.execute("SELECT id, text FROM rephrasing"))
    return [named[id_] for id_ in ids(connection, Order.RANDOM)]


def test_the_shuffle_is_the_same_where_the_tests_were_read_in_another_order(
    empty: sqlite3.Connection, template: sqlite3.Connection
) -> None:
    clone = in_memory(template)
    for number in range(20):
        steps, name = loans(number)
        add_conversation(empty, steps, name=name)
    for number in reversed(range(20)):
        steps, name = loans(number)
        add_conversation(clone, steps, name=name)
    ours = texts(empty)
    assert ours == [text for text in texts(clone) if text in set(ours)]
    assert ours != sorted(ours)
    clone.close()


def test_the_shuffle_has_no_regard_for_tests(empty: sqlite3.Connection) -> None:
    for number in range(200):
        steps, name = loans(number)
        add_conversation(empty, steps, name=name)
    place = {id_: at for at, id_ in enumerate(ids(empty, Order.RANDOM))}
    # uniform on 0..999: mean 499.5, standard deviation of a mean of 500 about 9; five of them are let pass
    assert abs(statistics.mean(place[id_] for id_ in range(1, 501)) - 499.5) < 45
    together = sum(abs(place[id_] - place[id_ + 1]) == 1 for id_ in range(1, 1000))
    assert together < 15  # 2 are expected; by conversation it would be all of them


def test_neither_an_edit_nor_a_decision_moves_a_rephrasing(small: sqlite3.Connection, anna: DecisionLog) -> None:
    before = ids(small, Order.RANDOM)
    anna.edit(3, "quite other words")
    anna.decide([5], Decision.REJECT)
    anna.correct(FIRST_STEP, start("return_item"))
    assert ids(small, Order.RANDOM) == before


def test_the_shuffle_of_this_version_is_the_shuffle_of_the_next(small: sqlite3.Connection) -> None:
    assert ids(small, Order.RANDOM) == [7, 5, 3, 1, 6, 4, 2]
