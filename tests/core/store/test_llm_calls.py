from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from core.errors import InputError
from core.store.connection import transaction
from core.store.llm_calls import CallRow, answered_call, failed_calls, find_call, insert_call, stored_keys

ROW = CallRow(
    key="ab12", stage="annotate", role="annotator", model="m", base_url="http://host/v1", sample=0, item="one",
    at="2026-11-21T09:30:00.123Z", state="answered", attempts=1, seconds=0.5, prompt_tokens=10, completion_tokens=5,
    cached_tokens=0, exact_tokens=True, cost=0.25, currency="USD", finish_reason="stop", failure=None, answer="yes",
    request=b'{"model": "m"}', response=b'{"choices": []}',
)  # fmt: skip
FAILED = replace(
    ROW, state="failed", answer=None, finish_reason=None, failure='{"kind": "server error", "what": "500"}', response=b"<html>"
)


def _insert(connection: sqlite3.Connection, row: CallRow) -> CallRow:
    with transaction(connection):
        return insert_call(connection, row)


def test_a_row_comes_back_with_request_and_response(connection: sqlite3.Connection) -> None:
    assert _insert(connection, ROW) == ROW
    found = find_call(connection, "ab")
    assert found is not None
    assert (found.request, found.response) == ({"model": "m"}, {"choices": []})
    assert found.row == replace(ROW, request=b"", response=None)
    assert answered_call(connection, "ab12") == found.row


def test_a_failure_is_no_answer_and_is_listed(connection: sqlite3.Connection) -> None:
    _insert(connection, FAILED)
    assert answered_call(connection, "ab12") is None
    assert stored_keys(connection, ["ab12"]) == set()
    (found,) = failed_calls(connection)
    assert found.failure_text == "server error: 500"
    assert failed_calls(connection, stage="validate") == []
    assert failed_calls(connection, stage="annotate", role="annotator", limit=5) == [found]
    raw = find_call(connection, "ab12")
    assert raw is not None
    assert raw.response == "<html>"


def test_an_answer_takes_the_place_of_a_failure_and_keeps_what_that_cost(connection: sqlite3.Connection) -> None:
    _insert(connection, FAILED)
    _insert(connection, ROW)
    found = answered_call(connection, "ab12")
    assert found is not None
    assert (found.attempts, found.cost, found.prompt_tokens, found.failure) == (2, 0.5, 20, None)
    assert failed_calls(connection) == []


def test_an_answer_stays_where_another_process_asked_the_same(connection: sqlite3.Connection) -> None:
    _insert(connection, ROW)
    stands = _insert(connection, replace(ROW, answer="no", cost=None))
    assert (stands.answer, stands.cost, stands.attempts) == ("yes", 0.25, 2)
    _insert(connection, FAILED)
    assert answered_call(connection, "ab12") is not None


def test_answered_keys_are_found_among_many(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        for number in range(1200):
            insert_call(connection, replace(ROW, key=f"{number:04}"))
    wanted = [f"{number:04}" for number in range(600, 1800)]
    assert stored_keys(connection, wanted) == set(wanted[:600])


def test_the_beginning_of_a_key_must_be_enough(connection: sqlite3.Connection) -> None:
    _insert(connection, ROW)
    _insert(connection, replace(ROW, key="ab99"))
    with pytest.raises(InputError, match="more than one"):
        find_call(connection, "ab")
    assert find_call(connection, "ab9") is not None
    assert find_call(connection, "zz") is None
