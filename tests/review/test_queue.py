"""The review queue: its order, where the next open rephrasing is, and taking over new states."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.synthetic import fill
from core.store.states import State
from review import queue
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision, QueueRow
from review.orders import CONVERSATION
from review.queue import Queue
from tests.review.conftest import FIRST_STEP, in_memory
from tests.review.small import Step, add_conversation

U, A, R, SK, F, ST = State


def made(states: Sequence[State], ids: Sequence[int] | None = None) -> Queue:
    return Queue(array("q", ids or range(10, 10 + len(states))), bytearray(states))


# -- order ------------------------------------------------------------------------------------------------------------


def test_the_queue_reads_as_the_conversations_do(small: sqlite3.Connection, anna: DecisionLog) -> None:
    add_conversation(small, [Step("hello", [("hi", None)])], file="a.yml", name="a later conversation")
    added = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id
    small.execute("UPDATE rephrasing SET position = 9 WHERE id = 1")
    assert list(queue.load(small).ids) == [2, 3, 4, added, 1, 5, 6, 7, 8]


def test_what_left_the_project_is_not_in_the_queue(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.add(FIRST_STEP, "keep my book longer")
    anna.undo()
    small.execute("UPDATE rephrasing SET active = 0 WHERE id = 2")
    assert list(queue.load(small).ids) == [1, 3, 4, 5, 6, 7]


def test_the_queue_carries_the_states(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([3], Decision.FLAG)
    loaded = queue.load(small)
    assert [State(code) for code in loaded.states] == [A, U, F, U, U, U, U]
    assert (len(loaded), loaded.left, loaded.done) == (7, 5, 2)
    assert loaded.count(A, F) == 2


def test_the_whole_order_comes_from_one_index(small: sqlite3.Connection) -> None:
    plan = small.execute(
        f"EXPLAIN QUERY PLAN SELECT r.id, r.state FROM rephrasing r WHERE r.active = 1 ORDER BY {CONVERSATION}"
    ).fetchall()
    assert [row[3] for row in plan] == ["SCAN r USING INDEX rephrasing_queue"]


# -- loading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "ids"), [(0, []), (1, [1]), (3, [1, 2, 3]), (100, [1, 2, 3, 4, 5, 6, 7]), (None, list(range(1, 8)))]
)
def test_a_limit_gives_the_first_page(small: sqlite3.Connection, limit: int | None, ids: list[int]) -> None:
    assert list(queue.load(small, limit=limit).ids) == ids


def test_a_limit_counts_what_matches_the_filter(small: sqlite3.Connection) -> None:
    assert list(queue.load(small, parse_filter("verdict:same"), limit=3).ids) == [1, 2, 5]


def test_a_cancelled_load_returns_what_it_has(template: sqlite3.Connection) -> None:
    connection = in_memory(template)
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation", "source", "ingest"):
        connection.execute(f"DELETE FROM {table}")
    fill(connection, 20_000)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) >= 2

    loaded = queue.load(connection, cancelled=cancelled)
    assert 0 < len(loaded) < 20_000
    assert list(loaded.ids) == list(range(1, len(loaded) + 1))
    assert len(loaded.states) == len(loaded)
    DecisionLog(connection, "anna", "app").decide([1], Decision.ACCEPT)  # no half-read cursor stands in the way
    connection.close()


def test_a_queue_takes_nine_bytes_for_each_rephrasing(template: sqlite3.Connection) -> None:
    connection = in_memory(template)
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation", "source", "ingest"):
        connection.execute(f"DELETE FROM {table}")
    fill(connection, 100_000)
    loaded = queue.load(connection)
    assert len(loaded) == loaded.left == 100_000
    assert loaded.ids.itemsize * len(loaded.ids) + len(loaded.states) == 900_000
    assert len(loaded.apply(dict.fromkeys(loaded.ids[:50_000], R))) == loaded.done == loaded.count(R) == 50_000
    assert loaded.next_open(0) == 50_000
    assert loaded.previous_open(50_000) == 99_999
    connection.close()


def test_lines_show_the_wording_in_force_and_no_verdict_on_another(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(3, "please extend my loan")
    found = queue.rows(small, [3, 5, 99])
    assert found == {
        3: QueueRow(3, "please extend my loan", "I want to renew my book", A, None, True, 1, 1, 1),
        5: QueueRow(5, "harbour birds", "the one about harbour birds", U, "same", False, 2, 1, 2),
    }
    assert queue.rows(small, array("q")) == {}


# -- the next open one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "after", "expected"),
    [
        ([U, U, U], 0, 1),
        ([U, A, ST, U], 0, 2),  # stale ones wait too
        ([U, A, U, ST], 0, 2),
        ([A, SK, F, R, U], 0, 4),  # skipped and flagged ones do not
        ([U, A, A], 1, 0),  # wraps around
        ([U, A, A], 0, 0),  # to itself, if it is the only one
        ([A, A, A], 1, None),
        ([U, U], -1, 0),  # before the first
        ([U, A], 1, 0),
        ([], -1, None),
        ([], 0, None),
    ],
)
def test_the_next_open_one(states: list[State], after: int, expected: int | None) -> None:
    assert made(states).next_open(after) == expected


@pytest.mark.parametrize(
    ("states", "before", "expected"),
    [
        ([U, U, U], 2, 1),
        ([U, ST, A, U], 3, 1),
        ([ST, U, A, U], 3, 1),
        ([A, A, U], 1, 2),  # wraps around
        ([A, A, U], 2, 2),  # to itself, if it is the only one
        ([A, A, A], 1, None),
        ([U, A, U], 0, 2),
        ([], 0, None),
    ],
)
def test_the_previous_open_one(states: list[State], before: int, expected: int | None) -> None:
    assert made(states).previous_open(before) == expected


@given(st.lists(st.sampled_from(State), min_size=1, max_size=30), st.data())
def test_next_and_previous_visit_every_open_one_and_no_other(states: list[State], data: st.DataObject) -> None:
    made_queue, start = made(states), data.draw(st.integers(0, len(states) - 1))
    open_ones = {at for at, one in enumerate(states) if one.is_open}
    for step in (made_queue.next_open, made_queue.previous_open):
        seen, at = set(), start
        for _ in open_ones:
            found = step(at)
            assert found is not None
            seen.add(found)
            at = found
        assert seen == open_ones
    assert made_queue.left + made_queue.done == len(states)
    assert made_queue.left == len(open_ones)


# -- positions and new states -----------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 5_000), unique=True, max_size=3_000), st.integers(0, 5_001), st.integers(0, 4_000), st.booleans()
)
def test_a_position_is_found_in_any_order_of_ids(ids: list[int], wanted: int, near: int, ascending: bool) -> None:
    ordered = sorted(ids) if ascending else ids
    expected = ordered.index(wanted) if wanted in ordered else None
    assert made([U] * len(ordered), ordered).position_of(wanted, near) == expected


def test_new_states_are_taken_over_and_the_changed_positions_told() -> None:
    taken = made([U, A, U, U], [40, 30, 20, 10])
    assert taken.apply({20: R, 30: A, 40: ST, 99: R}) == [0, 2]
    assert list(taken.states) == [ST, A, R, U]
    assert taken.apply({20: R}) == []


@given(
    st.permutations(range(1, 40)), st.dictionaries(st.integers(1, 60), st.sampled_from(State), max_size=60), st.integers(0, 50)
)
def test_many_new_states_are_taken_over_as_few_are(ids: list[int], new: dict[int, State], near: int) -> None:
    at_once, one_by_one = made([U] * len(ids), ids), made([U] * len(ids), ids)
    changed = at_once.apply(new, near)
    assert changed == sorted(at for id_, state in new.items() for at in one_by_one.apply({id_: state}))
    assert at_once.states == one_by_one.states
    assert list(at_once.states) == [new.get(id_, U) for id_ in ids]


def test_another_connection_changes_the_data_version(
    small_project_connections: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    mine, other = small_project_connections
    before = queue.data_version(mine)
    DecisionLog(mine, "anna", "app").decide([1], Decision.ACCEPT)
    assert queue.data_version(mine) == before
    DecisionLog(other, "bo", "app").decide([2], Decision.ACCEPT)
    assert queue.data_version(mine) != before


def test_verdicts_are_counted_without_those_on_words_that_were_edited(small: sqlite3.Connection, anna: DecisionLog) -> None:
    assert queue.verdicts(small, [1, 2, 3, 4]) == {"same": 2, "different": 1, "ambiguous": 1}
    anna.edit(3, "please extend my loan")
    assert queue.verdicts(small, [1, 3]) == {"same": 1, None: 1}
