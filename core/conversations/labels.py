"""Reads commands JSONL and labelled rephrasings JSONL: facts about user steps of tests that live in other files.

The row's `line` names the step by itself; `test_case` and `text` are then optional, so that labels can be published of
tests whose texts cannot.

A rephrasing is labelled by `verdict` and `reasons`, or by `faithful` (true: same, false: different) and `why`.
"""

from __future__ import annotations

from typing import Any

from core.conversations.command_check import how_to_mend, not_understood
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
    test_line = row.number("line", required=False)
    is_located = row.values.get("line") is not None
    file, name = row.text("file"), row.text("test_case", required=not is_located)
    text = row.text("text", required=not is_located, empty=True)
    user_step = row.number("user_step", required=True)
    assistant, skip = row.text("assistant", required=False), row.text("skip", required=False)
    commands = _commands(row, "commands", row.texts("commands"))
    rephrasings = _rephrasings(row)
    if not row.ok or file is None or user_step is None:
        return None
    return LabelledStep(file, name, user_step, text, row.line, test_line, assistant, commands, rephrasings, skip)


def _rephrasings(row: Row) -> tuple[Rephrasing, ...]:
    values = row.values.get("rephrasings")
    if values is None:
        return ()
    if not isinstance(values, list):
        fix = 'Write `[{"text": "…", "verdict": "same"}]`.'
        row.problem("`rephrasings` must be a list, found", fix, values, at="rephrasings")
        return ()
    found = (_rephrasing(value, row) for value in values)
    return tuple(rephrasing for rephrasing in found if rephrasing is not None)


def _rephrasing(value: Any, row: Row) -> Rephrasing | None:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str) or not value["text"].strip():
        fix = 'Write `{"text": "…", "verdict": "same"}`.'
        row.problem("a rephrasing needs a text, found", fix, value, at="rephrasings")
        return None
    for key in value:
        if key not in _REPHRASING_KEYS:
            row.warning("unknown key", did_you_mean(key, _REPHRASING_KEYS), key, at="rephrasings")
    verdict, reasons = _verdict(value, row)
    commands = _commands(row, "rephrasings", row.texts("commands", value, at="rephrasings"))
    return Rephrasing(value["text"], verdict, reasons, commands, row.line)


def _commands(row: Row, at: str, commands: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for text in not_understood(commands or ()):
        row.warning("not a command", how_to_mend(text), text, at=at)
    return commands


def _verdict(value: dict[str, Any], row: Row) -> tuple[Verdict | None, tuple[str, ...]]:
    given = value.get("verdict")
    if given is not None:
        if given not in tuple(Verdict):
            fix = "Write `same`, `different` or `ambiguous`."
            row.problem("unknown verdict", fix, given, at="rephrasings")
            return None, ()
        return Verdict(given), row.texts("reasons", value, at="rephrasings") or ()
    faithful = value.get("faithful")
    if faithful is None:
        return None, row.texts("reasons", value, at="rephrasings") or ()
    if not isinstance(faithful, bool):
        row.problem("`faithful` must be true or false, found", "Write `true` or `false`.", faithful, at="rephrasings")
        return None, ()
    why = value.get("why")
    if why is not None and not isinstance(why, str):
        row.problem("`why` must be text, found", "Write it in double quotes.", why, at="rephrasings")
    reasons = (why,) if isinstance(why, str) and why else ()
    return (Verdict.SAME if faithful else Verdict.DIFFERENT), reasons
