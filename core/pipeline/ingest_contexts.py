"""Hand-written prompt contexts: the state of the dialogue before each user message, attached to its step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.conversations.models import PromptContexts, ReadFile, TestContext
from core.errors import Location, Problem
from core.pipeline.ingest_report import IngestReport, LeftOut
from core.pipeline.references import References
from core.prompts.context import build_context

_Step = tuple[int, int, str, int]
"""ordinal, id, text, whether it is a button"""


def store_contexts(
    connection: sqlite3.Connection, references: References, read: ReadFile, source_id: int, report: IngestReport
) -> set[str]:
    """Store one context per user step whose text it repeats. Returns the file if one of its tests is not here yet."""
    assert isinstance(read.content, PromptContexts)
    unresolved: set[str] = set()
    for test in read.content.tests:
        file = references.resolve(test.file, read.path)
        steps = _steps_of(connection, file, test)
        if not steps:
            unresolved.add(read.path)
            report.left_out.append(
                LeftOut(Location(read.path, test.line), f"contexts wait for the test `{file}::{test.name}`: ingest it too")
            )
            continue
        _store_test(connection, read, test, steps, source_id, report)
    return unresolved


def _steps_of(connection: sqlite3.Connection, file: str, test: TestContext) -> list[_Step]:
    """The steps of the test meant: of several with one name, that which says just this, or else the one in its place."""
    by_occurrence: dict[int, list[_Step]] = {}
    for occurrence, *step in connection.execute(
        "SELECT c.occurrence, s.ordinal, s.id, s.text, s.is_button FROM user_step s JOIN conversation c"
        " ON c.id = s.conversation_id WHERE c.file = ? AND c.name = ? AND s.active = 1 ORDER BY c.occurrence, s.ordinal",
        (file, test.name),
    ):
        by_occurrence.setdefault(occurrence, []).append((step[0], step[1], step[2], step[3]))
    said = [step.user for step in test.steps]
    equal = [occurrence for occurrence, steps in by_occurrence.items() if [text for _, _, text, _ in steps] == said]
    meant = test.occurrence if test.occurrence in equal or not equal else equal[0]
    return by_occurrence.get(meant, [])


def _store_test(
    connection: sqlite3.Connection, read: ReadFile, test: TestContext, steps: Sequence[_Step],
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
