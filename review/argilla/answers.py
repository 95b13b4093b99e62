"""What a server's response says, as an answer of the team. Pure; nothing that a person wrote is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.commands import Dialect, from_json, same_commands
from core.store.stored_commands import to_stored
from review.argilla.definition import NO_COMMANDS
from review.argilla.server_records import Response
from review.team.models import NewAnswer, Say, Status
from review.team.resolution import same_text

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?")
_NOTHING: Final = "[]"


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What a record shows: the rephrasing, the expected commands, and those that the page has filled in (empty: none)."""

    external_id: str
    text: str
    expected: str
    suggested: str = ""


def read_answer(given: HandedOut, response: Response, annotator: str, dialect: Dialect) -> NewAnswer | None:
    """None for a draft, which is no answer yet.

    A discard says nothing but that: Argilla's pages send what was filled in along with it. A comment is never filled in.
    """
    if response.status not in ("submitted", "discarded"):
        return None
    values, at = response.values, server_time(response.updated_at)
    comment = _text(values.get("comment"))
    if response.status == "discarded":
        return NewAnswer(given.external_id, annotator, Status.DISCARDED, None, at, comment=comment or None)
    decision, odd_decision = _decision(values.get("decision"))
    text = _text(values.get("text"))
    commands, unread = _commands(given, _text(values.get("commands")), dialect)
    return NewAnswer(
        external_id=given.external_id,
        annotator=annotator,
        status=Status.SUBMITTED,
        decision=decision,
        answered_at=at,
        text=None if not text or same_text(text, given.text) else text,
        commands=commands,
        comment="\n".join(filter(None, (comment, odd_decision))) or None,
        unread_commands=unread,
    )


def server_time(text: str) -> str:
    """The server's time (UTC, without a zone, with up to six digits after the point) as ISO 8601 that sorts as text."""
    found = _TIME.match(text)
    if found is None:
        return text
    return f"{found[1]}T{found[2]}.{(found[3] or '').ljust(6, '0')[:6]}Z"


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def _decision(value: object) -> tuple[Say | None, str]:
    try:
        return Say(_text(value)), ""
    except ValueError:
        return None, f"(decision: {_text(value) or 'none'})"


def _commands(given: HandedOut, written: str, dialect: Dialect) -> tuple[str | None, str | None]:
    """Canonical commands, None: as expected or left as they were filled in; and what was written, where it cannot be read."""
    if not written or same_text(written, given.suggested) or same_text(written, given.expected):
        return None, None
    canonical = _read(written, dialect)
    if canonical is None:
        return None, written
    expected = _read(given.expected, dialect)
    is_expected = expected is not None and same_commands(from_json(expected), from_json(canonical))
    return (None if is_expected else canonical), None


def _read(written: str, dialect: Dialect) -> str | None:
    if written.strip("(). ").casefold() == NO_COMMANDS:
        return _NOTHING
    canonical, leftovers = to_stored(tuple(written.splitlines()), dialect)
    return None if leftovers or canonical == _NOTHING else canonical
