"""Records that were handed out in other words or with other commands, other rules, and later rounds."""

from __future__ import annotations

import sqlite3

import pytest

from core.store.connection import transaction
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Outcome, Say
from review.team.resolution import Rule, RuleName
from review.team.resolving import resolve_all
from tests.review.conftest import FIRST_STEP
from tests.review.small import start
from tests.review.team.small_round import SmallRound, hand_out, needing_a_person, rows_of_the_team

ACCEPT, REJECT = Say.ACCEPT, Say.REJECT


@pytest.fixture
def round_(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2, 3, 4])


# -- what is outdated -------------------------------------------------------------------------------------------------


def test_answers_to_other_words_decide_nothing(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    anna.edit(1, "renew my loan", accept=False)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert (round_.outcome(), round_.state(), rows_of_the_team(small)) == (Outcome.OUTDATED, State.UNDECIDED, [])
    assert round_.record().detail == "the wording changed since it was handed out"
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.ACCEPT, State.ACCEPT)


def test_answers_on_other_commands_decide_nothing(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.correct(FIRST_STEP, start("extend_loan"))
    assert round_.state() is State.STALE
    round_.resolve()
    assert {round_.outcome(id_) for id_ in (1, 2, 3, 4)} == {Outcome.OUTDATED}
    anna.undo()
    round_.resolve()
    assert (round_.outcome(1), round_.outcome(2), round_.state()) == (Outcome.ACCEPT, Outcome.WAITING, State.ACCEPT)
    assert len(rows_of_the_team(small)) == 1


def test_what_is_no_longer_part_of_the_project_is_outdated(small: sqlite3.Connection, round_: SmallRound) -> None:
    small.execute("UPDATE rephrasing SET active = 0 WHERE id = 1")
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert (round_.outcome(), round_.record().detail) == (Outcome.OUTDATED, "no longer part of the project")


def test_a_conflict_of_an_outdated_record_is_settled(round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.correct(FIRST_STEP, start("extend_loan"))
    round_.resolve()
    assert (round_.outcome(), round_.conflicts()) == (Outcome.OUTDATED, [("accept", False)])


def test_a_rephrasing_that_was_handed_out_edited_is_current(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(1, "renew my loan", accept=False)
    edited = hand_out(small, [1])
    edited.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert (edited.outcome(), edited.state(), edited.wording()) == (Outcome.ACCEPT, State.ACCEPT, "renew my loan")


def test_the_team_can_word_it_back_to_what_was_ingested(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(1, "renew my loan", accept=False)
    edited = hand_out(small, [1])
    for name in ("ann", "bob"):
        edited.says(name, ACCEPT, text="please renew my book")
    edited.resolve()
    before = small.total_changes
    edited.resolve()
    assert (edited.outcome(), edited.state(), edited.wording()) == (Outcome.ACCEPT, State.ACCEPT, "please renew my book")
    assert small.total_changes == before


# -- all rounds -------------------------------------------------------------------------------------------------------


def test_another_rule_is_applied_to_all_rounds(small: sqlite3.Connection, round_: SmallRound) -> None:
    other = hand_out(small, [5], name="round-2", overlap=3)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    other.all_say({"ann": ACCEPT, "bob": ACCEPT, "cem": REJECT}, 5)
    assert (round_.state(1), other.state(5)) == (State.ACCEPT, State.ACCEPT)
    with transaction(small):
        resolved = resolve_all(small, Rule(RuleName.UNANIMOUS))
    assert (round_.state(1), other.state(5)) == (State.ACCEPT, State.UNDECIDED)
    assert (resolved.changed, resolved.taken_back) == (1, 1)
    with transaction(small):
        resolve_all(small, Rule(RuleName.ADJUDICATE))
    assert needing_a_person(small) == [1, 5]


def test_a_later_round_overrules_an_earlier_one(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT})
    anna.decide([1], Decision.FLAG)
    later = hand_out(small, [1], name="round-2")
    later.all_say({"cem": REJECT, "dov": REJECT})
    assert (later.outcome(), later.state(), needing_a_person(small)) == (Outcome.REJECT, State.REJECT, [])
