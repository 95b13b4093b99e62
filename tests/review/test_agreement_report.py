"""The agreement of annotators, read from what they answered."""

from __future__ import annotations

import sqlite3

import pytest

from review.agreement_report import AgreementReport, AnnotatorMeasures, report_agreement
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Say
from tests.review.conftest import FIRST_STEP
from tests.review.small import Step, add_conversation, start
from tests.review.team.small_round import SmallRound, hand_out

ACCEPT, REJECT, UNSURE = Say.ACCEPT, Say.REJECT, Say.UNSURE
_SAYS = {"a": ACCEPT, "r": REJECT, "u": UNSURE, "d": None}


@pytest.fixture
def round_(small: sqlite3.Connection) -> SmallRound:
    return hand_out(small, [1, 2, 3, 4, 5, 6])


def answer(round_: SmallRound, **columns: str) -> None:
    """`ann="ar d"`: ann accepts rephrasing 1, rejects 2, does not answer 3 and discards 4."""
    for name, says in columns.items():
        for rephrasing_id, say in enumerate(says, start=1):
            if say != " ":
                round_.says(name, _SAYS[say], rephrasing_id)
    round_.resolve()


def of(report: AgreementReport, name: str) -> AnnotatorMeasures:
    return next(one for one in report.annotators if one.name == name)


def test_the_decision_by_two_annotators(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="aaarru", bob="aararu")
    report = report_agreement(small)
    decision = report.decision
    assert (report.items, decision.items) == (6, 6)
    assert decision.raw.value == pytest.approx(4 / 6)
    # by hand: shares of ann 3/6, 2/6, 1/6 and of bob the same: p_e = 14/36; kappa = (24 - 14) / (36 - 14)
    assert report.pairs[0].kappa.value == pytest.approx(10 / 22)
    # by hand: six a, four r, two u of 12: D_o = 4/12, D_e = (144 - 36 - 16 - 4) / 132 = 88/132
    assert decision.alpha.value == pytest.approx(1 - (4 / 12) * 132 / 88)
    assert decision.labels == {"accept": 6, "reject": 4, "unsure": 2}
    assert decision.confusion == {
        ("accept", "accept"): 2,
        ("accept", "reject"): 2,
        ("reject", "reject"): 1,
        ("unsure", "unsure"): 1,
    }
    assert decision.interval is not None
    assert decision.no_interval == ""
    assert report.wording.interval is None
    assert report.wording.no_interval


def test_each_with_each(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="aarr", bob="aar ", cem="rr  ")
    report = report_agreement(small)
    assert [(one.first, one.second, one.kappa.items, one.raw) for one in report.pairs] == [
        ("ann", "bob", 3, 1.0),
        ("ann", "cem", 2, 0.0),
        ("bob", "cem", 2, 0.0),
    ]
    assert report.pairs[0].confusion == {("accept", "accept"): 2, ("reject", "reject"): 1}


def test_each_annotator_with_the_others_and_with_what_it_came_to(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="aaar", bob="aarr", cem="arud")
    ann, cem = of(report_agreement(small), "ann"), of(report_agreement(small), "cem")
    # 1: a a a; 2: a a r → accept; 3: a r u → disagree; 4: r r, discarded by cem → reject
    assert (ann.answers, ann.discards, ann.pairs) == (4, 0, 7)
    assert ann.with_others == pytest.approx(4 / 7)
    assert (ann.with_outcome.value, ann.confusion) == (1, {("accept", "accept"): 2, ("reject", "reject"): 1})
    assert (cem.answers, cem.discards) == (3, 1)
    assert cem.labels == {"accept": 1, "reject": 1, "unsure": 1}
    assert cem.confusion == {("accept", "accept"): 1, ("reject", "accept"): 1}
    assert cem.with_others == pytest.approx(2 / 6)


def test_who_only_discards_is_listed(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="a", bob="d")
    bob = of(report_agreement(small), "bob")
    assert (bob.answers, bob.discards, bob.with_others, bob.with_outcome.value) == (0, 1, None, None)


def test_what_was_adjudicated_here_is_an_outcome(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    answer(round_, ann="a", bob="r")
    assert of(report_agreement(small), "ann").confusion == {}
    anna.decide([1], Decision.REJECT)
    assert of(report_agreement(small), "ann").confusion == {("accept", "reject"): 1}


def test_corrected_texts(small: sqlite3.Connection, round_: SmallRound) -> None:
    for id_, texts in {1: ("renew it", "renew  it"), 2: ("x", None), 3: ("x", "y"), 4: (None, None)}.items():
        for name, text in zip(("ann", "bob"), texts, strict=True):
            round_.says(name, ACCEPT, id_, text=text)
    round_.says("ann", ACCEPT, 5, text="x")
    round_.says("bob", REJECT, 5, text="x")
    report = report_agreement(small)
    assert report.wording.items == 4
    assert report.wording.raw.value == pytest.approx(3 / 4)
    assert report.wording.labels == {"corrected": 5, "as it is": 3}
    assert report.same_wording == (1, 2)


def test_commands_are_compared_as_they_mean(small: sqlite3.Connection, round_: SmallRound) -> None:
    one, other = start("pay", "save"), start("save", "pay")
    for id_, commands in {1: (one, other), 2: (start("renew_loan"), None), 3: ("[]", None), 4: (one, "[]")}.items():
        for name, wanted in zip(("ann", "bob"), commands, strict=True):
            round_.says(name, ACCEPT, id_, commands=wanted)
    report = report_agreement(small)
    assert report.commands.raw.value == pytest.approx(2 / 4)
    assert report.commands.labels["as expected"] == 3


def test_the_decision_by_the_command_that_is_expected(small: sqlite3.Connection) -> None:
    add_conversation(small, [Step("hi", [("hello", None)], commands='[["chitchat"],["start flow","pay"]]')], name="two")
    round_ = hand_out(small, [1, 5, 8])
    for id_, (ann, bob) in {1: (ACCEPT, ACCEPT), 5: (ACCEPT, REJECT), 8: (REJECT, REJECT)}.items():
        round_.says("ann", ann, id_)
        round_.says("bob", bob, id_)
    by_command = {one.what: (one.items, one.raw.value) for one in report_agreement(small).by_command}
    assert by_command == {"chitchat": (1, 1), "no command": (1, 0), "start flow": (2, 1)}


def test_an_item_of_two_rounds_counts_once_with_the_latest_answers(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="a", bob="r")
    again = hand_out(small, [1], name="round-2")
    again.clock = 10
    answer(again, ann="r", cem="r")
    report = report_agreement(small)
    assert (report.items, report.decision.raw.value) == (1, 1)
    assert report_agreement(small, round_.round.id).decision.raw.value == 0
    assert [one.name for one in report_agreement(small, again.round.id).annotators] == ["ann", "cem"]


def test_withdrawn_and_overtaken_answers_do_not_count(small: sqlite3.Connection, round_: SmallRound) -> None:
    answer(round_, ann="a", bob="r")
    answer(round_, ann="r")
    assert report_agreement(small).decision.raw.value == 1


# -- decisions made here ----------------------------------------------------------------------------------------------


def test_a_decision_made_here_before_the_answers_is_an_annotators(
    small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog
) -> None:
    anna.decide([1], Decision.REJECT)
    anna.decide([2], Decision.FLAG)
    anna.decide([3], Decision.SKIP)
    answer(round_, ann="aaa", bob="aaa")
    anna_ = of(report_agreement(small), "anna")
    assert (anna_.answers, anna_.here, anna_.labels) == (2, 2, {"reject": 1, "unsure": 1})
    assert report_agreement(small).commands.items == 3  # it says nothing of commands and wording
    assert report_agreement(small).commands.labels == {"as expected": 6}
    assert "team" not in {one.name for one in report_agreement(small).annotators}


def test_one_made_with_the_answers_in_sight_is_not(small: sqlite3.Connection, round_: SmallRound, anna: DecisionLog) -> None:
    answer(round_, ann="a", bob="r")
    anna.decide([1], Decision.REJECT)
    assert [one.name for one in report_agreement(small).annotators] == ["ann", "bob"]


def test_one_on_other_words_or_commands_or_undone_is_not(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    anna.decide([1, 5], Decision.REJECT)
    anna.edit(1, "renew my loan", accept=False)
    bo.decide([2], Decision.REJECT)
    bo.undo()
    anna.decide([3], Decision.REJECT)
    anna.correct(FIRST_STEP, start("extend_loan"))
    round_ = hand_out(small, [1, 2, 3, 5])
    for id_ in (1, 2, 3, 5):
        round_.says("ann", ACCEPT, id_)
    assert of(report_agreement(small), "anna").answers == 1
    assert len(report_agreement(small).annotators) == 2


def test_the_answer_of_a_person_goes_before_their_decision_here(small: sqlite3.Connection, round_: SmallRound) -> None:
    DecisionLog(small, "ann", "app").decide([1], Decision.REJECT)
    answer(round_, ann="a", bob="a")
    assert report_agreement(small).decision.raw.value == 1


def test_nothing_answered_is_an_empty_report(small: sqlite3.Connection, round_: SmallRound) -> None:
    report = report_agreement(small, round_.round.id)
    assert (report.items, report.annotators, report.pairs, report.by_command) == (0, (), (), ())
    assert report.decision.alpha.why == "no item has two answers"
