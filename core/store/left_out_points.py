"""Data points that were composed and are not in a dataset version, each with the point it repeats."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from core.dataset.models import LeftOutPoint, Part

_ORDER = (LeftOutPoint.NEAR, LeftOutPoint.EXACT, LeftOutPoint.LEAK, LeftOutPoint.SAMPLED)
"""What people should look at first: whether near-duplicates are any."""


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """`said`: the words of the point, as they are now; `place`: of its step. `rephrasing`: its id, None for the original.

    `twin_said`, `twin_part`, `twin_row`: the row it repeats, None where that is not in the dataset either.
    """

    number: int
    reason: str
    said: str
    place: str
    rephrasing: int | None
    twin_said: str | None
    twin_place: str | None
    twin_part: Part | None
    twin_row: int | None


def left_out_rows(connection: sqlite3.Connection, dataset_id: int, limit: int) -> list[LeftOutRow]:
    """At most `limit`, near-duplicates first, then in the order of composing."""
    order = " ".join(f"WHEN '{reason.value}' THEN {place}" for place, reason in enumerate(_ORDER))
    found = connection.execute(
        "SELECT l.number, l.reason, coalesce(r.edited_text, r.text, s.text), c.file, c.name, s.line, l.rephrasing_id,"
        " CASE WHEN d.row IS NOT NULL OR l.twin_variant = 0 THEN coalesce(tr.edited_text, tr.text, t.text) END, tc.file,"
        " tc.name, t.line, d.part, d.row"
        " FROM (SELECT * FROM left_out_point WHERE dataset_id = ?1"
        f" ORDER BY CASE reason {order} ELSE 9 END, number LIMIT ?2) l"
        " JOIN user_step s ON s.id = l.step_id JOIN conversation c ON c.id = s.conversation_id"
        " LEFT JOIN rephrasing r ON r.id = l.rephrasing_id"
        " LEFT JOIN user_step t ON t.id = l.twin_step_id LEFT JOIN conversation tc ON tc.id = t.conversation_id"
        " LEFT JOIN data_point d ON d.step_id = l.twin_step_id AND d.dataset_id = ?1 AND d.variant = l.twin_variant"
        " LEFT JOIN rephrasing tr ON tr.id = d.rephrasing_id"
        f" ORDER BY CASE l.reason {order} ELSE 9 END, l.number",
        (dataset_id, limit),
    )
    return [
        LeftOutRow(
            number, reason, said, _place(file, name, line), rephrasing, twin_said,
            None if twin_file is None else _place(twin_file, twin_name, twin_line), None if part is None else Part(part), row,
        )
        for number, reason, said, file, name, line, rephrasing, twin_said, twin_file, twin_name, twin_line, part, row in found
    ]  # fmt: skip


def _place(file: str, name: str, line: int | None) -> str:
    return f"{file}:{line}" if line else f"{file}::{name}"
