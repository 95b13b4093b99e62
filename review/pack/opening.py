"""A small project made of a hand-out, beside it: the app works on it as on any other, and it goes on where it was left."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.commands import Dialect
from core.conversations.models import Rephrasing, Turn, TurnKind, Verdict
from core.errors import Location, ProjectError
from core.project import CONFIG_NAME, Project
from core.store.connection import read_meta, transaction, utc_now, write_meta
from core.store.conversations import ConversationStore
from core.store.pack_here import PackHere, read_pack_here, write_pack_here
from core.store.steps import StepWriter
from review.pack.keys import KEY
from review.pack.models import Header, Kind, PackRecord
from review.pack.names import checked_person, own_folder, own_path
from review.pack.reading import PackFile, problem_in, raise_if_wrong, read_pack
from review.pack.rows import filled_in, in_tests, records_in
from review.team.models import NewRecord, Surface
from review.team.rounds import add_records, create_round, find_round

GUIDELINES_NAME: Final = "guidelines.md"
"""In the folder; what the annotators of the round are told."""

_DIGEST: Final = "pack_sha256"


@dataclass(frozen=True, slots=True)
class OpenedPack:
    """`reviewer`: whose answers it holds. `records`: of the hand-out. `filled_in`: lines of it that somebody wrote answers
    into, which the app does not show."""

    project: Project
    header: Header
    path: Path
    reviewer: str
    records: int
    filled_in: int


def open_pack(path: Path, reviewer: str, *, is_login: bool = False, make: bool = True) -> OpenedPack:
    """The reviewer's project of a hand-out, made if need be. A hand-out that was changed since is read again; what was
    decided stays with the records that are still in it.

    `is_login`: nobody said who they are, so that it is whom the hand-out is meant for, if anybody. `make`: False: only one that
    is there already.

    Raises:
        InputError: it is no hand-out, or something in it is wrong: every problem, and nothing was made.
        ProjectError: the folder beside it cannot be made, is not there, or is something else.
        UsageError: answers cannot be recorded under the reviewer's name.
    """
    pack = read_pack(path)
    reviewer = checked_person(pack.header.handed_to or reviewer if is_login else reviewer)
    if pack.header.kind is not Kind.HAND_OUT:
        raise problem_in(path, "a hand-in, which holds answers and no texts", "`workbench review merge` takes it in.")
    records = records_in(pack)
    raise_if_wrong([pack.findings])
    if not records:
        raise problem_in(path, "there are no records in this hand-out", "Ask for another one.")
    project = _project_in(own_folder(path, reviewer), pack.header) if make else _existing_project(path, reviewer)
    with closing(project.open(create=True)) as connection, transaction(connection):
        _mark(connection, project, _pack_here(pack, reviewer))
        if read_meta(connection, _DIGEST) != pack.sha256:
            _fill(connection, pack, records, reviewer)
    return OpenedPack(project, pack.header, path, reviewer, len(records), filled_in(pack))


def _pack_here(pack: PackFile, reviewer: str) -> PackHere:
    header = pack.header
    hand_in = own_path(pack.path, reviewer).name
    return PackHere(header.project, header.round, header.key, reviewer, pack.path.name, hand_in)


def _existing_project(path: Path, reviewer: str) -> Project:
    """Raises ProjectError where this reviewer has not opened the hand-out yet."""
    project = Project(own_folder(path, reviewer).absolute())
    if not project.database_path.is_file():
        raise ProjectError(
            f"{reviewer} has not opened this hand-out here",
            where=Location(str(path)),
            remedy=f"`workbench review open {path}` does; WORKBENCH_REVIEWER says who you are.",
        )
    return project


def _project_in(folder: Path, header: Header) -> Project:
    project = Project(folder.absolute())
    if folder.exists() and any(folder.iterdir()) and not project.config_path.is_file():
        raise ProjectError(
            f"{folder} is no project of a hand-out", remedy="Move it away, or copy the hand-out to another folder."
        )
    try:
        folder.mkdir(exist_ok=True)
        if not project.config_path.exists():
            project.config_path.write_text(_configuration(header), encoding="utf-8")
            (folder / GUIDELINES_NAME).write_text(header.guidelines, encoding="utf-8")
    except OSError as error:
        raise ProjectError(
            f"cannot write to {folder}: {error.strerror}", remedy="Copy the hand-out to a folder that you may write to."
        ) from error
    return project


def _configuration(header: Header) -> str:
    return (
        "# Made by `workbench review open` of a hand-out; answers go back with the hand-in beside this folder.\n"
        f'[project]\nname = {_quoted(f"{header.round} of {header.project}")}\ndialect = "{header.dialect}"\n'
        f'[team]\noverlap = {min(header.overlap, 20)}\nguidelines = "{GUIDELINES_NAME}"\n'
    )


def _quoted(text: str) -> str:
    """As TOML takes it."""
    return json.dumps("".join(character if character.isprintable() else " " for character in text), ensure_ascii=False)


def _mark(connection: sqlite3.Connection, project: Project, pack: PackHere) -> None:
    """Note what it is the project of. Raises ProjectError where that is something else."""
    there = read_pack_here(connection)
    if there is None:
        is_ours = connection.execute("SELECT 1 FROM conversation LIMIT 1").fetchone() is None
    else:
        is_ours = (there.key, there.round, there.reviewer) == (pack.key, pack.round, pack.reviewer)
    if not is_ours:
        raise ProjectError(
            f"{project.root} was made of another hand-out",
            where=Location(str(project.root / CONFIG_NAME)),
            remedy="Put this hand-out into a folder of its own.",
        )
    if there != pack:
        write_pack_here(connection, pack)


def _fill(connection: sqlite3.Connection, pack: PackFile, records: list[PackRecord], reviewer: str) -> None:
    """As an ingest of the tests would; what is no longer in the hand-out goes out of the project."""
    header = pack.header
    write_meta(connection, "dialect", header.dialect)
    (ingest_id,) = connection.execute(
        "INSERT INTO ingest (at, reviewer, paths) VALUES (?, ?, ?) RETURNING id",
        (utc_now(), reviewer, json.dumps([pack.path.name], ensure_ascii=False)),
    ).fetchone()
    store = ConversationStore(connection, ingest_id)
    writer = StepWriter(connection, ingest_id, Dialect(header.dialect))
    sources: dict[str, int] = dict(connection.execute("SELECT path, id FROM source"))
    for file in dict.fromkeys(record.file for record in records):
        (sources[file],) = connection.execute(
            "INSERT INTO source (path, kind, sha256, ingest_id) VALUES (?1, 'E2E tests', ?2, ?3)"
            " ON CONFLICT (path) DO UPDATE SET sha256 = ?2, ingest_id = ?3 RETURNING id",
            (file, pack.sha256, ingest_id),
        ).fetchone()
    places: dict[str, tuple[int, PackRecord]] = {}
    for test, of_test in in_tests(records):
        id_ = store.find_or_add(test)
        line = min((record.line for record in of_test if record.line is not None), default=1)
        store.put_turns(id_, "test", sources[test[0]], line, _turns(of_test), {})
        places.update((record.external_id, (id_, record)) for record in of_test)
    for source_id in sources.values():
        store.drop_unseen(source_id)
    store.rebuild(writer)
    _note_records(connection, header, places, reviewer)
    write_meta(connection, _DIGEST, pack.sha256)


def _turns(records: list[PackRecord]) -> list[Turn]:
    """The turns of one test, with the rephrasings of all its records under their steps."""
    turns: list[Turn] = []
    ordinal = 0
    for kind, text in records[0].turns:
        if kind != TurnKind.USER:
            extra = {} if kind in (TurnKind.BOT, TurnKind.UTTER) else {kind: text}
            turns.append(Turn(TurnKind(kind), text, 0, 1, extra=extra))
            continue
        ordinal += 1
        here = [record for record in records if record.user_step == ordinal]
        commands = here[0].commands if here else None
        line = next((record.line for record in here if record.line is not None), 0)
        turns.append(Turn(TurnKind.USER, text, line, 1, commands, tuple(_rephrasing(record) for record in here)))
    return turns


def _rephrasing(record: PackRecord) -> Rephrasing:
    machine = record.machine
    if machine is None or machine.verdict is None:
        return Rephrasing(record.rephrasing)
    return Rephrasing(record.rephrasing, Verdict(machine.verdict), machine.reasons, machine.predicted)


def _note_records(
    connection: sqlite3.Connection, header: Header, places: dict[str, tuple[int, PackRecord]], reviewer: str
) -> None:
    """Which rephrasing here is which record there, and how unsure the machine is of it."""
    round_ = find_round(connection, header.round) or create_round(
        connection, header.round, Surface.PACK, reviewer=reviewer, overlap=header.overlap, parameters={KEY: header.key}
    )
    new: list[NewRecord] = []
    for external_id, (conversation_id, record) in places.items():
        rephrasing_id, basis = connection.execute(
            "SELECT r.id, s.basis FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.conversation_id = ?"
            " AND r.ordinal = ? AND r.text = ? AND r.active = 1 AND s.active = 1 AND r.source_id IS NOT NULL",
            (conversation_id, record.user_step, record.rephrasing),
        ).fetchone()
        score = None if record.machine is None else record.machine.ambiguity
        new.append(NewRecord(rephrasing_id, external_id, record.rephrasing, basis, score))
        if record.machine is not None and score is not None:
            doubts = json.dumps([["", doubt, 0.0] for doubt in record.machine.doubts], ensure_ascii=False)
            connection.execute(
                "INSERT INTO ambiguity (rephrasing_id, score, reasons, fingerprint) VALUES (?1, ?2, ?3, 'pack')"
                " ON CONFLICT (rephrasing_id) DO UPDATE SET score = ?2, reasons = ?3, fingerprint = 'pack'",
                (rephrasing_id, score, doubts),
            )
    connection.execute(
        "DELETE FROM team_record WHERE round_id = ? AND external_id NOT IN (SELECT value FROM json_each(?))",
        (round_.id, json.dumps(list(places))),
    )
    add_records(connection, round_.id, new)
