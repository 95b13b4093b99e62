"""Reading conversations for the list and the transcript."""

from __future__ import annotations

import json
import sqlite3

import pytest

from bench import synthetic
from core.errors import StoreError
from core.store.browse import conversation_ids, conversation_rows, list_conversations, show_conversation
from core.store.connection import transaction
from core.store.states import State
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision


@pytest.fixture
def filled(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Three conversations of five steps, ten rephrasings each."""
    with transaction(connection):
        synthetic.fill(connection, 150)
    return connection


def test_list_counts_steps_rephrasings_and_open_ones(filled: sqlite3.Connection) -> None:
    DecisionLog(filled, "maria", "test").decide([1, 2, 3], Decision.ACCEPT)
    first, *rest = list_conversations(filled)
    assert (first.name, first.file, first.user_steps, first.rephrasings, first.open) == (
        "test 1",
        "e2e_tests/part_0.yml",
        5,
        50,
        47,
    )
    assert [row.open for row in rest] == [50, 50]
    assert first.as_data()["open"] == 47


def test_filter_and_limit(filled: sqlite3.Connection) -> None:
    where, parameters = parse_filter("test:2").for_conversations()
    assert list(conversation_ids(filled, where, parameters)) == [2]
    assert list(conversation_ids(filled, limit=2)) == [1, 2]
    assert [row.id for row in list_conversations(filled, where, parameters, limit=5)] == [2]


def test_retired_conversations_are_not_listed(filled: sqlite3.Connection) -> None:
    filled.execute("UPDATE conversation SET active = 0 WHERE id = 2")
    assert list(conversation_ids(filled)) == [1, 3]


def test_a_cancelled_read_stops(filled: sqlite3.Connection) -> None:
    assert len(conversation_ids(filled, cancelled=lambda: True)) <= 4096


def test_page_has_the_rows_asked_for(filled: sqlite3.Connection) -> None:
    assert set(conversation_rows(filled, [1, 3, 99])) == {1, 3}


def test_conversation_reads_as_it_was_said(filled: sqlite3.Connection) -> None:
    shown = show_conversation(filled, 1)
    assert [turn.kind for turn in shown.turns] == ["user", "bot"] * 5
    assert (shown.place, shown.user_steps, len(shown.rephrasings), shown.open) == ("e2e_tests/part_0.yml:2", 5, 50, 50)
    first = shown.turns[0]
    assert first.commands == ("start flow pay_fine",)
    assert first.rephrasings[0].verdict == "same"
    assert shown.turns[1].commands is None


def test_what_people_did_shows(filled: sqlite3.Connection) -> None:
    log = DecisionLog(filled, "maria", "test")
    log.decide([2], Decision.REJECT, "detail lost")
    log.edit(1, "另一种说法")
    log.add(1, "by hand")
    log.correct(2, '[["cancel flow"]]')
    filled.execute("UPDATE user_step SET commands = NULL, ingested_commands = NULL, skip = 'handed over' WHERE id = 3")
    filled.execute("UPDATE user_step SET unparsed = '[\"do it\"]' WHERE id IN (2, 4)")
    steps = [turn for turn in show_conversation(filled, 1).turns if turn.kind == "user"]
    edited, rejected, *_, added = steps[0].rephrasings
    assert (edited.text, edited.state, edited.ingested is not None) == ("另一种说法", State.ACCEPT, True)
    assert (rejected.state, rejected.reason) == (State.REJECT, "detail lost")
    assert (added.by_hand, added.verdict) == (True, None)
    assert (steps[1].commands, steps[1].corrected, steps[1].unparsed) == (("cancel flow",), True, ())
    assert (steps[2].commands, steps[2].skip) == (None, "handed over")
    assert steps[3].unparsed == ("do it",)


def test_plain_forms(filled: sqlite3.Connection) -> None:
    shown = show_conversation(filled, 1)
    data = json.loads(json.dumps(shown.as_data()))
    assert data["turns"][0]["rephrasings"][0]["state"] == "undecided"
    assert data["place"] == shown.place
    lines = shown.as_lines()
    assert lines[0] == "test 1"
    assert "       > start flow pay_fine" in lines


def test_unknown_conversation(filled: sqlite3.Connection) -> None:
    with pytest.raises(StoreError, match="no conversation 99"):
        show_conversation(filled, 99)
