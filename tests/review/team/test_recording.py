"""Answers become rows of the decision log, once each, and decide nothing by themselves."""

from __future__ import annotations

import sqlite3

import pytest

from core.store.states import State
from review.decisions import DecisionLog
from review.items import log
from review.models import Decision
from review.team.models import NewAnswer, Recording, Say, Status, Surface
from review.team.recording import answers_to
from tests.review.small import start
from tests.review.team.small_round import SmallRound, hand_out

ACCEPT, REJECT, UNSURE = Say.ACCEPT, Say.REJECT, Say.UNSURE


@pytest.fixture
def round_(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2, 3])


def in_force(round_: SmallRound, rephrasing_id: int = 1) -> dict[str, str]:
    return {
        one.annotator: str(one.decision or one.status) for one in answers_to(round_.connection, round_.record(rephrasing_id).id)
    }


@pytest.mark.parametrize(
    ("say", "kind", "reason"),
    [(ACCEPT, "accept", None), (REJECT, "reject", None), (UNSURE, "flag", None), (None, "skip", "discarded")],
)
def test_an_answer_is_a_row_of_the_decision_log(
    small: sqlite3.Connection, round_: SmallRound, say: Say | None, kind: str, reason: str | None
) -> None:
    assert round_.says("ann", say) == Recording(added=1, records=(round_.record().id,))
    row = small.execute("SELECT reviewer, surface, kind, rephrasing_id, reason, basis FROM decision").fetchall()
    assert row == [("ann", "argilla", kind, 1, reason, round_.record().basis)]
    assert small.execute("SELECT count(*) FROM decision_group").fetchone() == (0,)


def test_it_keeps_what_was_said_and_when(small: sqlite3.Connection, round_: SmallRound) -> None:
    round_.says("ann", REJECT, 2, text="renew it", commands=start("pay"), comment="other book", at="2026-11-21T09:30:00.000Z")
    (answer,) = answers_to(small, round_.record(2).id)
    assert (answer.text, answer.commands, answer.comment) == ("renew it", start("pay"), "other book")
    assert (answer.answered_at, answer.in_force) == ("2026-11-21T09:30:00.000Z", True)
    (entry,) = log(small)
    assert (entry.reviewer, entry.surface, entry.kind, entry.reason) == ("ann", "argilla", "reject", "other book")


def test_the_same_answers_again_change_nothing(small: sqlite3.Connection, round_: SmallRound) -> None:
    answers = [
        NewAnswer(round_.record(id_).external_id, name, Status.SUBMITTED, say, f"2026-11-21T09:0{id_}:00.000Z", comment="x")
        for id_ in (1, 2, 3)
        for name, say in (("ann", ACCEPT), ("bob", UNSURE))
    ]
    assert round_.hand_in(answers).added == 6
    before = small.total_changes
    assert round_.hand_in(answers) == Recording(known=6)
    assert small.total_changes == before


def test_an_annotators_latest_answer_is_in_force(round_: SmallRound) -> None:
    round_.says("ann", ACCEPT)
    assert round_.says("ann", REJECT) == Recording(changed=1, records=(round_.record().id,))
    assert in_force(round_) == {"ann": "reject"}
    assert [(one.kind, one.in_force) for one in log(round_.connection)] == [("reject", True), ("accept", False)]


def test_an_older_answer_that_comes_late_is_kept_and_not_in_force(small: sqlite3.Connection, round_: SmallRound) -> None:
    round_.says("ann", REJECT, at="2026-11-21T10:00:00.000Z")
    round_.says("ann", ACCEPT, at="2026-11-21T09:00:00.000Z")
    assert in_force(round_) == {"ann": "reject"}
    assert small.execute("SELECT count(*) FROM team_answer").fetchone() == (2,)


def test_a_withdrawn_answer_is_no_answer_and_is_withdrawn_once(round_: SmallRound) -> None:
    round_.says("ann", ACCEPT)
    assert round_.says("ann", None, status=Status.WITHDRAWN).withdrawn == 1
    assert round_.says("ann", None, status=Status.WITHDRAWN) == Recording(known=1)
    assert in_force(round_) == {}
    assert round_.says("ann", REJECT).changed == 1
    assert in_force(round_) == {"ann": "reject"}


def test_what_was_never_answered_is_not_withdrawn(small: sqlite3.Connection, round_: SmallRound) -> None:
    assert round_.says("ann", None, status=Status.WITHDRAWN) == Recording(known=1)
    assert small.execute("SELECT count(*) FROM decision").fetchone() == (0,)


def test_ids_that_are_not_of_the_round_are_named(small: sqlite3.Connection, round_: SmallRound) -> None:
    other = hand_out(small, [5], name="round-2")
    answers = [
        NewAnswer(id_, "ann", Status.SUBMITTED, ACCEPT, "2026-11-21T09:00:00.000Z")
        for id_ in ("r-0000000000000000", other.record(5).external_id, round_.record().external_id)
    ]
    recording = round_.hand_in(answers)
    assert (recording.added, recording.unknown) == (1, ("r-0000000000000000", other.record(5).external_id))


def test_state_undo_and_redo_never_see_an_answer(small: sqlite3.Connection, round_: SmallRound) -> None:
    ann = DecisionLog(small, "ann", "app")
    ann.decide([2], Decision.ACCEPT)
    round_.says("ann", REJECT, 1)
    assert round_.state(1) is State.UNDECIDED
    ann.undo()
    assert round_.state(2) is State.UNDECIDED
    round_.says("ann", REJECT, 3)
    ann.redo()
    assert round_.state(2) is State.ACCEPT
    assert in_force(round_, 1) == {"ann": "reject"}


def test_the_log_names_the_wording_that_was_answered(small: sqlite3.Connection) -> None:
    DecisionLog(small, "anna", "app").edit(1, "renew my loan", accept=False)
    packed = hand_out(small, [1, 2], surface=Surface.PACK)
    packed.says("ann", ACCEPT, 1)
    packed.says("ann", ACCEPT, 2)
    rows = small.execute("SELECT surface, text FROM decision WHERE reviewer = 'ann' ORDER BY id").fetchall()
    assert rows == [("pack", "renew my loan"), ("pack", None)]


def test_half_characters_and_zeros_are_replaced(small: sqlite3.Connection, round_: SmallRound) -> None:
    for _ in range(2):
        round_.says("ann", REJECT, text="a\ud83db", comment="c\0d", at="2026-11-21T09:30:00.000Z")
    (answer,) = answers_to(small, round_.record().id)
    assert (answer.text, answer.comment) == ("a\ufffdb", "c\ufffdd")
    assert small.execute("SELECT count(*) FROM team_answer").fetchone() == (1,)
