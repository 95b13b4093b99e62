"""Reads JSONL text into rows: one JSON object a line, blank lines left out, every bad line a problem."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.yaml.findings import Findings, did_you_mean, excerpt

_BAD_ESCAPE = "Write `\\\\` for a backslash."
_FIXES = (
    ("Unterminated string", "Close the quote; each row must be on one line."),
    ("Expecting ',' delimiter", 'Put a comma here, or escape a quote inside the text as `\\"`.'),
    ("Expecting ':' delimiter", "Put a colon after the key."),
    ("property name enclosed in double quotes", "Put keys in double quotes, without a comma before `}`."),
    ("Invalid \\escape", _BAD_ESCAPE),
    ("Invalid \\uXXXX", _BAD_ESCAPE),
    ("Invalid control character", "Write a line break as `\\n` and a tab as `\\t`."),
    ("Extra data", "Put each row on a line of its own."),
)


_TO_KEY = re.compile(r'[\s,]*(?=")')
_TO_VALUE = re.compile(r"\s*:\s*")


class DuplicateKeyError(ValueError):
    pass


@dataclass(slots=True)
class Row:
    """One object of a JSONL file, and the checks its reader needs.

    A finding stands at the value of the row's key `at`; without one, at the row's start.
    """

    line: int
    source: str
    values: dict[str, Any]
    findings: Findings
    ok: bool = field(default=True, init=False)

    def problem(self, what: str, fix: str, offending: object = "", *, at: str = "") -> None:
        self.ok = False
        self.findings.problem_at(self.line, self._column(at), what, fix, _as_json(offending))

    def warning(self, what: str, fix: str, offending: str = "", *, at: str) -> None:
        self.findings.warning_at(self.line, self._column(at), what, fix, offending)

    def _column(self, key: str) -> int:
        return next((value for name, _, value in _columns(self.source) if name == key), _start(self.source))

    def text(self, name: str, *, required: bool = True, empty: bool = False) -> str | None:
        value = self.values.get(name)
        if value is None:
            if required:
                self.problem(f"`{name}` is missing", f'Add `"{name}": "…"` to the row.')
            return None
        if isinstance(value, str) and (value.strip() or empty):
            return value
        if isinstance(value, str):
            self.problem(f"`{name}` is empty", "Write the text.", at=name)
        else:
            self.problem(f"`{name}` must be text, found", "Write it in double quotes.", value, at=name)
        return None

    def texts(self, name: str, where: dict[str, Any] | None = None, *, at: str = "") -> tuple[str, ...] | None:
        """A list of texts; None where there is none. `where` is a part of the row, under its key `at`."""
        value = (self.values if where is None else where).get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problem(f"`{name}` must be a list of texts, found", 'Write `["…", "…"]`.', value, at=at or name)
            return None
        return tuple(value)

    def number(self, name: str, *, required: bool) -> int | None:
        value = self.values.get(name)
        if value is None and not required:
            return None
        if type(value) is not int or value < 1:
            self.problem(f"`{name}` must be a whole number from 1, found", "Count from 1.", value, at=name)
            return None
        return value


def read_rows(text: str, findings: Findings) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line, object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            # Nothing but \n ends a line of JSONL, so a position in the line is a column.
            fix = next((fix for part, fix in _FIXES if part in error.msg), "Mend the JSON here.")
            what = f"invalid JSON ({error.msg[:1].lower() + error.msg[1:].removesuffix(' starting at')}) at"
            findings.problem_at(number, error.pos + 1, what, fix, line[max(0, error.pos - 10) : error.pos + 30])
            continue
        except DuplicateKeyError as error:
            columns = [column for key, column, _ in _columns(line) if key == str(error)]
            column = columns[1] if len(columns) > 1 else _start(line)  # else it is a key of a value of the row
            findings.problem_at(number, column, "a key that stands twice", "Keep one of the two.", str(error))
            continue
        except (ValueError, RecursionError) as error:
            findings.problem_at(number, _start(line), f"invalid JSON ({excerpt(str(error))})", "Mend this row.")
            continue
        if not isinstance(values, dict):
            findings.problem_at(number, 1, "a row must be a JSON object, found", "Write `{…}`.", line)
            continue
        if "\\ud" in line.lower() and not _is_encodable(values):
            fix = "Write the whole character, unescaped."
            column = line.lower().index("\\ud") + 1
            findings.problem_at(number, column, "half of an escaped character (`\\ud…`)", fix)
            continue
        yield Row(number, line, values, findings)


def warn_unknown_keys(rows: list[Row], known: tuple[str, ...], findings: Findings) -> None:
    """One warning for each unknown key of the file, at the first row that has it."""
    first: dict[str, Row] = {}
    for row in rows:
        for key in row.values:
            if key not in known:
                first.setdefault(key, row)
    for key, row in first.items():
        column = next(column for name, column, _ in _columns(row.source) if name == key)
        findings.warning_at(row.line, column, "unknown key", did_you_mean(key, known), key)


def _start(source: str) -> int:
    return len(source) - len(source.lstrip()) + 1


def _columns(source: str) -> Iterator[tuple[str, int, int]]:
    """The keys of a row that is valid JSON, each with its column and that of its value."""
    decoder = json.JSONDecoder()
    place = source.index("{") + 1
    while (gap := _TO_KEY.match(source, place)) is not None:
        key, end = decoder.raw_decode(source, gap.end())
        colon = _TO_VALUE.match(source, end)
        assert colon is not None
        yield key, gap.end() + 1, colon.end() + 1
        _, place = decoder.raw_decode(source, colon.end())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise DuplicateKeyError(counts.most_common(1)[0][0])
    return values


def _is_encodable(values: dict[str, Any]) -> bool:
    """Whether the texts are Unicode: JSON can spell the halves of a surrogate pair, a database cannot store one."""
    try:
        json.dumps(values, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _as_json(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
