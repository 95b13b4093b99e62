"""The ledger adds up stored calls by stage, role and model, and in total for each currency."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from core.llm.ledger import read_ledger
from core.store.connection import transaction
from core.store.llm_calls import CallRow, insert_call

CALL = CallRow(
    key="a", stage="annotate", role="annotator", model="m", base_url="http://127.0.0.1/v1", sample=0, item="test 1",
    at="2026-11-21T09:30:00.123Z", state="answered", attempts=1, seconds=1.0, prompt_tokens=100, completion_tokens=10,
    cached_tokens=50, exact_tokens=True, cost=0.5, currency="USD", finish_reason="stop", failure=None, answer="yes",
    request=b"{}",
)  # fmt: skip


def store(connection: sqlite3.Connection, *rows: CallRow) -> None:
    with transaction(connection):
        for number, row in enumerate(rows):
            insert_call(connection, replace(row, key=f"{number:064x}"))


def test_lines_are_by_stage_role_and_model(connection: sqlite3.Connection) -> None:
    other = replace(CALL, stage="validate", role="judge", model="n", cost=None, currency=None)
    store(connection, CALL, CALL, replace(CALL, state="failed", failure="{}", cost=0.25, seconds=60.0), other)
    annotate, validate = read_ledger(connection).lines
    assert (annotate.stage, annotate.role, annotate.model) == ("annotate", "annotator", "m")
    assert (annotate.answered, annotate.failed, annotate.prompt_tokens, annotate.cached_tokens) == (2, 1, 300, 150)
    assert annotate.cost == pytest.approx(1.25), "a failed call may have cost something too"
    assert annotate.p95 == 1.0, "how long failures took is no latency"
    assert (validate.stage, validate.cost, validate.unpriced) == ("validate", None, 1)


def test_totals_are_kept_apart_by_currency(connection: sqlite3.Connection) -> None:
    failed = replace(CALL, state="failed", failure="{}", cost=None, currency=None)
    store(connection, CALL, CALL, failed, replace(CALL, model="n", cost=2.0, currency="EUR"))
    assert [(line.model, line.currency, line.answered, line.failed) for line in read_ledger(connection).lines] == [
        ("m", "USD", 2, 1),
        ("n", "EUR", 1, 0),
    ]
    assert [(total.currency, total.cost, total.answered) for total in read_ledger(connection).totals] == [
        ("", None, 0),
        ("EUR", 2.0, 1),
        ("USD", 1.0, 2),
    ]


def test_latency_is_by_nearest_rank_and_leaves_out_batches(connection: sqlite3.Connection) -> None:
    store(connection, *(replace(CALL, seconds=float(second)) for second in range(21)))
    (line,) = read_ledger(connection).lines
    assert (line.p50, line.p95) == (10.0, 19.0)


def test_estimated_tokens_are_marked(connection: sqlite3.Connection) -> None:
    store(connection, CALL, replace(CALL, exact_tokens=False))
    (line,) = read_ledger(connection).lines
    assert line.exact is False


def test_an_empty_project_has_an_empty_ledger(connection: sqlite3.Connection) -> None:
    assert read_ledger(connection).as_data() == {"calls": [], "totals": []}
