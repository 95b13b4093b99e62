"""What follows from the outcome of a record: decisions of the team, conflicts with those made here, and neither twice."""

from __future__ import annotations

import sqlite3

import pytest

from core.store.connection import transaction
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Outcome, Say, Status, Surface
from review.team.resolution import Rule
from review.team.resolving import resolve
from tests.review.conftest import FIRST_STEP
from tests.review.small import recomputed, start, stored
from tests.review.team.small_round import SmallRound, hand_out, needing_a_person, rows_of_the_team

ACCEPT, REJECT, UNSURE = Say.ACCEPT, Say.REJECT, Say.UNSURE


@pytest.fixture
def round_(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2, 3, 4])


@pytest.fixture
def three(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2], name="of three", overlap=3)


def is_derived_as_the_log_says(connection: sqlite3.Connection) -> bool:
    """Answers have no group; the model of the log in plain Python knows nothing of them."""
    connection.execute("DROP TRIGGER decision_is_never_deleted")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM decision WHERE id IN (SELECT decision_id FROM team_answer)")
    return stored(connection) == recomputed(connection)


# -- the team's decision ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("say", "state"), [(ACCEPT, State.ACCEPT), (REJECT, State.REJECT)])
def test_what_the_team_settles_is_a_decision_of_the_team(
    small: sqlite3.Connection, round_: SmallRound, say: Say, state: State
) -> None:
    resolved = round_.all_say({"ann": say, "bob": say})
    assert (round_.outcome(), round_.state()) == (say.value, state)
    assert rows_of_the_team(small) == [("argilla", say.value, "", 1)]
    assert (resolved.decided, resolved.changed, resolved.states) == (1, 1, {1: state})
    assert resolved.outcomes == {say.value: 1, Outcome.WAITING: 3}
    assert small.execute("SELECT reason FROM decision WHERE reviewer = 'team'").fetchone() == (f"2 {say}: ann, bob",)
    assert is_derived_as_the_log_says(small)


def test_answers_alone_change_no_state(round_: SmallRound) -> None:
    round_.says("ann", ACCEPT)
    round_.says("bob", ACCEPT)
    assert round_.state() is State.UNDECIDED


def test_resolving_again_changes_nothing(small: sqlite3.Connection, round_: SmallRound) -> None:
    round_.says("ann", ACCEPT, 2, text="renew what I have")
    round_.says("bob", ACCEPT, 2, text="renew what I have")
    round_.all_say({"ann": REJECT, "bob": REJECT}, 3)
    round_.all_say({"ann": ACCEPT, "bob": REJECT}, 4)
    before = small.total_changes
    resolved = round_.resolve()
    assert small.total_changes == before
    assert (resolved.changed, resolved.decided, resolved.taken_back, resolved.conflicts) == (0, 0, 0, 0)


def test_only_the_records_asked_for_are_looked_at(small: sqlite3.Connection, round_: SmallRound) -> None:
    for id_ in (1, 2):
        round_.says("ann", ACCEPT, id_)
        round_.says("bob", ACCEPT, id_)
    with transaction(small):
        resolve(small, round_.round, Rule(), [round_.record(2).id])
    assert (round_.outcome(1), round_.outcome(2)) == (Outcome.WAITING, Outcome.ACCEPT)


def test_the_surface_is_that_of_the_round(small: sqlite3.Connection) -> None:
    packed = hand_out(small, [1], surface=Surface.PACK)
    packed.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert rows_of_the_team(small) == [("pack", "accept", "", 1)]


def test_a_wording_that_the_team_agrees_on_is_edited_and_accepted(small: sqlite3.Connection, round_: SmallRound) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    assert (round_.state(), round_.wording()) == (State.ACCEPT, "renew my book, please")
    assert rows_of_the_team(small) == [
        ("argilla", "edit", "renew my book, please", 1),
        ("argilla", "accept", "renew my book, please", 1),
    ]
    assert is_derived_as_the_log_says(small)


def test_a_form_sent_as_it_was_filled_in_wishes_for_nothing(small: sqlite3.Connection, round_: SmallRound) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text=" please renew my book", commands=start("renew_loan"))
    round_.resolve()
    assert rows_of_the_team(small) == [("argilla", "accept", "", 1)]


def test_a_wording_that_the_step_has_already_is_left_to_a_person(small: sqlite3.Connection, round_: SmallRound) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew the book I have")
    round_.resolve()
    assert (round_.outcome(), rows_of_the_team(small)) == (Outcome.DISAGREE, [])
    assert round_.record().detail == "2 accept: ann, bob; the step has this text already: “renew the book I have”"


def test_two_records_corrected_into_the_same_text_do_not_both_get_it(small: sqlite3.Connection, round_: SmallRound) -> None:
    for id_ in (1, 2):
        for name in ("ann", "bob"):
            round_.says(name, ACCEPT, id_, text="extend my loan")
    round_.resolve()
    assert (round_.outcome(1), round_.outcome(2)) == (Outcome.ACCEPT, Outcome.DISAGREE)
    round_.resolve()
    assert (round_.outcome(1), round_.outcome(2)) == (Outcome.ACCEPT, Outcome.DISAGREE)


@pytest.mark.parametrize("decision", [Decision.FLAG, Decision.SKIP])
def test_a_flag_made_here_gives_way_to_the_team(round_: SmallRound, anna: DecisionLog, decision: Decision) -> None:
    anna.decide([1], decision)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert round_.state() is State.ACCEPT


def test_a_flag_made_after_the_team_settled_it_stays(round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.decide([1], Decision.FLAG)
    round_.resolve()
    assert (round_.state(), round_.outcome()) == (State.FLAG, Outcome.ACCEPT)


def test_nobody_undoes_the_team_with_their_own_undo(round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([2], Decision.ACCEPT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.undo()
    assert (round_.state(1), round_.state(2)) == (State.ACCEPT, State.UNDECIDED)


# -- late answers -----------------------------------------------------------------------------------------------------


def test_a_late_answer_that_turns_the_outcome_takes_the_team_back_first(small: sqlite3.Connection, three: SmallRound) -> None:
    three.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert three.outcome() is Outcome.ACCEPT  # the third cannot change it
    three.says("ann", REJECT)
    resolved = three.all_say({"cem": REJECT})
    assert (three.outcome(), three.state()) == (Outcome.REJECT, State.REJECT)
    assert (resolved.taken_back, resolved.decided) == (1, 1)
    assert [kind for _, kind, _, _ in rows_of_the_team(small)] == ["accept", "undo", "reject"]
    assert is_derived_as_the_log_says(small)


def test_a_late_answer_that_leaves_a_tie_takes_the_team_back(round_: SmallRound) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    round_.says("cem", REJECT)
    round_.all_say({"dov": REJECT})
    assert (round_.outcome(), round_.state()) == (Outcome.DISAGREE, State.UNDECIDED)
    assert round_.wording() == "please renew my book"
    assert round_.record().decided_group is None


def test_a_withdrawn_answer_takes_the_team_back(round_: SmallRound) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    round_.says("bob", None, status=Status.WITHDRAWN)
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.WAITING, State.UNDECIDED)


def test_a_correction_that_comes_late_replaces_the_text(small: sqlite3.Connection, round_: SmallRound) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    assert round_.wording() == "renew my book, please"
    assert [kind for _, kind, _, _ in rows_of_the_team(small)] == ["accept", "undo", "edit", "accept"]


# -- decisions made here ----------------------------------------------------------------------------------------------


def test_the_same_decision_made_here_leaves_nothing_to_do(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    anna.decide([1], Decision.ACCEPT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert (round_.outcome(), rows_of_the_team(small), round_.conflicts()) == (Outcome.ACCEPT, [], [])


def test_another_decision_made_here_stays_and_is_a_conflict(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    anna.decide([1], Decision.REJECT)
    resolved = round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    assert (round_.outcome(), round_.state(), rows_of_the_team(small)) == (Outcome.CONFLICT, State.REJECT, [])
    assert round_.record().detail == "the team: accept (2 accept: ann, bob); here: reject by anna"
    assert (resolved.conflicts, round_.conflicts()) == (1, [("accept", True)])
    assert round_.resolve().conflicts == 0
    assert round_.conflicts() == [("accept", True)]


def test_a_decision_between_the_answers_did_not_know_them_all(round_: SmallRound, anna: DecisionLog) -> None:
    round_.says("ann", ACCEPT)
    anna.decide([1], Decision.REJECT)
    round_.all_say({"bob": ACCEPT})
    assert round_.outcome() is Outcome.CONFLICT


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.REJECT])
def test_deciding_again_settles_a_conflict(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog, decision: Decision
) -> None:
    anna.decide([1], Decision.REJECT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.decide([1], decision)
    assert needing_a_person(small) == []
    round_.resolve()
    assert round_.outcome() == (Outcome.ACCEPT if decision is Decision.ACCEPT else Outcome.ADJUDICATED)
    assert (round_.conflicts(), round_.state().label) == ([("accept", False)], decision.value)
    assert rows_of_the_team(small) == []


def test_undoing_that_brings_the_same_conflict_back(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.decide([1], Decision.ACCEPT)
    round_.resolve()
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.conflicts()) == (Outcome.CONFLICT, [("accept", True)])
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.conflicts(), round_.state()) == (Outcome.ACCEPT, [("accept", False)], State.ACCEPT)


def test_accepting_here_what_the_team_would_word_otherwise_is_a_conflict(round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    assert (round_.outcome(), round_.wording()) == (Outcome.CONFLICT, "please renew my book")


def test_a_decision_that_knew_the_answers_overrules_the_team(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT})
    anna.decide([1], Decision.REJECT)
    round_.resolve()
    assert (round_.outcome(), round_.state(), round_.conflicts()) == (Outcome.ADJUDICATED, State.REJECT, [])
    assert round_.record().detail == "2 accept: ann, bob; decided here: reject by anna"
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.ACCEPT, State.ACCEPT)
    assert len(rows_of_the_team(small)) == 1


def test_a_redo_of_an_older_decision_wins_over_the_team(round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    anna.undo()
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    anna.redo()
    round_.resolve()
    assert (round_.outcome(), round_.state(), round_.wording()) == (Outcome.CONFLICT, State.REJECT, "please renew my book")


def test_a_decision_that_comes_back_from_under_a_flag_wins_over_the_team(round_: SmallRound, anna: DecisionLog) -> None:
    round_.says("ann", ACCEPT)
    round_.says("bob", ACCEPT)
    anna.decide([1], Decision.REJECT)
    anna.decide([1], Decision.FLAG)
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.ACCEPT, State.ACCEPT)
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.state()) == (Outcome.ADJUDICATED, State.REJECT)


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.REJECT])
def test_a_disagreement_is_adjudicated_here(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog, decision: Decision
) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT})
    assert (round_.outcome(), needing_a_person(small)) == (Outcome.DISAGREE, [1])
    anna.decide([1], decision)
    assert needing_a_person(small) == []  # at once, nothing has to be resolved first
    round_.resolve()
    assert round_.outcome() is Outcome.ADJUDICATED
    anna.undo()
    assert needing_a_person(small) == [1]
    round_.resolve()
    assert round_.outcome() is Outcome.DISAGREE


def test_a_decision_made_before_does_not_adjudicate(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    round_.all_say({"ann": ACCEPT, "bob": REJECT})
    assert (round_.outcome(), needing_a_person(small)) == (Outcome.DISAGREE, [1])


def test_an_answer_after_the_adjudication_asks_for_another_look(round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT})
    anna.decide([1], Decision.REJECT)
    round_.all_say({"cem": ACCEPT})
    assert (round_.outcome(), round_.state()) == (Outcome.CONFLICT, State.REJECT)


def test_wording_it_here_adjudicates_texts_that_differ(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    round_.says("ann", ACCEPT, text="renew it")
    round_.says("bob", ACCEPT, text="renew that")
    round_.resolve()
    anna.edit(1, "renew this")
    assert needing_a_person(small) == []
    round_.resolve()
    assert (round_.outcome(), round_.wording()) == (Outcome.ADJUDICATED, "renew this")


def test_correcting_the_commands_here_adjudicates_commands_that_differ(round_: SmallRound, anna: DecisionLog) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, commands=start("extend_loan"))
    round_.resolve()
    assert round_.outcome() is Outcome.DISAGREE
    assert "ann would have: start flow extend_loan" in round_.record().detail
    anna.correct(FIRST_STEP, start("extend_loan"))
    round_.resolve()
    assert round_.outcome() is Outcome.OUTDATED
    anna.decide([1], Decision.ACCEPT)
    round_.resolve()
    assert (round_.outcome(), round_.outcome(2)) == (Outcome.ADJUDICATED, Outcome.OUTDATED)


def test_what_a_person_decided_on_the_teams_wording_keeps_that_wording(round_: SmallRound, anna: DecisionLog) -> None:
    for name in ("ann", "bob"):
        round_.says(name, ACCEPT, text="renew my book, please")
    round_.resolve()
    anna.decide([1], Decision.ACCEPT)
    for name in ("ann", "bob"):
        round_.says(name, REJECT)
    round_.resolve()
    assert (round_.outcome(), round_.state(), round_.wording()) == (Outcome.CONFLICT, State.ACCEPT, "renew my book, please")
    anna.undo()
    round_.resolve()
    assert (round_.outcome(), round_.state(), round_.wording()) == (Outcome.REJECT, State.REJECT, "please renew my book")
