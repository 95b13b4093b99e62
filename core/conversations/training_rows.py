"""Reads fine-tuning rows: `prompt`/`completion`, `prompt`/`output` with lineage, or `messages`.

A data point is one prompt and one completion. A `system` message is joined in front of the prompt, separated by a blank
line, and the first one of a file is a warning: the assistant sends one user message and no system message.
"""

from __future__ import annotations

from typing import Any

from core.conversations.annotations import split_reference
from core.conversations.jsonl import Row, read_rows, warn_unknown_keys
from core.conversations.models import TrainingRow
from core.yaml.findings import Findings

_LINEAGE = ("original_test_name", "original_user_utterance", "rephrased_user_utterance")
_KNOWN = ("prompt", "completion", "output", "messages", *_LINEAGE)
_SHAPES = 'Write `{"prompt", "completion"}` or `{"messages": [user, assistant]}`.'


def read_training_rows(text: str, findings: Findings) -> tuple[TrainingRow, ...]:
    rows = list(read_rows(text, findings))
    warn_unknown_keys(rows, _KNOWN, findings)
    systems: list[int] = []
    read = [_read_row(row, systems) for row in rows]
    if systems:
        what = f"a `system` message, joined in front of the prompt (in {len(systems)} of {len(rows)} rows)"
        fix = "Move its text into the user message if you want it elsewhere."
        findings.warning_at(systems[0], None, what, fix)
    return tuple(row for row in read if row is not None)


def _read_row(row: Row, systems: list[int]) -> TrainingRow | None:
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
        row.problem("not a test reference", "Write the test's file, `::`, and its name.", reference)
    if not row.ok or prompt is None or completion is None:
        return None
    file, name = parts or (None, None)
    return TrainingRow(prompt, completion, row.line, file, name, original, rephrased)


def _from_messages(row: Row, systems: list[int]) -> tuple[str | None, str | None]:
    messages: Any = row.values["messages"]
    if not isinstance(messages, list) or not all(_is_message(message) for message in messages):
        fix = 'Write `[{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]`.'
        row.problem("`messages` must be a list of roles and texts, found", fix, messages)
        return None, None
    roles = [message["role"] for message in messages]
    asked = roles[1:] if roles[:1] == ["system"] else roles
    if asked != ["user", "assistant"]:
        fix = "Keep one user message and the assistant's answer to it."
        row.problem("a data point is one user and one assistant message, found", fix, ", ".join(roles))
        return None, None
    if len(asked) < len(roles):
        systems.append(row.line)
    texts = [message["content"] for message in messages]
    if not texts[-2].strip():
        row.problem("the user message is empty", "Write the prompt.")
    return "\n\n".join(texts[:-1]), texts[-1]


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and isinstance(value.get("content"), str)
