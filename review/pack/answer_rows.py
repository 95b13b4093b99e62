"""Answers in the lines of a hand-in, or of a hand-out that was filled in by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.conversations.jsonl import Row
from core.yaml.findings import did_you_mean
from review.pack.models import ANSWER_KEYS, READING_KEYS, GivenAnswer
from review.pack.names import what_is_wrong
from review.pack.reading import PackFile
from review.team.models import Say, Status

LONGEST_TEXT: Final = 10_000
"""Characters of a rephrasing, a command or a comment."""

_MOST_COMMANDS: Final = 100
_AHEAD: Final = timedelta(days=1)
"""A clock that is further ahead than this would make an answer win over all later ones."""

_WORDS: Final = {
    **dict.fromkeys(("accept", "accepted", "a", "yes", "y", "ok", "+"), Say.ACCEPT),
    **dict.fromkeys(("reject", "rejected", "r", "x", "no", "n", "-"), Say.REJECT),
    **dict.fromkeys(("unsure", "not sure", "flag", "flagged", "u", "?"), Say.UNSURE),
}
_STATUSES: Final = {
    "withdrawn": Status.WITHDRAWN,
    **dict.fromkeys(("discarded", "discard", "skip", "skipped"), Status.DISCARDED),
}
_NO_COMMANDS: Final = "no commands"
"""As Argilla's page has it."""
_KNOWN: Final = ("id", "annotator", "answered_at", *ANSWER_KEYS, *READING_KEYS)


@dataclass(frozen=True, slots=True)
class PlacedAnswer:
    """`row`: where it stands, for what is found to be wrong with it later."""

    answer: GivenAnswer
    row: Row


def answers_in(pack: PackFile) -> Iterator[PlacedAnswer]:
    """The lines with an answer; what is wrong with the others goes to the file's findings."""
    latest = datetime.now(UTC) + _AHEAD
    for row in pack.rows:
        answer = _answer(row, latest)
        if row.ok and answer is not None:
            yield PlacedAnswer(answer, row)


def utc_text(moment: datetime) -> str:
    """As `core.store.connection.utc_now` writes it, so that times can be compared as texts."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _answer(row: Row, latest: datetime) -> GivenAnswer | None:
    unknown = next((key for key in row.values if key not in _KNOWN), None)
    if unknown is not None:
        row.problem("unknown key", did_you_mean(unknown, _KNOWN), unknown, at=unknown)
    external_id = row.text("id")
    word = _text(row, "decision")
    text, comment = _text(row, "text"), _text(row, "comment")
    commands = _commands(row)
    annotator = _text(row, "annotator")
    if annotator is not None and (why := what_is_wrong(annotator)) is not None:
        row.problem(f"{why}:", "Write the name of a person.", annotator, at="annotator")
    answered_at = _moment(row, latest)
    said = (word or "").casefold()
    if not row.ok or external_id is None:
        return None
    if not said:
        filled = next((key for key, value in (("text", text), ("commands", commands), ("comment", comment)) if value), None)
        if filled is not None:
            row.problem(f"`{filled}` is given, but no decision", "Write accept, reject or unsure as `decision`.", at=filled)
        return None
    if said in _STATUSES:
        return GivenAnswer(external_id, _STATUSES[said], None, annotator, answered_at, comment=comment)
    decision = _WORDS.get(said)
    if decision is None:
        fix = did_you_mean(said, (*(say.value for say in Say), "discarded"))
        row.problem("not a decision:", f"{fix} Empty: no answer.", word or "", at="decision")
        return None
    return GivenAnswer(external_id, Status.SUBMITTED, decision, annotator, answered_at, text, commands, comment)


def _text(row: Row, name: str) -> str | None:
    """None where it is missing or blank."""
    text = row.text(name, required=False, empty=True)
    if text is None:
        return None
    _check(row, name, text)
    return text.strip() or None


def _commands(row: Row) -> tuple[str, ...] | None:
    """A list of lines, or one text of them."""
    value = row.values.get("commands")
    if isinstance(value, str):
        _check(row, "commands", value)
        given = tuple(line.strip() for line in value.split("\n") if line.strip())
        return () if [line.casefold() for line in given] == [_NO_COMMANDS] else given or None
    lines = row.texts("commands")
    if lines is None:
        return None
    if len(lines) > _MOST_COMMANDS:
        row.problem(f"more than {_MOST_COMMANDS} commands", "Give those of one message.", at="commands")
    for line in lines:
        _check(row, "commands", line)
    return tuple(line.strip() for line in lines if line.strip())


def _check(row: Row, name: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        row.problem(f"`{name}` is longer than {LONGEST_TEXT:,} characters", "Shorten it.", text, at=name)
    elif "\0" in text:
        row.problem(f"`{name}` holds a NUL character", "Remove it.", text.replace("\0", "␀"), at=name)


def _moment(row: Row, latest: datetime) -> str | None:
    """A time without a zone counts as UTC."""
    text = _text(row, "answered_at")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        written = utc_text(moment)
    except (ValueError, OverflowError):
        row.problem("`answered_at` is no time", "Write e.g. 2026-11-21T09:30:00Z, or leave it out.", text, at="answered_at")
        return None
    if moment > latest:
        row.problem("`answered_at` lies in the future", "Mend it: such an answer would win over all later ones.", text,
                    at="answered_at")  # fmt: skip
    return written
