"""Hand-written prompt contexts: the state of the dialogue before each user message, attached to its step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.conversations.models import PromptContexts, ReadFile, TestContext
from core.errors import Location, Problem
from core.pipeline.ingest_report import IngestReport, LeftOut
from core.pipeline.references import References
from core.prompts.context import build_context


def store_contexts(
    connection: sqlite3.Connection, references: References, read: ReadFile, source_id: int, report: IngestReport
) -> set[str]:
    """Store one context per user step whose text it repeats. Returns the file if one of its tests is not here yet."""
    assert isinstance(read.content, PromptContexts)
    unresolved: set[str] = set()
    for test in read.content.tests:
        file = references.resolve(test.file, read.path)
        steps = connection.execute(
            "SELECT s.ordinal, s.id, s.text, s.is_button FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
            " WHERE c.file = ? AND c.name = ? AND c.occurrence = ? AND s.active = 1 ORDER BY s.ordinal",
            (file, test.name, test.occurrence),
        ).fetchall()
        if not steps:
            unresolved.add(read.path)
            report.left_out.append(
                LeftOut(Location(read.path, test.line), f"contexts wait for the test `{file}::{test.name}`: ingest it too")
            )
            continue
        _store_test(connection, read, test, steps, source_id, report)
    return unresolved


def _store_test(
    connection: sqlite3.Connection, read: ReadFile, test: TestContext, steps: Sequence[tuple[int, int, str, int]],
    source_id: int, report: IngestReport,
) -> None:  # fmt: skip
    assert isinstance(read.content, PromptContexts)
    for ordinal, step_id, text, is_button in steps:
        if ordinal > len(test.steps):
            report.warnings.append(
                Problem(
                    Location(read.path, test.line),
                    f"no context for user step {ordinal} of `{test.name}`",
                    "Add one.",
                    text,
                )
            )
            return
        context_step = test.steps[ordinal - 1]
        if context_step.user != text:
            report.left_out.append(
                LeftOut(
                    Location(read.path, context_step.line),
                    f"contexts of `{test.name}` from user step {ordinal} on: the test says `{text}` there, not"
                    f" `{context_step.user}`",
                    len(steps) - ordinal + 1,
                )
            )
            return
        if is_button:
            continue
        context = build_context(read.content.flows, test, ordinal).to_json()
        changed = connection.execute(
            "INSERT INTO prompt (step_id, source_id, line, context) VALUES (?, ?, ?, ?) ON CONFLICT (step_id) DO UPDATE SET"
            " source_id = excluded.source_id, line = excluded.line, context = excluded.context, template_sha256 = NULL"
            " WHERE prompt.context IS NOT excluded.context AND prompt.stored IS NULL",
            (step_id, source_id, context_step.line, context),
        ).rowcount
        report.contexts_added += changed
        connection.execute("DELETE FROM step_flow WHERE step_id = ? AND origin = 'context'", (step_id,))
        if context_step.active_flow is not None:
            connection.execute("INSERT OR IGNORE INTO step_flow VALUES (?, ?, 'context')", (step_id, context_step.active_flow))
