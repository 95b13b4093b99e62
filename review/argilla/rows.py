"""Records of a round as the server takes them: texts, what the machine suggests, and what they can be filtered by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.commands import Dialect, from_json, same_commands
from core.coverage.command_types import NAMES
from core.store.stored_commands import to_display
from core.store.verdicts import OF_OTHER_WORDS
from core.validation.language import language_of
from review.argilla.conversation import as_markdown
from review.argilla.definition import NO_COMMANDS
from review.items import load_transcript
from review.team.models import Record, Say
from review.team.spoken import spoken

BY_SCORE: Final = "workbench/ambiguity"
BY_VERDICT: Final = "workbench/validation"
"""Agents: who suggests."""
_MOST_TERM: Final = 200
"""Characters of a value that can be filtered by."""
_EMPTY: Final = "(empty)"
_VERDICT_SAYS: Final = {"same": Say.ACCEPT, "different": Say.REJECT}


def rows_of(
    connection: sqlite3.Connection,
    records: Sequence[Record],
    questions: Mapping[str, str],
    dialect: Dialect,
    responses: Mapping[str, str],
) -> list[dict[str, Any]]:
    """In the order of `records`. `questions`: name → the server's id. `responses`: what the assistant says."""
    flows = _flows(connection, records)
    found = {}
    for (
        record_id,
        original,
        turn,
        conversation,
        line,
        file,
        test,
        commands,
        verdict,
        predicted,
        reasons,
        doubts,
        score,
        language,
    ) in connection.execute(
        "SELECT t.id, s.text, s.turn_index, c.id, s.line, c.file, c.name, s.commands,"
        # a verdict on other words or commands suggests nothing
        f" CASE WHEN v.basis = s.basis AND NOT {OF_OTHER_WORDS} THEN v.verdict END,"
        f" CASE WHEN v.basis = s.basis AND NOT {OF_OTHER_WORDS} THEN v.commands END,"
        f" CASE WHEN v.basis = s.basis AND NOT {OF_OTHER_WORDS} THEN v.reasons END,"
        " m.reasons, t.score, g.style ->> '$.language'"
        " FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id JOIN user_step s ON s.id = r.step_id"
        " JOIN conversation c ON c.id = r.conversation_id LEFT JOIN verdict v ON v.id = r.verdict_id"
        " LEFT JOIN ambiguity m ON m.rephrasing_id = r.id"
        " LEFT JOIN generated g ON g.rephrasing_id = r.id WHERE t.id IN (SELECT value FROM json_each(?))",
        (json.dumps([record.id for record in records]),),
    ):
        fields = {
            "original": original,
            "conversation": as_markdown(spoken(load_transcript(connection, conversation), responses), turn),
            "expected": "\n".join(to_display(commands, dialect)) or NO_COMMANDS,
        }
        if machine := _machine(verdict, reasons, score, doubts):
            fields["machine"] = machine
        metadata = {
            "flow": flows.get(record_id, []),
            "command": [] if commands is None else list(dict.fromkeys(NAMES[type(one)] for one in from_json(commands))),
            "test": test[:_MOST_TERM],
            "place": (f"{file}:{line}" if line else file)[-_MOST_TERM:],
            "verdict": verdict or "none",
        }
        found[record_id] = (fields, metadata, verdict, _other(predicted, commands), language)
    return [_row(record, *found[record.id], questions, dialect) for record in records]


def _row(
    record: Record,
    fields: dict[str, str],
    metadata: dict[str, Any],
    verdict: str | None,
    predicted: str | None,
    language: str | None,
    questions: Mapping[str, str],
    dialect: Dialect,
) -> dict[str, Any]:
    asked_for = language if language not in (None, "", "same") else language_of(record.text)
    if asked_for:
        metadata["language"] = asked_for
    if record.score is not None:
        metadata["ambiguity"] = round(float(record.score), 4)
    suggestions = []
    if (suggested := _decision(verdict, record.score)) is not None:
        suggestions.append({"question_id": questions["decision"], "type": "model"} | suggested)
    if predicted is not None:
        lines = "\n".join(to_display(predicted, dialect)) or NO_COMMANDS
        suggestions.append({"question_id": questions["commands"], "type": "model", "value": lines, "agent": BY_VERDICT})
    texts = {name: text.replace("\0", "\ufffd") or _EMPTY for name, text in (fields | {"rephrasing": record.text}).items()}
    return {"external_id": record.external_id, "fields": texts, "metadata": metadata, "suggestions": suggestions}


def _machine(verdict: str | None, reasons: str | None, score: float | None, doubts: str | None) -> str:
    """Verdict and ambiguity score with their reasons, each in a line; empty where there is neither."""
    lines = []
    if verdict is not None:
        lines.append("; ".join([f"Verdict: {verdict}", *json.loads(reasons or "[]")]))
    if score is not None:
        lines.append("; ".join([f"Ambiguity score: {score:.2f}", *(words for _, words, _ in json.loads(doubts or "[]"))]))
    return "\n".join(lines)


def _decision(verdict: str | None, score: float | None) -> dict[str, Any] | None:
    """What the machine would say, and how likely that is right: the ambiguity score is how likely a person says no."""
    if score is not None:
        say, sure = (Say.ACCEPT, 1 - score) if score < 0.5 else (Say.REJECT, score)
        return {"value": say.value, "score": round(min(max(sure, 0.0), 1.0), 4), "agent": BY_SCORE}
    if verdict in _VERDICT_SAYS:
        return {"value": _VERDICT_SAYS[verdict].value, "agent": BY_VERDICT}
    return None


def _other(predicted: str | None, expected: str | None) -> str | None:
    """The commands that the machine found, where they are not the expected ones."""
    if predicted is None or (expected is not None and same_commands(from_json(expected), from_json(predicted))):
        return None
    return predicted


def _flows(connection: sqlite3.Connection, records: Sequence[Record]) -> dict[int, list[str]]:
    """Record id → the flows of its step."""
    flows: dict[int, list[str]] = {}
    for record_id, flow in connection.execute(
        "SELECT DISTINCT t.id, f.flow FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id"
        " JOIN step_flow f ON f.step_id = r.step_id WHERE t.id IN (SELECT value FROM json_each(?)) ORDER BY t.id, f.flow",
        (json.dumps([record.id for record in records]),),
    ):
        flows.setdefault(record_id, []).append(flow[:_MOST_TERM])
    return flows
