"""The same rephrasing in several rounds: what one came to is not silently replaced by another."""

from __future__ import annotations

import sqlite3

import pytest

from core.store.connection import transaction
from core.store.states import State
from review.decisions import DecisionLog
from review.items import load_item, project_dialect
from review.models import Decision
from review.team.models import Outcome, Say
from review.team.overview import team_summary
from review.team.resolution import Rule, RuleName
from review.team.resolving import resolve_all
from tests.review.team.small_round import SmallRound, hand_out, needing_a_person, rows_of_the_team

ACCEPT, REJECT = Say.ACCEPT, Say.REJECT


@pytest.fixture
def first(small: sqlite3.Connection) -> SmallRound:
    """The team accepted rephrasing 1."""
    round_ = hand_out(small, [1])
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    return round_


@pytest.fixture
def second(small: sqlite3.Connection, first: SmallRound) -> SmallRound:
    """Two others reject it."""
    round_ = hand_out(small, [1], name="round-2")
    round_.all_say({"cem": REJECT, "dov": REJECT})
    return round_


def test_a_later_round_that_comes_to_something_else_disagrees_with_the_earlier(
    small: sqlite3.Connection, first: SmallRound, second: SmallRound
) -> None:
    assert (first.outcome(), second.outcome(), second.state()) == (Outcome.ACCEPT, Outcome.DISAGREE, State.ACCEPT)
    assert second.record().detail == "2 reject: cem, dov; round-1 came to accept"
    assert [kind for _, kind, _, _ in rows_of_the_team(small)] == ["accept"]
    assert needing_a_person(small) == [1]
    summary = team_summary(small)
    assert [dict(one.outcomes) for one in summary.rounds] == [{Outcome.ACCEPT: 1}, {Outcome.DISAGREE: 1}]
    assert summary.needs_a_person == 1
    shown = load_item(small, 1, project_dialect(small)).team
    assert shown is not None
    assert (shown.round, shown.outcome) == ("round-2", Outcome.DISAGREE)


def test_another_wording_is_something_else(small: sqlite3.Connection, first: SmallRound) -> None:
    later = hand_out(small, [1], name="round-2")
    for who in ("cem", "dov"):
        later.says(who, ACCEPT, text="renew that book")
    later.resolve()
    assert (later.outcome(), later.wording()) == (Outcome.DISAGREE, "please renew my book")


def test_working_it_out_again_in_any_order_changes_nothing(
    small: sqlite3.Connection, first: SmallRound, second: SmallRound
) -> None:
    before = small.total_changes
    for round_ in (second, first, second):
        round_.resolve()
    assert small.total_changes == before


def test_rounds_that_come_to_the_same_do_not_disagree(small: sqlite3.Connection, first: SmallRound) -> None:
    later = hand_out(small, [1], name="round-2")
    later.all_say({"cem": ACCEPT, "dov": ACCEPT})
    first.resolve()
    assert (first.outcome(), later.outcome(), needing_a_person(small)) == (Outcome.ACCEPT, Outcome.ACCEPT, [])


def test_an_earlier_round_that_changes_its_mind_disagrees_with_the_later(small: sqlite3.Connection, first: SmallRound) -> None:
    later = hand_out(small, [1], name="round-2")
    later.all_say({"cem": ACCEPT, "dov": ACCEPT})
    first.all_say({"ann": REJECT, "bob": REJECT})
    assert (first.outcome(), later.outcome(), first.state()) == (Outcome.DISAGREE, Outcome.ACCEPT, State.ACCEPT)
    assert first.record().detail.endswith("round-2 came to accept")


def test_once_the_earlier_round_comes_round_the_later_agrees(
    small: sqlite3.Connection, first: SmallRound, second: SmallRound
) -> None:
    first.all_say({"ann": REJECT, "bob": REJECT})
    second.resolve()
    assert (first.outcome(), second.outcome(), second.state()) == (Outcome.REJECT, Outcome.REJECT, State.REJECT)
    assert needing_a_person(small) == []


@pytest.mark.parametrize(("decision", "outcomes"), [
    (Decision.REJECT, (Outcome.ADJUDICATED, Outcome.REJECT)),
    (Decision.ACCEPT, (Outcome.ACCEPT, Outcome.ADJUDICATED)),
])  # fmt: skip
def test_a_person_decides_between_two_rounds(
    small: sqlite3.Connection,
    first: SmallRound,
    second: SmallRound,
    anna: DecisionLog,
    decision: Decision,
    outcomes: tuple[Outcome, Outcome],
) -> None:
    anna.decide([1], decision)
    first.resolve()
    second.resolve()
    assert (first.outcome(), second.outcome()) == outcomes
    assert (first.state().label, needing_a_person(small)) == (decision.value, [])


def test_rounds_that_settle_at_once_by_another_rule_disagree_too(small: sqlite3.Connection) -> None:
    first, second = (hand_out(small, [1], name=name) for name in ("round-1", "round-2"))
    for round_, say in ((first, ACCEPT), (second, REJECT)):
        round_.rule = Rule(RuleName.ADJUDICATE)
        round_.all_say({"ann": say, "bob": say})
    with transaction(small):
        resolve_all(small, Rule())
    assert (first.outcome(), second.outcome(), needing_a_person(small)) == (Outcome.ACCEPT, Outcome.DISAGREE, [1])


def test_what_was_flagged_after_the_team_decided_is_decided_anew(
    small: sqlite3.Connection, first: SmallRound, anna: DecisionLog
) -> None:
    anna.decide([1], Decision.FLAG)
    later = hand_out(small, [1], name="round-2")
    later.all_say({"cem": REJECT, "dov": REJECT})
    assert (later.outcome(), later.state(), needing_a_person(small)) == (Outcome.REJECT, State.REJECT, [])


def test_commands_that_cannot_be_read_are_shown_and_for_a_person(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [1])
    for who in ("ann", "bob"):
        for _ in range(2):  # the same again changes nothing
            round_.says(who, ACCEPT, unread="set the slot x to y", at="2026-11-21T09:00:00.000Z")
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.DISAGREE, State.UNDECIDED)
    shown = load_item(small, 1, project_dialect(small)).team
    assert shown is not None
    assert [(one.commands, one.commands_read) for one in shown.answers] == [(("set the slot x to y",), False)] * 2
    assert small.execute("SELECT count(*) FROM team_answer").fetchone() == (2,)
