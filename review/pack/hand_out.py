"""Hands a round out as files: one for everybody, or one for each person with their share of the records."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from errno import ENOTDIR
from pathlib import Path

from core.errors import UsageError
from core.project import Project
from core.stages.models import Progress
from core.store.connection import transaction
from core.store.pack_here import check_is_no_pack
from core.store.stored_commands import to_display
from review.filters import parse_filter
from review.items import load_transcript, project_dialect
from review.pack.keys import key_of, name_in_files
from review.pack.models import Header, Kind, Machine, PackRecord
from review.pack.names import checked_person, path_for, safe_name
from review.pack.shares import share_out
from review.pack.targets import check_targets
from review.pack.writing import Prepared, cannot_write, header_line, record_line
from review.scores import refresh
from review.team.choosing import choose
from review.team.guidelines import guidelines_of
from review.team.models import Record, Round, Surface
from review.team.rounds import add_records, create_round, find_round, next_name, note_place, note_pushed, records_of
from review.team.spoken import spoken, texts_of_responses

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; None: the default, or, of a round that there is already, as it was made.

    `people`: each gets a file of their own; none: one file for all. `limit`: at most so many records.
    """

    round_name: str | None = None
    filter_text: str | None = None
    limit: int | None = None
    overlap: int | None = None
    blind: bool | None = None
    people: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class HandedOut:
    """`files`: each with its number of records. `outdated`: records left out, their step has other commands now.

    `is_new`: the round was made now. `unchanged`: files that were there already, byte for byte.
    """

    round: Round
    records: int
    files: Mapping[Path, int]
    outdated: int
    is_new: bool
    unchanged: tuple[Path, ...]


def write_pack(
    project: Project,
    connection: sqlite3.Connection,
    out: Path | None,
    wanted: Wanted,
    *,
    reviewer: str,
    progress: Progress = lambda what, done, total: None,
) -> HandedOut | None:
    """Write the files of a round: of a new one with the records that wait for the team, or again those of an earlier one.

    `out`: a file, or a folder that is there; None: the current one. The round is made only if its files can be written.
    Returns None, and makes nothing, where no rephrasing is for the team.

    Raises:
        UsageError: a file cannot be written or has somebody's answers in it; the round is not one of packs, or was made
            otherwise than asked for now; fewer people than answers wanted.
    """
    check_is_no_pack(connection, "handed out")
    people = None if wanted.people is None else tuple(checked_person(name) for name in wanted.people)
    _check_folder(out)
    guidelines = guidelines_of(project)
    if wanted.round_name is None or find_round(connection, _checked_name(wanted.round_name)) is None:
        refresh(connection, progress=progress)
    with transaction(connection):
        round_ = None if wanted.round_name is None else find_round(connection, wanted.round_name)
        is_new = round_ is None
        if round_ is None:
            round_ = _new_round(project, connection, wanted, people or (), reviewer)
            if round_ is None:
                return None
        else:
            _check_same(round_, wanted, people)
        handed_out = _Files(project, connection, round_, guidelines)
        contents = handed_out.contents(_out_path(out, round_.name))
        unchanged = check_targets(contents, round_)
        note_place(connection, round_.id, {"file": ", ".join(str(path.absolute()) for path in contents)})
        prepared = Prepared({path: lines for path, lines in contents.items() if path not in unchanged})
        note_pushed(connection, {record.id: None for record in handed_out.records if record.pushed_at is None})
    prepared.place()
    return HandedOut(
        round_,
        len(handed_out.records) - handed_out.outdated,
        {path: len(lines) - 1 for path, lines in contents.items()},
        handed_out.outdated,
        is_new,
        tuple(unchanged),
    )


def _new_round(
    project: Project, connection: sqlite3.Connection, wanted: Wanted, people: Sequence[str], reviewer: str
) -> Round | None:
    settings = project.settings.team
    overlap = settings.overlap if wanted.overlap is None else wanted.overlap
    share_out(0, people, overlap if people else 0)  # before anything is made
    chosen = choose(
        connection, threshold=settings.threshold, filter_=parse_filter(wanted.filter_text or ""), limit=wanted.limit
    )
    if not chosen:
        return None
    parameters = {
        "threshold": settings.threshold,
        "filter": wanted.filter_text or "",
        "limit": wanted.limit,
        "blind": bool(wanted.blind),
        "people": list(people),
    }
    name = wanted.round_name or next_name(connection)
    round_ = create_round(connection, name, Surface.PACK, reviewer=reviewer, overlap=overlap, parameters=parameters)
    add_records(connection, round_.id, chosen)
    return round_


def _checked_name(name: str) -> str:
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"a round cannot be called {name[:_LONGEST_NAME]!r}",
            remedy=f"Use printable text of up to {_LONGEST_NAME} characters.",
        )
    return name


def _check_same(round_: Round, wanted: Wanted, people: tuple[str, ...] | None) -> None:
    """Handed out again, a round is what it was: its records may have been answered."""
    if round_.surface is not Surface.PACK:
        raise UsageError(f"`{round_.name}` is labelled in Argilla", remedy="Give the new round another name with --round.")
    made = round_.parameters
    asked = {
        "--filter": (wanted.filter_text, made.get("filter", "")),
        "--limit": (wanted.limit, made.get("limit")),
        "--overlap": (wanted.overlap, round_.overlap),
        "--blind": (wanted.blind, made.get("blind", False)),
        "--split": (None if people is None else list(people), made.get("people", [])),
    }
    for option, (now, then) in asked.items():
        if now is not None and now != then:
            raise UsageError(
                f"`{round_.name}` was made with another {option}: {json.dumps(then, ensure_ascii=False)}",
                remedy="Leave the option out to hand the same records out again, or name a new round with --round.",
            )


def _check_folder(out: Path | None) -> None:
    """Also where nothing is to be written: whoever asks again later should not find out then."""
    try:
        folder = Path() if out is None else out if out.is_dir() else out.parent
        if not folder.is_dir():
            folder.stat()
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))
    except OSError as error:
        raise cannot_write(folder, error) from error


def _out_path(out: Path | None, name: str) -> Path:
    own = f"{safe_name(name)}.jsonl"
    if out is None:
        return Path(own)
    return out / own if out.is_dir() else out


class _Files:
    """The files of a round, line by line. `outdated` is known once `contents` has been asked for."""

    def __init__(self, project: Project, connection: sqlite3.Connection, round_: Round, guidelines: str) -> None:
        self._connection = connection
        self._round = round_
        self._dialect = project_dialect(connection)
        self._blind = bool(round_.parameters.get("blind", False))
        self._project_name = project.name
        self._guidelines = guidelines
        self._responses = texts_of_responses(project)
        self._turns: dict[int, tuple[tuple[str, str], ...]] = {}
        self.records = records_of(connection, round_.id)
        self.outdated = 0

    def contents(self, out: Path) -> dict[Path, list[str]]:
        people: Sequence[str] = self._round.parameters.get("people", ())
        found = [None if (one := self._read(record)) is None else record_line(one) for record in self.records]
        self.outdated = found.count(None)
        if not people:
            return {out: [self._header(None), *(line for line in found if line is not None)]}
        # of all records: what became outdated moves nothing to anybody else
        shares = share_out(len(found), people, self._round.overlap)
        contents = {}
        for person in people:
            lines = [line for line, share in zip(found, shares, strict=True) if line is not None and person in share]
            contents[path_for(out, person)] = [self._header(person), *lines]
        return contents

    def _header(self, person: str | None) -> str:
        round_ = self._round
        return header_line(
            Header(
                Kind.HAND_OUT, self._project_name, name_in_files(round_), key_of(round_), self._dialect.value, round_.overlap,
                round_.reviewer, round_.at, person, blind=self._blind, guidelines=self._guidelines,
            )
        )  # fmt: skip

    def _read(self, record: Record) -> PackRecord | None:
        """As it was handed out at first; None where its step has other commands now, or is gone."""
        row = self._connection.execute(
            "SELECT s.text, s.commands, c.file, c.name, c.occurrence, s.line, s.ordinal, c.id FROM rephrasing r"
            " JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
            " WHERE r.id = ? AND s.basis = ? AND s.active = 1",
            (record.rephrasing_id, record.basis),
        ).fetchone()
        if row is None:
            return None
        original, commands, file, test, occurrence, line, ordinal, conversation_id = row
        lines = None if commands is None else to_display(commands, self._dialect)
        turns = self._turns.get(conversation_id)
        if turns is None:
            transcript = load_transcript(self._connection, conversation_id)
            turns = self._turns[conversation_id] = tuple(spoken(transcript, self._responses))
        machine = None if self._blind else self._machine(record)
        return PackRecord(
            record.external_id, original, record.text, lines, file, test, occurrence, line, ordinal, turns, machine
        )

    def _machine(self, record: Record) -> Machine:
        """What was found for these words and these commands; of others it says nothing."""
        row = self._connection.execute(
            "SELECT v.verdict, v.reasons, v.commands FROM verdict v JOIN rephrasing r ON r.id = v.rephrasing_id"
            " WHERE v.rephrasing_id = ? AND v.basis = ? AND coalesce(v.judged_text, r.text) = ? ORDER BY v.id DESC LIMIT 1",
            (record.rephrasing_id, record.basis, record.text),
        ).fetchone()
        found = self._connection.execute(
            "SELECT reasons FROM ambiguity WHERE rephrasing_id = ?", (record.rephrasing_id,)
        ).fetchone()
        doubts = () if found is None else tuple(str(words) for _, words, _ in json.loads(found[0]))
        score = None if record.score is None else round(record.score, 3)
        if row is None:
            return Machine(None, (), None, score, doubts)
        predicted = None if row[2] is None else to_display(row[2], self._dialect)
        return Machine(row[0], tuple(json.loads(row[1])), predicted, score, doubts)
