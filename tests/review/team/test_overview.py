"""The team at a glance."""

from __future__ import annotations

import sqlite3

import pytest

from review.decisions import DecisionLog
from review.models import Decision
from review.team import rounds
from review.team.models import Outcome, Say, Status
from review.team.overview import AnnotatorSummary, TeamSummary, count_needing_a_person, team_summary
from tests.review.team.small_round import SmallRound, hand_out

ACCEPT, REJECT, UNSURE = Say.ACCEPT, Say.REJECT, Say.UNSURE


@pytest.fixture
def round_(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2, 3, 4])


def test_without_a_round_there_is_nothing(small: sqlite3.Connection) -> None:
    assert team_summary(small) == TeamSummary()


def test_a_round_that_nobody_has_answered(small: sqlite3.Connection, round_: SmallRound) -> None:
    rounds.note_pushed(small, {round_.record(1).id: "x", round_.record(2).id: "y"})
    hand_out(small, [], name="empty")
    first, empty = team_summary(small).rounds
    assert (first.records, first.pushed, first.answered, first.answers, first.discards, first.wanted) == (4, 2, 0, 0, 0, 8)
    assert first.outcomes == {Outcome.WAITING: 4}
    assert (empty.round.name, empty.records, empty.outcomes) == ("empty", 0, {})


def test_a_round_that_is_under_way(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    anna.decide([3], Decision.REJECT)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT}, 1)
    round_.all_say({"ann": ACCEPT, "bob": REJECT}, 2)
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT, "cem": None}, 3)
    round_.says("ann", UNSURE, 4)
    round_.says("bob", ACCEPT, 4)
    round_.says("bob", None, 4, status=Status.WITHDRAWN)
    round_.resolve()
    summary = team_summary(small)
    (found,) = summary.rounds
    assert (found.answered, found.answers, found.discards) == (3, 7, 1)
    assert found.outcomes == {Outcome.ACCEPT: 1, Outcome.DISAGREE: 1, Outcome.CONFLICT: 1, Outcome.WAITING: 1}
    assert (summary.needs_a_person, summary.conflicts, summary.waiting) == (2, 1, 1)
    assert count_needing_a_person(small) == 2


def test_what_a_person_decides_counts_at_once(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT}, 2)
    anna.decide([2], Decision.ACCEPT)
    assert (team_summary(small).needs_a_person, count_needing_a_person(small)) == (0, 0)
    assert team_summary(small).rounds[0].outcomes[Outcome.ADJUDICATED] == 1
    anna.undo()
    assert (team_summary(small).needs_a_person, count_needing_a_person(small)) == (1, 1)


def test_an_adjudication_that_was_undone_needs_a_person_again(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT}, 2)
    anna.decide([2], Decision.ACCEPT)
    round_.resolve()
    anna.undo()
    assert team_summary(small).rounds[0].outcomes == {Outcome.WAITING: 3, Outcome.DISAGREE: 1}


def test_an_adjudicated_record_whose_step_changed_is_outdated(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    round_.all_say({"ann": ACCEPT, "bob": REJECT}, 2)
    anna.decide([2], Decision.ACCEPT)
    round_.resolve()
    anna.correct(1, "[]")
    assert team_summary(small).rounds[0].outcomes == {Outcome.WAITING: 3, Outcome.OUTDATED: 1}
    assert count_needing_a_person(small) == 0


def test_the_annotators(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    round_.all_say({"ann": ACCEPT, "bob": ACCEPT, "cem": REJECT}, 1)
    round_.all_say({"ann": ACCEPT, "bob": UNSURE, "cem": None}, 2)
    round_.says("cem", REJECT, 3, at="2026-11-22T10:00:00.000Z")
    anna.decide([2], Decision.REJECT)
    round_.resolve()
    assert team_summary(small).annotators == (
        AnnotatorSummary("ann", 2, 0, 0, "2026-11-21T09:04:00.000Z", 2, 1),
        AnnotatorSummary("bob", 2, 0, 1, "2026-11-21T09:05:00.000Z", 2, 1),
        AnnotatorSummary("cem", 2, 1, 0, "2026-11-22T10:00:00.000Z", 1, 0),
    )
    assert [one.agreement for one in team_summary(small).annotators] == [0.5, 0.5, 0.0]


def test_who_only_discards_has_no_agreement(small: sqlite3.Connection, round_: SmallRound) -> None:
    round_.says("ann", None)
    (ann,) = team_summary(small).annotators
    assert (ann.answers, ann.discards, ann.agreement) == (0, 1, None)
