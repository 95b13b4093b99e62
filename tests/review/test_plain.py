"""Review records as JSON data and as lines."""

from __future__ import annotations

import json
import sqlite3

from core.commands import Dialect
from review import items
from review.decisions import DecisionLog
from review.models import Decision
from review.plain import entry_as_data, entry_in_words, item_as_data, item_as_lines, recorded_as_data
from review.team.models import Say
from tests.review.conftest import FIRST_STEP
from tests.review.small import start
from tests.review.team.small_round import hand_out


def test_an_item_as_data(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([2], Decision.ACCEPT)
    recorded = anna.edit(3, "please extend my loan")
    data = item_as_data(items.load_item(small, 3, Dialect.V2))
    assert data == {
        "id": 3,
        "step": 1,
        "conversation": 1,
        "file": "e2e_tests/loans.yml",
        "test": "renew a loan",
        "occurrence": 1,
        "line": 3,
        "user_step": 1,
        "original": "I want to renew my book",
        "rephrasing": "please extend my loan",
        "ingested": "return my book",
        "edited": True,
        "by_hand": False,
        "commands": ["start flow renew_loan"],
        "corrected": False,
        "not_understood": [],
        "predicted": None,
        "verdict": "different",
        "verdict_stale": False,
        "reasons": [],
        "state": "accept",
        "reason": None,
        "decided_by": "anna",
        "decided_at": recorded.at,
        "siblings": [
            {"id": 1, "text": "please renew my book", "state": "undecided", "verdict": "same"},
            {"id": 2, "text": "renew the book I have", "state": "accept", "verdict": "same"},
            {"id": 4, "text": "my book, again?", "state": "undecided", "verdict": "ambiguous"},
        ],
        "ambiguity": None,
        "team": None,
    }
    assert json.loads(json.dumps(data)) == data


def test_what_was_added_by_hand_was_not_ingested(small: sqlite3.Connection, anna: DecisionLog) -> None:
    added = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id or 0
    data = item_as_data(items.load_item(small, added, Dialect.V2))
    assert (data["by_hand"], data["ingested"], data["rephrasing"]) == (True, None, "keep my book longer")


def test_an_item_as_lines(small: sqlite3.Connection, anna: DecisionLog) -> None:
    small.execute("UPDATE verdict SET reasons = '[\"starts another flow\"]' WHERE rephrasing_id = 3")
    assert item_as_lines(items.load_item(small, 3, Dialect.V2)) == [
        "#3  undecided  e2e_tests/loans.yml:3  renew a loan, user step 1",
        "  original    I want to renew my book",
        "  rephrasing  return my book",
        "  commands    start flow renew_loan",
        "  verdict     different; starts another flow",
    ]
    anna.correct(FIRST_STEP, "[]")
    assert item_as_lines(items.load_item(small, 3, Dialect.V2))[3:] == [
        "  commands    –",
        "  verdict     different (stale); starts another flow",
    ]


def test_an_item_without_verdict_or_line_leaves_them_out(small: sqlite3.Connection) -> None:
    small.execute("UPDATE user_step SET line = NULL")
    lines = item_as_lines(items.load_item(small, 6, Dialect.V2))
    assert lines[0] == "#6  undecided  e2e_tests/loans.yml  renew a loan, user step 2"
    assert len(lines) == 4


def test_a_log_entry_as_data(small: sqlite3.Connection, anna: DecisionLog) -> None:
    recorded = anna.decide([1, 2], Decision.REJECT, "unnatural")
    assert [entry_as_data(entry) for entry in items.log(small)] == [
        {
            "id": 1,
            "group": 1,
            "at": recorded.at,
            "reviewer": "anna",
            "surface": "app",
            "kind": "reject",
            "rephrasing": 1,
            "step": None,
            "text": "please renew my book",
            "reason": "unnatural",
            "in_force": True,
            "count": 2,
            "round": None,
            "status": None,
            "answered_at": None,
            "corrected_text": None,
            "commands": None,
            "commands_read": None,
        }
    ]


def test_an_answer_in_the_log_says_what_the_annotator_would_have_and_when_it_was_given(small: sqlite3.Connection) -> None:
    round_ = hand_out(small, [1])
    at = "2026-11-21T09:12:00.000Z"
    round_.says("ann", Say.ACCEPT, text="renew it", commands=start("pay"), at="2026-11-21T08:00:00.000Z")
    round_.says("ann", Say.ACCEPT, text="renew that", unread="pay somehow", at=at)
    latest, earlier = items.log(small)
    data = entry_as_data(latest)
    names = ("round", "status", "answered_at", "corrected_text", "commands", "commands_read", "text", "at")
    assert [data[name] for name in names[:-2]] == ["round-1", "submitted", at, "renew that", ("pay somehow",), False]
    assert (data["text"], data["at"] != at) == ("please renew my book", True)
    assert entry_in_words(latest) == (
        "accept, answered 2026-11-21 09:12",
        "please renew my book → renew that; commands: pay somehow (cannot be read)",
    )
    assert entry_in_words(earlier) == (
        "accept, answered 2026-11-21 08:00 (changed since)",
        "please renew my book → renew it; commands: start flow pay",
    )


def test_what_was_recorded_as_data(anna: DecisionLog) -> None:
    decided = anna.decide([1, 2], Decision.REJECT)
    assert recorded_as_data(decided) == {
        "group": 1, "at": decided.at, "what": "reject ×2", "states": {"1": "reject", "2": "reject"}, "step": None,
        "rephrasing": None,
    }  # fmt: skip
    corrected = recorded_as_data(anna.correct(FIRST_STEP, start("reserve_item")))
    assert (corrected["step"], corrected["states"]["1"], corrected["states"]["3"]) == (FIRST_STEP, "stale", "undecided")


def test_the_score_and_the_answers_of_the_team(small: sqlite3.Connection) -> None:
    small.execute("INSERT INTO ambiguity VALUES (6, 0.8166, '[[\"word_gone\", \"a word is gone\", 1.5]]', '-')")
    round_ = hand_out(small, [6])
    round_.says("ann", Say.ACCEPT, 6, text="harbour birds, please", commands=start("pay"), comment="shorter")
    round_.says("bob", None, 6)
    round_.says("cem", Say.REJECT, 6, commands="[]")
    round_.resolve()
    item = items.load_item(small, 6, Dialect.V2)
    assert item_as_lines(item)[4:] == [
        "  ambiguity   0.82; a word is gone",
        "  team        disagree, round-1: 1 accept, 1 reject, 1 discarded: ann against cem; bob discarded",
        "    ann: accept, as “harbour birds, please”, commands: start flow pay – shorter",
        "    bob: discarded",
        "    cem: reject, commands: none",
    ]
    data = json.loads(json.dumps(item_as_data(item)))
    assert data["ambiguity"] == {"score": 0.8166, "reasons": ["a word is gone"]}
    assert (data["team"]["outcome"], data["team"]["surface"]) == ("disagree", "argilla")
    assert data["team"]["answers"][0] == {
        "annotator": "ann",
        "status": "submitted",
        "decision": "accept",
        "text": "harbour birds, please",
        "commands": ["start flow pay"],
        "comment": "shorter",
        "at": "2026-11-21T09:01:00.000Z",
        "commands_read": True,
    }
