"""Reads fine-tuning rows: `prompt`/`completion`, `prompt`/`output` with lineage, or `messages`.

A data point is one prompt and one completion. A `system` message is joined in front of the prompt, separated by a blank
line, and the first one of a file is a warning: the assistant sends one user message and no system message.
"""

from __future__ import annotations

from typing import Any

from core.conversations.annotations import split_reference
from core.conversations.command_check import how_to_mend, not_understood
from core.conversations.jsonl import Row, read_rows, warn_unknown_keys
from core.conversations.models import TrainingRow
from core.yaml.findings import Findings

_LINEAGE = ("original_test_name", "original_user_utterance", "rephrased_user_utterance")
_KNOWN = ("prompt", "completion", "output", "messages", *_LINEAGE)
_SHAPES = 'Write `{"prompt", "completion"}` or `{"messages": [user, assistant]}`.'


def read_training_rows(text: str, findings: Findings) -> tuple[TrainingRow, ...]:
    rows = list(read_rows(text, findings))
    warn_unknown_keys(rows, _KNOWN, findings)
    systems: list[Row] = []
    read = [(row, _read_row(row, systems)) for row in rows]
    if systems:
        what = f"a `system` message, joined in front of the prompt (in {len(systems)} of {len(rows)} rows)"
        systems[0].warning(what, "Move its text into the user message if you want it elsewhere.", at="messages")
    found = [(row, point) for row, point in read if point is not None]
    _warn_of_completions(found)
    return tuple(point for _, point in found)


def _warn_of_completions(points: list[tuple[Row, TrainingRow]]) -> None:
    """One warning for all completions that are no commands: a file of another task would have one in every row."""
    odd = [(row, texts[0]) for row, point in points if (texts := not_understood(tuple(point.completion.splitlines())))]
    if odd:
        row, text = odd[0]
        at = next(key for key in ("messages", "completion", "output") if key in row.values)
        what = f"a completion with text that is not a command (in {len(odd)} of {len(points)} rows)"
        row.warning(what, how_to_mend(text), text, at=at)


def _read_row(row: Row, systems: list[Row]) -> TrainingRow | None:
    if "messages" in row.values:
        prompt, completion = _from_messages(row, systems)
    elif "prompt" not in row.values or not row.values.keys() & {"completion", "output"}:
        row.problem("not a fine-tuning row, it has the keys", _SHAPES, ", ".join(row.values))
        return None
    else:
        prompt = row.text("prompt")
        # A completion may be empty: nothing usable was said.
        completion = row.text("completion" if "completion" in row.values else "output", empty=True)
    reference = row.text("original_test_name", required=False)
    original = row.text("original_user_utterance", required=False, empty=True)
    rephrased = row.text("rephrased_user_utterance", required=False, empty=True)
    parts = split_reference(reference) if reference else None
    if reference and parts is None:
        fix = "Write the test's file, `::`, and its name."
        row.problem("not a test reference", fix, reference, at="original_test_name")
    if not row.ok or prompt is None or completion is None:
        return None
    file, name = parts or (None, None)
    return TrainingRow(prompt, completion, row.line, file, name, original, rephrased)


def _from_messages(row: Row, systems: list[Row]) -> tuple[str | None, str | None]:
    messages: Any = row.values["messages"]
    if not isinstance(messages, list) or not all(_is_message(message) for message in messages):
        fix = 'Write `[{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]`.'
        row.problem("`messages` must be a list of roles and texts, found", fix, messages, at="messages")
        return None, None
    roles = [message["role"] for message in messages]
    asked = roles[1:] if roles[:1] == ["system"] else roles
    if asked != ["user", "assistant"]:
        fix = "Keep one user message and the assistant's answer to it."
        what = "a data point is one user and one assistant message, found"
        row.problem(what, fix, ", ".join(roles) or "no message", at="messages")
        return None, None
    if len(asked) < len(roles):
        systems.append(row)
    texts = [message["content"] for message in messages]
    if not texts[-2].strip():
        row.problem("the user message is empty", "Write the prompt.", at="messages")
    return "\n\n".join(texts[:-1]), texts[-1]


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and isinstance(value.get("content"), str)
