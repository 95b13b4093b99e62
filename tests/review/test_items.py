"""What one screen of the review loop shows, and the log of the latest actions."""

from __future__ import annotations

import json
import sqlite3

import pytest

from core.commands import Dialect, to_json
from core.commands.models import SetSlot
from core.errors import DecisionError
from core.store.connection import write_meta
from core.store.states import State
from review import items
from review.decisions import DecisionLog
from review.models import Decision, ReviewItem, ShownScore, Sibling, TranscriptTurn
from review.team.models import Outcome, Say, Status, Surface
from tests.review.conftest import BUTTON_ID, FIRST_STEP, SECOND_STEP
from tests.review.small import start
from tests.review.team.small_round import hand_out


def item(connection: sqlite3.Connection, id_: int, dialect: Dialect = Dialect.V2) -> ReviewItem:
    return items.load_item(connection, id_, dialect)


def test_an_item_shows_a_rephrasing_with_its_step_and_siblings(small: sqlite3.Connection) -> None:
    assert item(small, 3) == ReviewItem(
        id=3,
        step_id=1,
        conversation_id=1,
        file="e2e_tests/loans.yml",
        test="renew a loan",
        occurrence=1,
        line=3,
        user_step=1,
        original="I want to renew my book",
        text="return my book",
        edited_text=None,
        by_hand=False,
        state=State.UNDECIDED,
        reason=None,
        decided_by=None,
        decided_at=None,
        verdict="different",
        verdict_stale=False,
        verdict_on_other_words=False,
        reasons=(),
        commands=("start flow renew_loan",),
        unparsed=(),
        corrected=False,
        predicted=None,
        siblings=(
            Sibling(1, "please renew my book", State.UNDECIDED, "same"),
            Sibling(2, "renew the book I have", State.UNDECIDED, "same"),
            Sibling(4, "my book, again?", State.UNDECIDED, "ambiguous"),
        ),
    )


def test_an_item_shows_who_decided_when_and_why(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    bo.decide([3], Decision.ACCEPT)
    recorded = anna.decide([3], Decision.REJECT, "meaning changed")
    shown = item(small, 3)
    assert (shown.state, shown.reason, shown.decided_by, shown.decided_at) == (
        State.REJECT, "meaning changed", "anna", recorded.at,
    )  # fmt: skip
    assert [one.state for one in item(small, 1).siblings] == [State.UNDECIDED, State.REJECT, State.UNDECIDED]


def test_an_edited_item_shows_both_wordings(small: sqlite3.Connection, anna: DecisionLog) -> None:
    assert item(small, 3).shown_text == "return my book"
    anna.edit(3, "please extend my loan")
    shown = item(small, 3)
    assert (shown.text, shown.edited_text, shown.shown_text) == (
        "return my book", "please extend my loan", "please extend my loan",
    )  # fmt: skip
    assert [one.text for one in item(small, 4).siblings][2] == "please extend my loan"


def test_siblings_that_left_the_project_are_not_shown(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.add(SECOND_STEP, "the birds one")
    assert [one.id for one in item(small, 5).siblings] == [6, 8]
    assert item(small, 8).by_hand
    anna.undo()
    assert [one.id for one in item(small, 5).siblings] == [6]


def test_a_corrected_step_shows_its_new_commands_and_a_stale_verdict(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.correct(FIRST_STEP, to_json([SetSlot("title", "Harbour Birds")]))
    shown = item(small, 3)
    assert (shown.commands, shown.corrected, shown.verdict, shown.verdict_stale) == (
        ("set slot title Harbour Birds",), True, "different", True,
    )  # fmt: skip
    anna.undo()
    assert not item(small, 3).corrected
    assert not item(small, 3).verdict_stale


def test_what_the_machine_found_is_shown_until_there_is_another_verdict(small: sqlite3.Connection, anna: DecisionLog) -> None:
    small.execute(
        "UPDATE verdict SET commands = ?, reasons = '[\"2 of 3 samples\"]' WHERE rephrasing_id = 3", (start("return_item"),)
    )
    assert item(small, 3).predicted == ("start flow return_item",)
    assert item(small, 3).reasons == ("2 of 3 samples",)
    anna.correct(FIRST_STEP, start("return_item"))
    assert item(small, 3).predicted == ("start flow return_item",)


def test_commands_that_were_not_understood_are_shown_until_corrected(small: sqlite3.Connection, anna: DecisionLog) -> None:
    small.execute("UPDATE user_step SET unparsed = '[\"Do(it)\"]' WHERE id = ?", (FIRST_STEP,))
    assert item(small, 1).unparsed == ("Do(it)",)
    anna.correct(FIRST_STEP, start("reserve_item"))
    assert item(small, 1).unparsed == ()


@pytest.mark.parametrize(
    ("dialect", "line"),
    [(Dialect.V1, "StartFlow(renew_loan)"), (Dialect.V2, "start flow renew_loan"), (Dialect.V3, "start flow renew_loan")],
)
def test_commands_are_shown_in_the_dialect(small: sqlite3.Connection, dialect: Dialect, line: str) -> None:
    assert item(small, 1, dialect).commands == (line,)


def test_the_project_speaks_v2_until_another_dialect_is_stored(small: sqlite3.Connection) -> None:
    assert items.project_dialect(small) is Dialect.V2
    write_meta(small, "dialect", "v3")
    assert items.project_dialect(small) is Dialect.V3


def test_a_step_without_commands_shows_none(small: sqlite3.Connection) -> None:
    small.execute("UPDATE user_step SET commands = NULL, ingested_commands = NULL WHERE id = ?", (FIRST_STEP,))
    assert (item(small, 1).commands, item(small, 1).corrected) == ((), False)


def test_an_unknown_id_is_an_error(small: sqlite3.Connection) -> None:
    with pytest.raises(DecisionError, match="no rephrasing 99"):
        item(small, 99)
    with pytest.raises(DecisionError, match="no conversation 99"):
        items.load_transcript(small, 99)


def test_a_transcript_names_the_step_of_each_user_turn(small: sqlite3.Connection) -> None:
    assert items.load_transcript(small, 1) == (
        TranscriptTurn("user", "I want to renew my book", 3, 1),
        TranscriptTurn("bot", "Anything else?", 4),
        TranscriptTurn("user", "the one about harbour birds", 5, 2),
        TranscriptTurn("bot", "Anything else?", 6),
        TranscriptTurn("user", "/affirm", 7, 3),
        TranscriptTurn("bot", "Anything else?", 8),
    )


# -- the latest actions -----------------------------------------------------------------------------------------------


def told(
    connection: sqlite3.Connection, limit: int = 10, reviewer: str | None = None
) -> list[tuple[str, str, str | None, bool, int]]:
    """Kind, text, reason, in force, count."""
    return [
        (one.kind, one.text, one.reason, one.in_force, one.count) for one in items.log(connection, limit, reviewer=reviewer)
    ]


def test_the_log_lists_actions_newest_first(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([1, 2, 3], Decision.REJECT, "unnatural")
    anna.edit(3, "please extend my loan")
    anna.add(FIRST_STEP, "keep my book longer")
    anna.correct(FIRST_STEP, start("reserve_item"))
    assert told(small) == [
        ("correct", "I want to renew my book", None, True, 1),
        ("add", "keep my book longer", None, True, 1),
        ("edit", "please extend my loan", None, True, 1),
        ("reject", "please renew my book", "unnatural", True, 3),
        ("accept", "please renew my book", None, True, 1),
    ]
    assert told(small, 1) == told(small)[:1]


def test_an_undo_in_the_log_shows_what_it_took_back(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 2], Decision.REJECT)
    anna.undo()
    assert told(small) == [
        ("undo", "please renew my book", None, True, 2),
        ("reject", "please renew my book", None, False, 2),
    ]
    anna.redo()
    assert [(kind, in_force) for kind, _, _, in_force, _ in told(small)] == [("redo", True), ("undo", True), ("reject", True)]
    assert items.log(small, 1)[0].rephrasing_id == 1


def test_a_reason_given_later_is_no_action_of_its_own(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 2], Decision.REJECT)
    anna.decide([BUTTON_ID], Decision.SKIP)
    anna.give_reason(1, "unnatural")
    assert told(small) == [("skip", "yes", None, True, 1), ("reject", "please renew my book", "unnatural", True, 2)]


def test_the_log_shows_the_wording_that_was_decided_on(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(3, "please extend my loan", accept=False)
    anna.decide([3], Decision.FLAG)
    anna.edit(3, "extend my loan")
    assert [text for _, text, *_ in told(small)] == ["extend my loan", "please extend my loan", "please extend my loan"]


def test_an_earlier_decision_is_listed_under_the_words_it_was_made_on(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([3], Decision.REJECT)
    anna.edit(3, "please extend my loan")
    assert [text for _, text, *_ in told(small)] == ["please extend my loan", "return my book"]


def test_the_log_without_undos_and_redos(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    anna.decide([2], Decision.ACCEPT)
    anna.undo()
    assert [(one.kind, one.in_force) for one in items.log(small, 2, turns=False)] == [("accept", False), ("reject", True)]


def test_the_verdict_on_a_siblings_ingested_words_is_not_one_on_their_edit(
    small: sqlite3.Connection, anna: DecisionLog
) -> None:
    anna.edit(3, "please extend my loan")
    assert [(one.id, one.verdict) for one in item(small, 4).siblings] == [(1, "same"), (2, "same"), (3, None)]


def test_the_log_of_one_reviewer(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    bo.decide([2], Decision.FLAG)
    anna.decide([3], Decision.SKIP)
    assert [kind for kind, *_ in told(small, reviewer="anna")] == ["skip", "accept"]
    assert [(one.reviewer, one.surface) for one in items.log(small)] == [("anna", "app"), ("bo", "cli"), ("anna", "app")]
    assert items.log(small, reviewer="nobody") == []


def test_the_score_with_its_reasons(small: sqlite3.Connection) -> None:
    assert item(small, 4).ambiguity is None
    reasons = json.dumps([["ambiguous", "the machine is not sure", 1.0], ["word_gone", "a word is gone: book", 1.5]])
    small.execute("INSERT INTO ambiguity VALUES (4, 0.82, ?, '-')", (reasons,))
    assert item(small, 4).ambiguity == ShownScore(0.82, ("the machine is not sure", "a word is gone: book"))


def test_what_everyone_in_the_team_said(small: sqlite3.Connection) -> None:
    assert item(small, 1).team is None
    round_ = hand_out(small, [1], overlap=3)
    round_.says("ann", Say.ACCEPT, text="renew it", commands=start("extend_loan"))
    round_.says("bob", Say.ACCEPT)
    round_.says("bob", Say.REJECT, comment="another book")
    round_.says("cem", None)
    round_.says("dov", Say.UNSURE)
    round_.says("dov", None, status=Status.WITHDRAWN)
    round_.resolve()
    view = item(small, 1).team
    assert view is not None
    assert (view.round, view.surface, view.outcome, view.overlap) == ("round-1", Surface.ARGILLA, Outcome.DISAGREE, 3)
    assert view.detail == "1 accept, 1 reject, 1 discarded: ann against bob; cem discarded"
    assert [(one.annotator, one.status, one.decision, one.text, one.commands, one.comment) for one in view.answers] == [
        ("ann", Status.SUBMITTED, Say.ACCEPT, "renew it", ("start flow extend_loan",), None),
        ("bob", Status.SUBMITTED, Say.REJECT, None, None, "another book"),
        ("cem", Status.DISCARDED, None, None, None, None),
    ]
    assert view.answers[0].at == "2026-11-21T09:01:00.000Z"


def test_the_latest_round_is_shown_as_it_stands_now(small: sqlite3.Connection, anna: DecisionLog) -> None:
    first = hand_out(small, [1])
    first.all_say({"ann": Say.ACCEPT, "bob": Say.REJECT})
    anna.decide([1], Decision.ACCEPT)
    assert [one.outcome for one in [item(small, 1).team] if one] == [Outcome.ADJUDICATED]
    hand_out(small, [1], name="round-2")
    assert [(one.round, one.outcome, one.answers) for one in [item(small, 1).team] if one] == [("round-2", Outcome.WAITING, ())]
