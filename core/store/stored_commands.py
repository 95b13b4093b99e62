"""Commands between the text of files and the canonical JSON of the database."""

from __future__ import annotations

from functools import lru_cache

from core.commands import CommandError, Dialect, describe, from_json, parse, parse_any, to_json, to_text


@lru_cache(maxsize=65536)
def to_stored(lines: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """Raw command lines as canonical JSON, and what could not be understood in them.

    They are read in the project's dialect, or in another one if that leaves nothing over: a project in V2 may have old
    annotations in V1.
    """
    text = "\n".join(lines)
    result = parse(text, dialect)
    if not result.complete:
        other = parse_any(text)
        if other.complete:
            result = other
    return to_json(result.found), tuple(leftover.text for leftover in result.leftovers)


@lru_cache(maxsize=65536)
def to_display(canonical: str | None, dialect: Dialect) -> tuple[str, ...]:
    """Stored commands as lines of a dialect. One the dialect has no words for is described (`skip question`)."""
    if canonical is None:
        return ()
    lines = []
    for command in from_json(canonical):
        try:
            lines.append(to_text(command, dialect))
        except CommandError:
            lines.append(describe(command))
    return tuple(lines)


@lru_cache(maxsize=65536)
def why_unprintable(canonical: str, dialect: Dialect) -> str | None:
    """Why stored commands have no text in the dialect; None if they have."""
    try:
        for command in from_json(canonical):
            to_text(command, dialect)
    except CommandError as error:
        return error.what
    return None
