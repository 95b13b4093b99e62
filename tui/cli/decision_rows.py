"""Decisions from stdin: one JSON object, a list of them, or one a line. Each bad one is named with its place."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from core.errors import UsageError
from core.yaml.findings import did_you_mean, excerpt

DecisionRow = tuple[int, str, str | None]
"""id, decision, reason"""

_KEYS = ("id", "decision", "reason")
_NEEDED = 'Each needs "id" (a number) and "decision" (a text), and may have "reason" (a text).'


def read_decisions() -> list[DecisionRow]:
    """The rows on stdin; none if it is closed or a terminal.

    Raises:
        UsageError: stdin is not UTF-8 or not JSON, or a row is no decision; the message names line and column.
    """
    if sys.stdin is None or sys.stdin.isatty():
        return []
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"stdin is not UTF-8: {error}", remedy="Send JSON in UTF-8.") from error
    return [_decision(place, row) for place, row in _rows(text)]


def _rows(text: str) -> Iterator[tuple[str, Any]]:
    """Every row and where it stands. Several lines of JSON are known by what follows the first value."""
    if not text.strip():
        return
    try:
        data = _loaded(text, 1)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise _not_json(error, text.split("\n"), error.lineno) from error
    else:
        rows = data if isinstance(data, list) else [data]
        yield from ((f"row {number}", row) for number, row in enumerate(rows, start=1))
        return
    lines = text.split("\n")  # not splitlines: a text may hold U+2028
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield f"line {number}", _loaded(line, number)
            except json.JSONDecodeError as error:
                raise _not_json(error, lines, number) from error


def _loaded(text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise UsageError(f"stdin, line {line}: nested too deeply", remedy=_NEEDED) from error


def _not_json(error: json.JSONDecodeError, lines: list[str], number: int) -> UsageError:
    return UsageError(
        f"stdin, line {number} column {error.colno} is not JSON: {error.msg}: `{excerpt(lines[number - 1])}`",
        remedy="Send an object, a list, or one object a line; nothing was recorded.",
    )


def _decision(place: str, row: Any) -> DecisionRow:
    shown = excerpt(json.dumps(row, ensure_ascii=False))
    if not isinstance(row, dict):
        raise UsageError(f"stdin, {place} is not a decision: {shown}", remedy=_NEEDED)
    unknown = next((key for key in row if key not in _KEYS), None)
    if unknown is not None:
        raise UsageError(f"stdin, {place} has an unknown key `{unknown}`: {shown}", remedy=did_you_mean(unknown, _KEYS))
    id_, decision, reason = (row.get(key) for key in _KEYS)
    if type(id_) is not int or not isinstance(decision, str) or not isinstance(reason, str | None):
        raise UsageError(f"stdin, {place} is not a decision: {shown}", remedy=_NEEDED)
    return id_, decision, reason
