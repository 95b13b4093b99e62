"""Rows of questions to models (`llm_call`): what was asked, what came back, what it cost."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InputError

_COLUMNS = (
    "key, stage, role, model, base_url, sample, item, at, state, attempts, seconds, prompt_tokens, completion_tokens, "
    "cached_tokens, exact_tokens, cost, currency, finish_reason, failure, answer"
)
_EXACT = _COLUMNS.split(", ").index("exact_tokens")
_KEYS_AT_ONCE = 500
_LEVEL = 3
"""Of zlib: level 6 takes twice the time for prompts and saves a tenth."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row. `request`, `response`: JSON as it went over the wire, without headers; `response` is None where none came.

    `failure`: JSON with `kind`, `what`, `remedy` and `status` (see core.llm.models.CallFailure), None for an answer.
    """

    key: str
    stage: str
    role: str
    model: str
    base_url: str
    sample: int
    item: str
    at: str
    state: Literal["answered", "failed"]
    attempts: int
    seconds: float
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    exact_tokens: bool
    cost: float | None
    currency: str | None
    finish_reason: str | None
    failure: str | None
    answer: str | None
    request: bytes = b""
    response: bytes | None = None

    @property
    def failure_text(self) -> str:
        """What went wrong in one line, empty for an answer."""
        if self.failure is None:
            return ""
        found = json.loads(self.failure)
        return f"{found['kind']}: {found['what']}"


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A row with its number and with request and response as data; a response that is no JSON is its text."""

    id: int
    row: CallRow
    request: Any
    response: Any


def packed(row: CallRow) -> tuple[object, ...]:
    """The row as the database takes it: worked out before a transaction, which others wait for."""
    blobs = (zlib.compress(row.request, _LEVEL), None if row.response is None else zlib.compress(row.response, _LEVEL))
    return (*(getattr(row, name.strip()) for name in _COLUMNS.split(",")), *blobs)


def insert_call(connection: sqlite3.Connection, row: CallRow, values: tuple[object, ...] | None = None) -> CallRow:
    """Store `row` and return what is stored under its key afterwards. To be called in a transaction.

    `values`: the row as `packed` gives it, where that was done before.

    An earlier failure is replaced; its attempts, tokens and cost were spent all the same, so they are added up. Where
    another process has answered the same question meanwhile, its answer stays, and what this one cost is added to it.
    """
    done = connection.execute(_UPSERT, packed(row) if values is None else values)
    if done.rowcount:
        return row
    connection.execute(_ADD_COST, {name: getattr(row, name) for name in ("key", "attempts", "cost", *_TOKENS)})
    stored = answered_call(connection, row.key)
    return stored if stored is not None else row


_TOKENS = ("prompt_tokens", "completion_tokens", "cached_tokens")
_SUMMED = ("attempts", *_TOKENS)
_REPLACED = (
    "stage", "role", "model", "base_url", "sample", "item", "at", "state", "seconds", "exact_tokens", "currency",
    "finish_reason", "failure", "answer", "request", "response",
)  # fmt: skip
_COST = "cost = CASE WHEN {new} IS NULL THEN llm_call.cost ELSE coalesce(llm_call.cost, 0) + {new} END"
_UPSERT = (
    f"INSERT INTO llm_call ({_COLUMNS}, request, response) VALUES ({', '.join('?' * 22)}) ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _REPLACED)
    + ", "
    + ", ".join(f"{name} = llm_call.{name} + excluded.{name}" for name in _SUMMED)
    + ", "
    + _COST.format(new="excluded.cost")
    + " WHERE llm_call.state = 'failed'"
)
_ADD_COST = (
    "UPDATE llm_call SET "
    + ", ".join(f"{name} = {name} + :{name}" for name in _SUMMED)
    + ", "
    + _COST.format(new=":cost")
    + " WHERE key = :key"
)


def answered_call(connection: sqlite3.Connection, key: str) -> CallRow | None:
    """The stored answer under `key`, without request and response; None where there is none or only a failure."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM llm_call WHERE key = ? AND state = 'answered'", (key,)).fetchone()
    return None if found is None else _row(found)


def stored_keys(connection: sqlite3.Connection, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that are answered."""
    wanted, found = list(dict.fromkeys(keys)), set[str]()
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        some = wanted[start : start + _KEYS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        query = f"SELECT key FROM llm_call WHERE state = 'answered' AND key IN ({marks})"
        found.update(key for (key,) in connection.execute(query, some))
    return found


def find_call(connection: sqlite3.Connection, key_prefix: str) -> FoundCall | None:
    """The call whose key begins so, with its raw request and answer; None where there is none.

    Raises:
        InputError: more than one call begins so.
    """
    query = f"SELECT {_COLUMNS}, id, request, response FROM llm_call WHERE key >= ? AND key < ? ORDER BY key LIMIT 2"
    rows = connection.execute(query, (key_prefix, key_prefix + "\uffff")).fetchall()
    if len(rows) > 1:
        raise InputError(f"more than one call begins with {key_prefix}", remedy="Give more of its digits.")
    if not rows:
        return None
    *columns, number, request, response = rows[0]
    return FoundCall(number, _row(columns), _data(request), None if response is None else _data(response))


def failed_calls(
    connection: sqlite3.Connection, *, stage: str | None = None, role: str | None = None, limit: int = 1000
) -> list[CallRow]:
    """The latest failures first, without request and response."""
    query = f"SELECT {_COLUMNS} FROM llm_call WHERE state = 'failed'"
    given = {"stage": stage, "role": role}
    wanted = {name: value for name, value in given.items() if value is not None}
    query += "".join(f" AND {name} = :{name}" for name in wanted) + " ORDER BY id DESC LIMIT :limit"
    return [_row(found) for found in connection.execute(query, {**wanted, "limit": limit})]


def _row(columns: Sequence[Any]) -> CallRow:
    values = list(columns)
    values[_EXACT] = bool(values[_EXACT])
    return CallRow(*values)


def _data(blob: bytes) -> Any:
    text = zlib.decompress(blob).decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
