"""Undo and redo as a reviewer sees them: a rejection and the reason given to it afterwards are one action.

In the log the reason is a second rejection of the same rephrasings, with the reason.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from review.decisions import DecisionLog
from review.models import Recorded


def undo(connection: sqlite3.Connection, log: DecisionLog) -> Recorded | None:
    """Take back the latest action in force, with all reasons it was given."""
    recorded, target = None, _next(connection, log, forward=False)
    while target is not None and (more := log.undo()) is not None:
        recorded = _joined(recorded, more)
        earlier = _next(connection, log, forward=False)
        target = earlier if earlier is not None and _is_reason_for(connection, target, earlier) else None
    return recorded


def redo(connection: sqlite3.Connection, log: DecisionLog) -> Recorded | None:
    """Bring back what `undo` took back."""
    recorded, target = None, _next(connection, log, forward=True)
    while target is not None and (more := log.redo()) is not None:
        recorded = _joined(recorded, more)
        later = _next(connection, log, forward=True)
        target = later if later is not None and _is_reason_for(connection, later, target) else None
    return recorded


def size_of_next(connection: sqlite3.Connection, log: DecisionLog, *, forward: bool) -> int:
    """How many rephrasings the next undo or redo touches."""
    target = _next(connection, log, forward=forward)
    return 0 if target is None else rephrasings_in(connection, target)


def rephrasings_in(connection: sqlite3.Connection, group: int) -> int:
    (count,) = connection.execute(
        "SELECT count(DISTINCT rephrasing_id) FROM decision WHERE group_id = ?", (group,)
    ).fetchone()
    return int(count)


def _next(connection: sqlite3.Connection, log: DecisionLog, *, forward: bool) -> int | None:
    status, order = (1, "ASC") if forward else (0, "DESC")
    row = connection.execute(
        f"SELECT id FROM decision_group WHERE reviewer = ? AND status = ? ORDER BY id {order} LIMIT 1",
        (log.reviewer, status),
    ).fetchone()
    return None if row is None else int(row[0])


def _is_reason_for(connection: sqlite3.Connection, group: int, earlier: int) -> bool:
    """Whether `group` does no more than give a reason to what `earlier` rejected."""
    members = "SELECT kind, rephrasing_id, reason IS NOT NULL FROM decision WHERE group_id = ? ORDER BY id"
    given = connection.execute(members, (group,)).fetchall()
    if not all(kind == "reject" and has_reason for kind, _, has_reason in given):
        return False
    rejected = connection.execute(members, (earlier,)).fetchall()
    return [(kind, id_) for kind, id_, _ in given] == [(kind, id_) for kind, id_, _ in rejected]


def _joined(first: Recorded | None, second: Recorded) -> Recorded:
    return second if first is None else replace(second, states=first.states | second.states)
