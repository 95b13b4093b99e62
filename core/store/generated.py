"""Rephrasings that the rephrase stage made, and the texts it did not take."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.conversations.models import FileKind

SOURCE_PATH = ":rephrase"
"""Of the row of `source` that generated rephrasings have in the place of a file."""


@dataclass(frozen=True, slots=True)
class NewRephrasing:
    """`style`: JSON with the number of the wording (`slot`) and what was asked for on each axis."""

    text: str
    style: str
    call: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """`twin`: id of the rephrasing it repeats, or place of a new one among those stored with it."""

    text: str
    reason: str
    call: str
    twin_id: int | None = None
    twin_at: int | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class StepWordings:
    """What came of one user step. `key`: as it was when it was asked for; a step that changed since gets nothing."""

    step_id: int
    key: str
    taken: Sequence[NewRephrasing] = ()
    not_taken: Sequence[NotTaken] = ()


@dataclass(slots=True)
class StoredCounts:
    rephrasings: int = 0
    gone: int = 0
    """Wordings of steps that were retired while their answers were on the way."""
    reasons: dict[str, int] = field(default_factory=dict)


def stage_source(connection: sqlite3.Connection) -> int:
    """Id of the stage's row in `source`, made where it is missing. Call in a transaction, in a project with an ingest."""
    connection.execute(
        "INSERT OR IGNORE INTO source (path, kind, sha256, ingest_id) SELECT ?, ?, '', max(id) FROM ingest",
        (SOURCE_PATH, FileKind.STAGE.value),
    )
    return int(connection.execute("SELECT id FROM source WHERE path = ?", (SOURCE_PATH,)).fetchone()[0])


def store_wordings(connection: sqlite3.Connection, run_id: int, steps: Sequence[StepWordings], counts: StoredCounts) -> None:
    """Append the rephrasings behind those that each step has. Call in a transaction.

    A text that a step already has word for word is passed over: another process may have added it meanwhile.
    """
    source_id = stage_source(connection)
    for step in steps:
        row = connection.execute(
            "SELECT s.conversation_id, s.ordinal, coalesce(max(r.position), 0) FROM user_step s"
            " LEFT JOIN rephrasing r ON r.step_id = s.id WHERE s.id = ? AND s.key = ? AND s.active = 1 GROUP BY s.id",
            (step.step_id, step.key),
        ).fetchone()
        if row is None:
            counts.gone += len(step.taken)
            continue
        conversation_id, ordinal, position = row
        ids: list[int] = []
        for taken in step.taken:
            known = connection.execute(
                "SELECT id FROM rephrasing WHERE step_id = ? AND text = ? AND active = 1", (step.step_id, taken.text)
            ).fetchone()
            if known is not None:
                ids.append(known[0])
                continue
            position += 1
            (id_,) = connection.execute(
                "INSERT INTO rephrasing (step_id, conversation_id, ordinal, position, text, source_id)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (step.step_id, conversation_id, ordinal, position, taken.text, source_id),
            ).fetchone()
            connection.execute("INSERT INTO generated VALUES (?, ?, ?, ?)", (id_, run_id, taken.call, taken.style))
            ids.append(id_)
            counts.rephrasings += 1
        for one in step.not_taken:
            twin = ids[one.twin_at] if one.twin_at is not None else one.twin_id
            added = connection.execute(
                "INSERT OR IGNORE INTO dropped (step_id, run_id, call_key, text, reason, twin_id, similarity)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (step.step_id, run_id, one.call, one.text, one.reason, twin, one.similarity),
            )
            if added.rowcount:
                counts.reasons[one.reason] = counts.reasons.get(one.reason, 0) + 1


def used_calls(connection: sqlite3.Connection, conversation_id: int) -> frozenset[str]:
    """Keys of the answers that the conversation's rephrasings, and texts that were not taken, came from."""
    rows = connection.execute(
        "SELECT g.call_key FROM rephrasing r JOIN generated g ON g.rephrasing_id = r.id WHERE r.conversation_id = ?1"
        " UNION SELECT d.call_key FROM user_step s JOIN dropped d ON d.step_id = s.id WHERE s.conversation_id = ?1",
        (conversation_id,),
    )
    return frozenset(key for (key,) in rows)


def style_counts(connection: sqlite3.Connection) -> Mapping[str, int]:
    """How many active generated rephrasings were asked for in which style, by `axis: value`."""
    rows = connection.execute(
        "SELECT j.key || ': ' || j.value, count(*) FROM generated g JOIN rephrasing r ON r.id = g.rephrasing_id,"
        " json_each(g.style) j WHERE r.active = 1 AND j.key <> 'slot' GROUP BY 1 ORDER BY 1"
    )
    return dict(rows.fetchall())


def drop_counts(connection: sqlite3.Connection) -> Mapping[str, int]:
    """How many texts were not taken, by reason; of steps that are part of the project."""
    rows = connection.execute(
        "SELECT d.reason, count(*) FROM dropped d JOIN user_step s ON s.id = d.step_id WHERE s.active = 1 GROUP BY 1 ORDER BY 1"
    )
    return dict(rows.fetchall())
