"""Wordings out of a JSON answer, also out of one with a fence or words around it, or one that was cut off.

Read by a scanner of its own and not by `json`: that gives up a whole answer for its last character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

Wording = tuple[str, int, str]
"""Id of the message, number of the wording (from 1), its text."""

_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*+(?P<end>")?|[{}\[\]:,]', re.DOTALL)
"""A string that is not closed reaches to the end, so that a large answer is read once."""
_NUMBER = re.compile(r"\d+")
_DEEPEST = 50


@dataclass(slots=True)
class _Level:
    """An object or a list that is open. `key`: of the value that comes next, in an object the last string before a colon."""

    is_list: bool
    key: str = ""
    count: int = 0


def json_wordings(answer: str, ids: Collection[str]) -> list[Wording]:
    """The complete texts of an answer that stand below the id of a message, in its order.

    Accepted below an id: an object from number to text, and a list of texts, at any depth. If only one message was asked
    for, its id may be missing. A text that is not closed is left out.
    """
    only = next(iter(ids)) if len(ids) == 1 else None
    found: list[Wording] = []
    loose: list[tuple[tuple[str, ...], str]] = []
    for path, text in _strings(answer):
        at = next((index for index, key in enumerate(path) if key in ids), None)
        if at is None:
            loose.append((path, text))
        elif (number := _number(path[-1])) is not None and at < len(path) - 1:
            found.append((path[at], number, text))
    if not found and only is not None:
        found = [(only, number, text) for path, text in loose if path and (number := _number(path[-1])) is not None]
    return found


def _number(key: str) -> int | None:
    digits = _NUMBER.findall(key)
    return int(digits[0]) if len(digits) == 1 and len(digits[0]) <= 4 else None


def _strings(answer: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every string value with the keys that lead to it; items of a list are numbered from 1."""
    start = answer.find("{")
    start = answer.find("[") if start < 0 else start
    if start < 0:
        return
    open_: list[_Level] = []
    pending: str | None = None  # a string that is a key if a colon follows
    for match in _TOKEN.finditer(answer, start):
        token = match[0]
        if token[0] == '"' and match["end"] is None:
            break
        if token == ":":
            if open_ and pending is not None:
                open_[-1].key = pending
            pending = None
            continue
        if pending is not None and open_:
            yield from _value(open_, pending)
            pending = None
        if token in "{[":
            if open_:
                open_[-1].count += 1
            open_.append(_Level(is_list=token == "["))
            if len(open_) > _DEEPEST:
                return
        elif token in "}]":
            if open_:
                open_.pop()
            if not open_:
                return
        elif token == ",":
            if open_ and not open_[-1].is_list:
                open_[-1].key = ""
        else:
            pending = _decoded(token)
    if pending is not None and open_ and (open_[-1].is_list or open_[-1].key):
        yield from _value(open_, pending)


def _value(open_: list[_Level], text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    open_[-1].count += 1
    if open_[-1].is_list or open_[-1].key:
        yield tuple(str(level.count) if level.is_list else level.key for level in open_), text


def _decoded(token: str) -> str | None:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:  # an escape that JSON does not have
        return None
