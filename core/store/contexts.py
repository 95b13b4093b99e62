"""The context of a user step's prompt, as the engine computed it."""

from __future__ import annotations

import sqlite3

from core.prompts.context import PromptContext

_UPSERT = (
    "INSERT INTO prompt (step_id, source_id, context) VALUES (?, ?, ?) ON CONFLICT (step_id) DO UPDATE SET"
    " source_id = excluded.source_id, line = NULL, context = excluded.context, template_sha256 = NULL"
    " WHERE prompt.context IS NOT excluded.context AND prompt.stored IS NULL"
)


def put_context(connection: sqlite3.Connection, step_id: int, source_id: int, context: PromptContext) -> None:
    """Store it, with the flow that is active there. A prompt that was read as it was really sent is never replaced."""
    connection.execute(_UPSERT, (step_id, source_id, context.to_json()))
    connection.execute("DELETE FROM step_flow WHERE step_id = ? AND origin = 'context'", (step_id,))
    flow = context.variables.get("current_flow")
    if flow is not None:
        connection.execute("INSERT OR IGNORE INTO step_flow VALUES (?, ?, 'context')", (step_id, flow))
