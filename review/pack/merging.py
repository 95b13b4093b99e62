"""Takes hand-ins into the project: everything is checked first, then all of it is recorded in one transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.commands import Dialect
from core.conversations.command_check import how_to_mend
from core.errors import InputError
from core.project import Project
from core.store.connection import transaction
from core.store.pack_here import check_is_no_pack
from core.store.stored_commands import to_stored
from core.yaml.findings import Findings
from review.pack.answer_rows import PlacedAnswer, answers_in, utc_text
from review.pack.names import checked_person
from review.pack.people import check_handed_to, handed_to_before, note_handed_to, person_of
from review.pack.reading import PackFile, raise_if_wrong, read_pack
from review.pack.rounds_here import Handed, RoundHere, find_or_adopt
from review.team.models import NewAnswer, Recording, Round, Status
from review.team.recording import record_answers
from review.team.resolution import rule_of
from review.team.resolving import Resolved, resolve
from review.team.rounds import note_pull


@dataclass(frozen=True, slots=True)
class MergedFile:
    """`annotators`: answers of each. `handed_to`: whom the hand-out was meant for, None: everybody."""

    path: Path
    round_name: str
    annotators: Mapping[str, int]
    handed_to: str | None = None


@dataclass(frozen=True, slots=True)
class MergedRound:
    """`overtaken`: answers of which the same person gave a later one in the same files. `adopted`: the round was made
    elsewhere, and is one of this project from now on."""

    round: Round
    recording: Recording
    resolved: Resolved
    overtaken: int
    adopted: bool


@dataclass(frozen=True, slots=True)
class Merged:
    files: tuple[MergedFile, ...]
    rounds: tuple[MergedRound, ...]


@dataclass(slots=True)
class _Gathered:
    """The answers to one round: the latest of each person to each record, and where it stands. `handed_to`: see people.py."""

    here: RoundHere
    latest: dict[tuple[str, str], tuple[NewAnswer, PlacedAnswer]] = field(default_factory=dict)
    overtaken: int = 0
    handed_to: dict[str, tuple[str, str]] = field(default_factory=dict)


def merge(project: Project, connection: sqlite3.Connection, paths: Sequence[Path], *, by: str | None, reviewer: str) -> Merged:
    """Record the answers of all files and work out what they come to.

    `by`: who filled in the files that do not say so themselves; one that says another name is refused. Of several answers of
    one person to one record the latest counts. An answer without a time is as old as its file; the same again is the same
    answer, whenever the file was written.

    Raises:
        InputError: with every problem of every file; nothing is recorded then.
        UsageError: `by` is no name.
    """
    check_is_no_pack(connection, "merged")
    person = None if by is None else checked_person(by)
    packs, broken = _read_all(paths)
    with transaction(connection):
        found: list[tuple[PackFile, list[PlacedAnswer]]] = [(pack, list(answers_in(pack))) for pack in packs]
        rounds: dict[str, _Gathered] = {}
        for key in dict.fromkeys(pack.header.key for pack in packs):
            of_round = [(pack, answers) for pack, answers in found if pack.header.key == key]
            here = find_or_adopt(connection, of_round, reviewer=reviewer, project_name=project.name)
            if here is not None:
                rounds[key] = _Gathered(here, handed_to=handed_to_before(here.round))
        files = []
        for pack, answers in found:
            gathered = rounds.get(pack.header.key)
            if gathered is not None:
                files.append(_gather(connection, pack, answers, gathered, person))
        raise_if_wrong([*broken, *(pack.findings for pack in packs)])
        rule = rule_of(project.settings.team)
        merged = []
        for gathered in rounds.values():
            here = gathered.here
            note_handed_to(connection, here.round, gathered.handed_to)
            latest = [answer for answer, _ in gathered.latest.values() if _says_something(connection, here, answer)]
            ordered = sorted(latest, key=lambda answer: answer.answered_at)
            recording = record_answers(connection, here.round, ordered)
            resolved = resolve(connection, here.round, rule)
            if recording.records:
                note_pull(connection, here.round.id, None)
            merged.append(MergedRound(here.round, recording, resolved, gathered.overtaken, here.adopted))
    return Merged(tuple(files), tuple(merged))


def _read_all(paths: Sequence[Path]) -> tuple[list[PackFile], list[Findings]]:
    """The files, each once, and what is wrong with those that are none."""
    packs, broken = [], []
    for path in {os.path.realpath(path): path for path in paths}.values():
        try:
            packs.append(read_pack(path))
        except InputError as error:
            findings = Findings(str(path))
            findings.problems += error.problems
            broken.append(findings)
    return packs, broken


def _gather(
    connection: sqlite3.Connection, pack: PackFile, answers: Sequence[PlacedAnswer], gathered: _Gathered, by: str | None
) -> MergedFile:
    counts: dict[str, int] = {}
    default = person_of(pack, answers, by)
    for placed in answers:
        handed = gathered.here.records.get(placed.answer.external_id)
        annotator = placed.answer.annotator or default
        if annotator is None or handed is None:  # a problem of the file, noted once
            continue
        answer = _as_new(connection, pack, placed, handed, annotator)
        if answer is None:
            continue
        counts[annotator] = counts.get(annotator, 0) + (answer.status is not Status.WITHDRAWN)
        _keep_latest(gathered, answer, placed)
    check_handed_to(pack, counts, gathered.handed_to)
    return MergedFile(pack.path, gathered.here.round.name, counts, pack.header.handed_to)


def _as_new(
    connection: sqlite3.Connection, pack: PackFile, placed: PlacedAnswer, handed: Handed, annotator: str
) -> NewAnswer | None:
    """As it is recorded; None if its commands are none."""
    given = placed.answer
    commands = None
    if given.commands is not None:
        stored, leftovers = to_stored(given.commands, Dialect(pack.header.dialect))
        if leftovers:
            placed.row.problem("not a command:", how_to_mend(leftovers[0]), leftovers[0], at="commands")
            return None
        commands = None if stored == handed.commands else stored
    text = None if given.text == handed.text else given.text
    answered_at = given.answered_at
    if answered_at is None:
        content = (given.status.value, given.decision, text, commands, given.comment)
        answered_at = _time_without_one(connection, pack, handed, annotator, content)
    return NewAnswer(given.external_id, annotator, given.status, given.decision, answered_at, text, commands, given.comment)


def _time_without_one(
    connection: sqlite3.Connection, pack: PackFile, handed: Handed, annotator: str, content: tuple[str | None, ...]
) -> str:
    """That of the same answer, if it is the one in force: a copy of a file is not a new answer. Else that of the file."""
    row = connection.execute(
        "SELECT status, decision, text, commands, comment, answered_at FROM team_answer"
        " WHERE record_id = ? AND annotator = ? AND in_force = 1",
        (handed.record_id, annotator),
    ).fetchone()
    if row is not None and row[:5] == content:
        return str(row[5])
    return utc_text(min(datetime.fromtimestamp(pack.changed_at, UTC), datetime.now(UTC)))


def _says_something(connection: sqlite3.Connection, here: RoundHere, answer: NewAnswer) -> bool:
    """Only what came in before can be withdrawn."""
    if answer.status is not Status.WITHDRAWN:
        return True
    row = connection.execute(
        "SELECT 1 FROM team_answer WHERE record_id = ? AND annotator = ?",
        (here.records[answer.external_id].record_id, answer.annotator),
    ).fetchone()
    return row is not None


def _keep_latest(gathered: _Gathered, answer: NewAnswer, placed: PlacedAnswer) -> None:
    key = (answer.external_id, answer.annotator)
    earlier = gathered.latest.get(key)
    if earlier is None:
        gathered.latest[key] = (answer, placed)
        return
    other = earlier[0]
    if answer == other:
        return
    if answer.answered_at == other.answered_at:
        place = f"{earlier[1].row.findings.path}:{earlier[1].row.line}"
        placed.row.problem(
            f"another answer of {answer.annotator} to this record, of the same time, than in {place}",
            "Remove the one that does not count.", answer.external_id, at="id",
        )  # fmt: skip
        return
    gathered.overtaken += 1
    if answer.answered_at > other.answered_at:
        gathered.latest[key] = (answer, placed)
