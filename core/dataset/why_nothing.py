"""Why a project gives no data point."""

from __future__ import annotations

import sqlite3


def why_nothing(connection: sqlite3.Connection) -> str:
    """In words: what is missing, most of it first."""
    (annotated,) = connection.execute(
        "SELECT count(*) FROM user_step WHERE active = 1 AND commands IS NOT NULL AND commands <> '[]'"
    ).fetchone()
    if not annotated:
        return "Ingest annotated conversations, or tests with `commands:`."
    why = connection.execute(
        "SELECT count(*), CASE WHEN p.step_id IS NULL THEN 'have no prompt, and no test that the engine plays without failing"
        " (`workbench test` says why): mend it, or ingest prompt contexts (docs/formats.md) or the recipe''s fine-tuning rows'"
        " WHEN p.known THEN 'have commands that the dialect cannot say' ELSE 'have a prompt that is not known: ' || p.reason"
        " END AS why FROM user_step s LEFT JOIN prompt p ON p.step_id = s.id WHERE s.active = 1 AND s.is_button = 0"
        " AND s.commands IS NOT NULL AND s.commands <> '[]' GROUP BY why ORDER BY 1 DESC, why"
    ).fetchall()
    return f"Of {annotated} steps with commands {'; '.join(f'{count} {reason}' for count, reason in why)}."
