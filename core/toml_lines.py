"""On which lines of a TOML file its keys stand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def lines_of_keys(text: str) -> dict[Path, int]:
    """Full path of every table and key, to the line (1-based) it is first named on. Empty if `text` is no TOML.

    Each statement is read by itself, so that strings and lists over several lines are not mistaken for headers.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines):
        if not line.strip() and number == start:
            start = number + 1
            continue
        try:
            data = tomllib.loads("\n".join(lines[start : number + 1]))
        except tomllib.TOMLDecodeError:  # it goes on in the next line
            continue
        is_header = lines[start].lstrip().startswith("[")
        paths = list(_paths(data))
        if is_header:
            table = paths[-1]
        for path in paths:
            whole = path if is_header else (*table, *path)
            for length in range(1, len(whole) + 1):
                found.setdefault(whole[:length], start + 1)
        start = number + 1
    return found if start >= len(lines) else {}


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of `path`, or of the nearest table around it that is there."""
    return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), None)


def _paths(data: Mapping[str, Any]) -> Iterator[Path]:
    for key, value in data.items():
        yield (key,)
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inner, dict):
            yield from ((key, *path) for path in _paths(inner))
