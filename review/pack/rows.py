"""Records in the lines of a hand-out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from core.conversations.jsonl import Row
from core.conversations.models import TurnKind, Verdict
from core.yaml.findings import did_you_mean
from review.pack.models import ANSWER_KEYS, READING_KEYS, Machine, PackRecord
from review.pack.reading import PackFile

_KINDS: Final = tuple(kind.value for kind in TurnKind)
_VERDICTS: Final = tuple(verdict.value for verdict in Verdict)
_KNOWN: Final = ("id", *ANSWER_KEYS, *READING_KEYS, "annotator", "answered_at")


def records_in(pack: PackFile) -> list[PackRecord]:
    """The sound records; what is wrong with the others goes to the file's findings."""
    found: list[PackRecord] = []
    seen: dict[tuple[object, ...], str] = {}
    for row in pack.rows:
        record = _record(row, blind=pack.header.blind)
        if record is None:
            continue
        if not _fits(record, row):
            continue
        test = (record.file, record.test, record.occurrence)
        for key, value, what in (
            (("id", record.external_id), row.line, "a record that stands twice"),
            (("text", *test, record.user_step, record.rephrasing), row.line, "a rephrasing that stands twice"),
        ):
            if key in seen:
                row.problem(what, f"Keep one of the two; the other is in line {seen[key]}.", record.external_id, at="id")
            seen.setdefault(key, str(value))
        _same_as_before(row, seen, ("turns", *test), repr(record.turns), "`conversation` is another one than in the line")
        commands = ("commands", *test, record.user_step)
        _same_as_before(row, seen, commands, repr(record.commands), "`expected_commands` are others than in the line")
        if row.ok:
            found.append(record)
    return found


def filled_in(pack: PackFile) -> int:
    """How many lines of a hand-out somebody has written into."""
    return sum(1 for row in pack.rows if any(row.values.get(key) for key in ANSWER_KEYS))


def _same_as_before(row: Row, seen: dict[tuple[object, ...], str], key: tuple[object, ...], value: str, what: str) -> None:
    """Lines of one conversation say the same of it."""
    if seen.setdefault(key, value) != value:
        row.problem(f"{what} above of the same test", "Leave what is to be read as it was handed out.", at="id")


def _record(row: Row, *, blind: bool) -> PackRecord | None:
    unknown = next((key for key in row.values if key not in _KNOWN), None)
    if unknown is not None:
        row.problem("unknown key", did_you_mean(unknown, _KNOWN), unknown, at=unknown)
    external_id, original, rephrasing = row.text("id"), row.text("original", empty=True), row.text("rephrasing", empty=True)
    file, test = row.text("file"), row.text("test", empty=True)
    occurrence, line = row.number("occurrence", required=True), row.number("line", required=False)
    user_step, commands = row.number("step", required=True), row.texts("expected_commands")
    turns = _turns(row)
    machine = None if blind else _machine(row)
    if not row.ok:
        return None
    assert external_id is not None
    assert original is not None
    assert rephrasing is not None
    assert file is not None
    assert test is not None
    assert occurrence is not None
    assert user_step is not None
    for name in ("id", "original", "rephrasing", "file", "test"):
        if "\0" in row.values[name]:
            row.problem(f"`{name}` holds a NUL character", "Remove it.", at=name)
    return PackRecord(
        external_id, original, rephrasing, commands, file, test, occurrence, line, user_step, turns, machine
    )  # fmt: skip


def _turns(row: Row) -> tuple[tuple[str, str], ...]:
    value = row.values.get("conversation")
    if not isinstance(value, list) or not all(isinstance(turn, dict) and len(turn) == 1 for turn in value):
        row.problem("`conversation` must be a list of turns", 'Write `[{"user": "…"}, {"bot": "…"}]`.', at="conversation")
        return ()
    turns = [next(iter(turn.items())) for turn in value]
    for kind, text in turns:
        if kind not in _KINDS:
            row.problem("unknown kind of turn", did_you_mean(kind, _KINDS), kind, at="conversation")
        elif not isinstance(text, str) or "\0" in text:
            row.problem(
                "a turn of `conversation` must be text without NUL, found", "Write it in quotes.", text, at="conversation"
            )
    return tuple(turns)


def _fits(record: PackRecord, row: Row) -> bool:
    if not row.ok:
        return False
    said = [text for kind, text in record.turns if kind == TurnKind.USER]
    if record.user_step > len(said) or said[record.user_step - 1] != record.original:
        what = f"user step {record.user_step} of `conversation` is not the `original`"
        row.problem(what, "Leave what is to be read as it was handed out.", at="step")
    return row.ok


def _machine(row: Row) -> Machine:
    verdict, score = row.text("verdict", required=False), row.values.get("ambiguity")
    if verdict is not None and verdict not in _VERDICTS:
        row.problem("unknown verdict", did_you_mean(verdict, _VERDICTS), verdict, at="verdict")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1):
        row.problem("`ambiguity` must be a number from 0 to 1, found", "Mend it.", score, at="ambiguity")
        score = None
    reasons, doubts = row.texts("reasons"), row.texts("doubts")
    return Machine(verdict, reasons or (), row.texts("predicted_commands"), score, doubts or ())


def in_tests(records: Iterable[PackRecord]) -> Iterator[tuple[tuple[str, str, int], list[PackRecord]]]:
    """The records by file, test and occurrence, in the order of their first lines."""
    by_test: dict[tuple[str, str, int], list[PackRecord]] = {}
    for record in records:
        by_test.setdefault((record.file, record.test, record.occurrence), []).append(record)
    yield from by_test.items()
