"""What a stage stores appears in Review, without the queue being read again at every answer."""

from __future__ import annotations

import sqlite3

import pytest

from core.project import Project
from core.store.connection import transaction
from core.store.states import State
from review.decisions import DecisionLog
from review.models import Decision
from tests.tui.review_app import ReviewApp, settle
from tui.screens.review_loading import Scope


def add_rephrasing(connection: sqlite3.Connection, text: str) -> None:
    """As rephrase does: another one of the first step."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO rephrasing (step_id, conversation_id, ordinal, position, text, source_id)"
            " SELECT step_id, conversation_id, ordinal, 99, ?, source_id FROM rephrasing WHERE id = 1",
            (text,),
        )


def judge(connection: sqlite3.Connection, rephrasing_id: int) -> None:
    """As validate does."""
    with transaction(connection):
        (verdict_id,) = connection.execute(
            "INSERT INTO verdict (rephrasing_id, verdict, basis) VALUES (?, 'different', '') RETURNING id", (rephrasing_id,)
        ).fetchone()
        connection.execute(
            "UPDATE rephrasing SET verdict = 'different', verdict_id = ? WHERE id = ?", (verdict_id, rephrasing_id)
        )


async def test_rephrasings_of_a_stage_appear_by_themselves(library: Project, connection: sqlite3.Connection) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        before = len(screen.rows.queue)
        add_rephrasing(connection, "said by a model")
        screen.poll()
        await settle(pilot)
        assert len(screen.rows.queue) == before + 1


async def test_many_verdicts_are_one_reading(
    library: Project, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        loads: list[Scope] = []
        load = screen.load

        def count(scope: Scope) -> None:
            loads.append(scope)
            load(scope)

        monkeypatch.setattr(screen, "load", count)
        for number in range(1, 6):
            judge(connection, number)
            screen.poll()
            await settle(pilot)
        assert len(loads) == 1
        assert screen.session is not None
        screen.session._reload_from = 0.0  # five seconds later
        screen.poll()
        await settle(pilot)
        assert len(loads) == 2
        screen.session._reload_from = 0.0
        screen.poll()
        assert len(loads) == 2  # nothing more was written


async def test_decisions_of_others_are_seen_at_once_between_two_readings(
    library: Project, connection: sqlite3.Connection
) -> None:
    app = ReviewApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        judge(connection, 1)
        screen.poll()
        await settle(pilot)
        judge(connection, 2)
        DecisionLog(connection, "other", "cli").decide([3], Decision.ACCEPT)
        screen.poll()
        await settle(pilot)
        assert screen.rows.queue.states[2] == State.ACCEPT
