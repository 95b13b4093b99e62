"""Ambiguity scores as they are stored: kept up to date, read for screens, and asked who goes to the team."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.stages.models import Progress
from core.store.connection import transaction
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS
from review.ambiguity import Ambiguity, ScoreReason, assess
from review.ambiguity_evidence import is_out_of_date, read_waiting, steps_waiting

_STEPS_AT_ONCE = 20
"""Scored and written together: a few milliseconds of a write transaction, in which a deciding person waits."""

_DECIDED = f"({int(State.ACCEPT)}, {int(State.REJECT)})"
_AMBIGUOUS = (
    "(r.verdict = 'ambiguous' AND EXISTS (SELECT 1 FROM verdict v JOIN user_step s ON s.id = r.step_id"
    f" WHERE v.id = r.verdict_id AND v.basis = s.basis AND NOT {OF_OTHER_WORDS}))"
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A stored score. `up_to_date`: made from what there is now; else the next refresh makes it anew."""

    rephrasing_id: int
    score: float
    reasons: tuple[ScoreReason, ...]
    up_to_date: bool


def refresh(
    connection: sqlite3.Connection,
    *,
    rephrasing_ids: Collection[int] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Progress = lambda what, done, total: None,
) -> int:
    """Score what has no score, or one made from something else than there is now. Returns how many were scored.

    `rephrasing_ids`: only these and the others of their steps; of a million the rest is not even looked at.
    Each batch is scored outside the transaction that stores it. What changes in between has another fingerprint then and is
    scored by the next call; what was stored before a cancellation stays.

    Raises:
        StoreError: another process kept the database locked, or the disk took no more.
    """
    steps, counts = steps_waiting(connection, rephrasing_ids)
    total, done = sum(counts), 0
    for start in range(0, len(steps), _STEPS_AT_ONCE):
        if cancelled():
            break
        progress("scoring rephrasings", done, total)
        waiting = read_waiting(connection, steps[start : start + _STEPS_AT_ONCE])
        rows = []
        for one in waiting:
            rows.append((one.rephrasing_id, *_row(assess(one.evidence)), one.fingerprint))
            time.sleep(0)  # a thread that waits for the interpreter, as the app's for a key, goes on here and not 5 ms later
        with transaction(connection):
            connection.executemany(
                "INSERT INTO ambiguity (rephrasing_id, score, reasons, fingerprint) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (rephrasing_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons,"
                " fingerprint = excluded.fingerprint",
                rows,
            )
        done += len(rows)
    if total:
        progress("scoring rephrasings", done, total)
    return done


def scored(connection: sqlite3.Connection, rephrasing_id: int) -> Scored | None:
    """The stored score of a rephrasing, None if it was never scored."""
    row = connection.execute("SELECT score, reasons FROM ambiguity WHERE rephrasing_id = ?", (rephrasing_id,)).fetchone()
    if row is None:
        return None
    reasons = tuple(ScoreReason(code, words, weight) for code, words, weight in json.loads(row[1]))
    return Scored(rephrasing_id, row[0], reasons, not is_out_of_date(connection, rephrasing_id))


def for_the_team(threshold: float) -> tuple[str, list[float]]:
    """A condition on `rephrasing r` and its parameters: not accepted or rejected here, and flagged, or with a verdict in force
    that says ambiguous, or with a score of at least `threshold`."""
    return (
        f"(r.active = 1 AND r.state NOT IN {_DECIDED} AND (r.state = {int(State.FLAG)} OR {_AMBIGUOUS}"
        " OR EXISTS (SELECT 1 FROM ambiguity m WHERE m.rephrasing_id = r.id AND m.score >= ?)))",
        [threshold],
    )


def _row(found: Ambiguity) -> tuple[float, str]:
    reasons = [[reason.code, reason.words, reason.weight] for reason in found.reasons]
    return found.score, json.dumps(reasons, ensure_ascii=False, separators=(",", ":"))
