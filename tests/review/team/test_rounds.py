"""The store of rounds and their records."""

from __future__ import annotations

import sqlite3

import pytest

from core.errors import UsageError
from review.team import rounds
from review.team.models import NewRecord, Outcome, Say, Surface
from tests.review.team.small_round import as_record, hand_out


def test_a_round_comes_back_as_it_was_made(small: sqlite3.Connection) -> None:
    place, parameters = {"workspace": "wörk", "dataset": "round-1"}, {"threshold": 0.5}
    made = rounds.create_round(small, "round-1", Surface.PACK, reviewer="anna", overlap=3, place=place, parameters=parameters)
    assert rounds.find_round(small, "round-1") == made
    assert (made.surface, made.reviewer, made.overlap, made.pulled_at) == (Surface.PACK, "anna", 3, None)
    assert (made.place, made.parameters) == (place, parameters)


def test_a_name_is_given_once(small: sqlite3.Connection) -> None:
    hand_out(small, [], name="round-1")
    with pytest.raises(UsageError, match="there is a round `round-1` already"):
        hand_out(small, [], name="round-1")
    assert rounds.find_round(small, "round-2") is None


def test_the_next_name_is_free(small: sqlite3.Connection) -> None:
    assert rounds.next_name(small) == "round-1"
    hand_out(small, [], name="round-1")
    hand_out(small, [], name="round-3")
    assert rounds.next_name(small) == "round-4"
    hand_out(small, [], name="mine")
    assert rounds.next_name(small) == "round-4"


def test_rounds_of_one_surface_oldest_first(small: sqlite3.Connection) -> None:
    for name, surface in (("b", Surface.ARGILLA), ("a", Surface.PACK), ("c", Surface.ARGILLA)):
        hand_out(small, [], name=name, surface=surface)
    assert [one.name for one in rounds.all_rounds(small)] == ["b", "a", "c"]
    assert [one.name for one in rounds.all_rounds(small, Surface.ARGILLA)] == ["b", "c"]


def test_records_are_added_once_in_the_order_they_were_chosen_in(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [3, 1])
    assert rounds.add_records(small, round_.round.id, [as_record(small, id_) for id_ in (1, 2, 3)]) == 1
    assert [one.rephrasing_id for one in rounds.records_of(small, round_.round.id)] == [3, 1, 2]


def test_a_record_waits_until_its_place_has_confirmed_it(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [1, 2])
    first = round_.record(1)
    assert (first.pushed_at, first.outcome, first.detail, first.decided_group) == (None, Outcome.WAITING, "", None)
    rounds.note_pushed(small, {first.id: "server-1"})
    assert [one.rephrasing_id for one in rounds.records_of(small, round_.round.id, not_pushed=True)] == [2]
    assert round_.record(1).server_id == "server-1"
    rounds.note_lost(small, [first.id])
    assert [one.rephrasing_id for one in rounds.records_of(small, round_.round.id, not_pushed=True)] == [1, 2]


def test_records_by_outcome_and_by_id(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [1, 2])
    round_.all_say({"ann": Say.ACCEPT, "bob": Say.REJECT}, 2)
    (found,) = rounds.records_of(small, round_.round.id, outcomes=[Outcome.DISAGREE, Outcome.CONFLICT])
    assert found.rephrasing_id == 2
    assert rounds.records_by_id(small, [found.id, 999]) == [found]


def test_when_answers_were_asked_for_is_noted(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, []).round
    rounds.note_place(small, round_.id, {"dataset_id": "7"})
    rounds.note_pull(small, round_.id, "2026-11-21T09:30:00")
    found = rounds.find_round(small, "round-1")
    assert found is not None
    assert (found.place, found.last_activity) == ({"dataset_id": "7"}, "2026-11-21T09:30:00")
    assert found.pulled_at is not None


def test_the_same_words_in_two_records_of_a_round_are_one(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [1])
    twin = NewRecord(2, round_.record(1).external_id, "please renew my book", "basis")
    assert rounds.add_records(small, round_.round.id, [twin]) == 0
