"""Reads commands JSONL and labelled rephrasings JSONL: facts about user steps of tests that live in other files.

A rephrasing is labelled by `verdict` and `reasons`, or by `faithful` (true: same, false: different) and `why`.
"""

from __future__ import annotations

from typing import Any

from core.conversations.jsonl import Row, read_rows, warn_unknown_keys
from core.conversations.models import LabelledStep, Rephrasing, Verdict
from core.yaml.findings import Findings, did_you_mean

_KNOWN = ("assistant", "file", "test_case", "line", "user_step", "text", "button", "commands", "rephrasings", "skip")
# Notes of an annotator that no stage uses.
_NOTES = ("also_ok", "note", "plausible_commands", "gold_skip")
_REPHRASING_KEYS = ("text", "commands", "verdict", "reasons", "faithful", "why")


def read_labels(text: str, findings: Findings) -> tuple[LabelledStep, ...]:
    rows = list(read_rows(text, findings))
    warn_unknown_keys(rows, (*_KNOWN, *_NOTES), findings)
    read = [_read_row(row) for row in rows]
    return tuple(step for step in read if step is not None)


def _read_row(row: Row) -> LabelledStep | None:
    file, name, text = row.text("file"), row.text("test_case"), row.text("text", empty=True)
    user_step = row.number("user_step", required=True)
    test_line = row.number("line", required=False)
    assistant, skip = row.text("assistant", required=False), row.text("skip", required=False)
    commands = row.texts("commands")
    rephrasings = _rephrasings(row)
    if not row.ok or file is None or name is None or text is None or user_step is None:
        return None
    return LabelledStep(file, name, user_step, text, row.line, test_line, assistant, commands, rephrasings, skip)


def _rephrasings(row: Row) -> tuple[Rephrasing, ...]:
    values = row.values.get("rephrasings")
    if values is None:
        return ()
    if not isinstance(values, list):
        row.problem("`rephrasings` must be a list, found", 'Write `[{"text": "…", "verdict": "same"}]`.', values)
        return ()
    found = (_rephrasing(value, row) for value in values)
    return tuple(rephrasing for rephrasing in found if rephrasing is not None)


def _rephrasing(value: Any, row: Row) -> Rephrasing | None:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str) or not value["text"].strip():
        row.problem("a rephrasing needs a text, found", 'Write `{"text": "…", "verdict": "same"}`.', value)
        return None
    for key in value:
        if key not in _REPHRASING_KEYS:
            row.findings.warning_at(row.line, None, "unknown key", did_you_mean(key, _REPHRASING_KEYS), key)
    verdict, reasons = _verdict(value, row)
    return Rephrasing(value["text"], verdict, reasons, row.texts("commands", value), row.line)


def _verdict(value: dict[str, Any], row: Row) -> tuple[Verdict | None, tuple[str, ...]]:
    given = value.get("verdict")
    if given is not None:
        if given not in tuple(Verdict):
            fix = "Write `same`, `different` or `ambiguous`."
            row.problem("unknown verdict", fix, given)
            return None, ()
        return Verdict(given), row.texts("reasons", value) or ()
    faithful = value.get("faithful")
    if faithful is None:
        return None, row.texts("reasons", value) or ()
    if not isinstance(faithful, bool):
        row.problem("`faithful` must be true or false, found", "Write `true` or `false`.", faithful)
        return None, ()
    why = value.get("why")
    if why is not None and not isinstance(why, str):
        row.problem("`why` must be text, found", "Write it in double quotes.", why)
    reasons = (why,) if isinstance(why, str) and why else ()
    return (Verdict.SAME if faithful else Verdict.DIFFERENT), reasons
