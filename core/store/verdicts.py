"""Verdicts: which rephrasings have none that holds, and the log that they are appended to.

A verdict holds while its step's basis is the one it was made on, and for the wording that it judged.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.store.failing import FAILING

WORDING = "coalesce(r.edited_text, r.text)"
"""SQL: the wording of a rephrasing r that is in force."""

OF_OTHER_WORDS = (
    "((r.edited_text IS NOT NULL OR v.judged_text IS NOT NULL)"
    " AND coalesce(r.edited_text, r.text) <> coalesce(v.judged_text, r.text))"
)
"""SQL over rephrasing r and its verdict v, if any: the wording was changed since it was judged. Most rows have neither text,
so the long ones are hardly ever compared."""

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wording:
    """A rephrasing as it is to be judged. `own_text`: as it was read, generated or added; `text`: after edits of people.

    `language`: the one the rephraser was asked for, if any. `place`: `file:line`, or the test's name where there is no line.
    """

    id: int
    step_id: int
    text: str
    own_text: str
    language: str | None
    place: str


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """`commands`: canonical JSON of what the answers agree on. `calls`: keys of the answers behind the verdict."""

    rephrasing_id: int
    verdict: str
    reasons: tuple[str, ...]
    commands: str | None
    basis: str
    judged_text: str | None
    calls: tuple[str, ...]


def to_be_judged(
    connection: sqlite3.Connection, *, again: bool, where: str = "1", parameters: Sequence[str | int] = ()
) -> array[int]:
    """Ids of active rephrasings without a verdict that holds, in the order of conversations, steps and positions.

    `again`: those with one too. `where`: a condition on `rephrasing r`.
    """
    missing = "1" if again else f"(v.id IS NULL OR v.basis IS NOT s.basis OR {OF_OTHER_WORDS})"
    found: array[int] = array("q")
    cursor = connection.execute(
        "SELECT r.id FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
        " LEFT JOIN verdict v ON v.id = r.verdict_id"
        f" WHERE r.active = 1 AND s.active = 1 AND NOT {FAILING} AND {missing} AND ({where})"
        " ORDER BY r.conversation_id, r.ordinal, r.position, r.id",
        parameters,
    )
    while rows := cursor.fetchmany(4096):
        found.extend([row[0] for row in rows])
    return found


def wordings(connection: sqlite3.Connection, ids: Sequence[int] | array[int]) -> list[Wording]:
    """These rephrasings, in the order of `ids`, less those that were removed meanwhile."""
    found: list[Wording] = []
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        found += [
            Wording(id_, step_id, text, own_text, language, f"{file}:{line}" if line else f"{file}::{name}")
            for id_, step_id, text, own_text, language, file, name, line in connection.execute(
                f"SELECT r.id, r.step_id, {WORDING}, r.text, g.style ->> '$.language', c.file, c.name, s.line"
                " FROM json_each(?) w CROSS JOIN rephrasing r ON r.id = w.value JOIN user_step s ON s.id = r.step_id"
                " JOIN conversation c ON c.id = r.conversation_id LEFT JOIN generated g ON g.rephrasing_id = r.id"
                " WHERE r.active = 1 ORDER BY w.key",
                (json.dumps(list(ids[start : start + _ROWS_AT_ONCE])),),
            )
        ]
    return found


def siblings(connection: sqlite3.Connection, step_id: int) -> list[tuple[int, str]]:
    """Id and wording of all active rephrasings of a step, in order."""
    return connection.execute(
        f"SELECT r.id, {WORDING} FROM rephrasing r WHERE r.step_id = ? AND r.active = 1 ORDER BY r.position, r.id", (step_id,)
    ).fetchall()


def append_verdicts(connection: sqlite3.Connection, run_id: int, verdicts: Iterable[NewVerdict]) -> int:
    """Make each the verdict of its rephrasing, inside the caller's transaction. Returns how many say something new.

    One that repeats the verdict in force, answers included, is not appended again: a run that was cut off and done again
    leaves the same rows as one that was not.
    """
    count = 0
    for one in verdicts:
        reasons = json.dumps(one.reasons, ensure_ascii=False, separators=(",", ":"))
        calls = json.dumps(one.calls, separators=(",", ":"))
        new = (one.verdict, reasons, one.commands, one.basis, one.judged_text, calls)
        old = connection.execute(
            "SELECT v.verdict, v.reasons, v.commands, v.basis, v.judged_text, v.calls FROM rephrasing r"
            " JOIN verdict v ON v.id = r.verdict_id WHERE r.id = ?",
            (one.rephrasing_id,),
        ).fetchone()
        if old == new:
            continue
        (verdict_id,) = connection.execute(
            "INSERT INTO verdict (rephrasing_id, run_id, verdict, reasons, commands, basis, judged_text, calls)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (one.rephrasing_id, run_id, *new),
        ).fetchone()
        connection.execute(
            "UPDATE rephrasing SET verdict = ?, verdict_id = ? WHERE id = ?", (one.verdict, verdict_id, one.rephrasing_id)
        )
        count += 1
    return count
