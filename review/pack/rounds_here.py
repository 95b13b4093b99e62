"""The round that answers belong to: one of this project, or one that was made in another clone of it.

External ids say what a record is about, not where it is stored, so a clone that has the same tests knows the records of a round
that it never made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.store.verdicts import WORDING
from review.pack.answer_rows import PlacedAnswer
from review.pack.reading import PackFile
from review.team.choosing import external_id
from review.team.models import NewRecord, Round, Surface
from review.team.rounds import add_records, create_round, find_round

Found = Sequence[tuple[PackFile, list[PlacedAnswer]]]


@dataclass(frozen=True, slots=True)
class Handed:
    """A record as it was handed out. `commands`: of its step, canonical JSON, if they are still those."""

    record_id: int
    text: str
    commands: str | None


@dataclass(frozen=True, slots=True)
class RoundHere:
    """`records` by external id."""

    round: Round
    records: dict[str, Handed]
    adopted: bool = False


def find_or_adopt(connection: sqlite3.Connection, found: Found, reviewer: str) -> RoundHere | None:
    """The round that all these files name. An answer to what is no record of it is a problem of its file.

    A round that is not known is made here if every answer is to a rephrasing of this project, inside the caller's
    transaction. None where that is not so, or where the files hold no answers to a round that is not known.
    """
    header = found[0][0].header
    round_ = find_round(connection, header.round)
    if round_ is None:
        return _adopt(connection, found, reviewer)
    if round_.surface is not Surface.PACK:
        for pack, _ in found:
            what = f"`{round_.name}` is labelled in Argilla here, and no round of packs"
            pack.findings.problem_at(1, 1, what, "Merge it where it was handed out.")
        return None
    records = _records(connection, round_.id)
    for pack, answers in found:
        strange = [placed for placed in answers if placed.answer.external_id not in records]
        if answers and len(strange) == len(answers):
            _refuse_whole(pack, f"none of its {len(answers):,} answers is to a record of `{round_.name}`")
            continue
        for placed in strange:
            placed.row.problem(
                f"no record of `{round_.name}`", "Leave the ids as they were handed out.", placed.answer.external_id, at="id"
            )
    return RoundHere(round_, records)


def _adopt(connection: sqlite3.Connection, found: Found, reviewer: str) -> RoundHere | None:
    wanted = {placed.answer.external_id for _, answers in found for placed in answers}
    here = _in_project(connection, wanted)
    for pack, answers in found:
        ids = {placed.answer.external_id for placed in answers}
        if not ids or not ids <= here.keys():
            missing = f"{len(ids - here.keys()):,} of its {len(ids):,} records" if ids else "its records"
            _refuse_whole(pack, f"there is no round `{pack.header.round}` here, and {missing} cannot be told")
    if not wanted <= here.keys() or not wanted:
        return None
    header = found[0][0].header
    round_ = create_round(
        connection, header.round, Surface.PACK, reviewer=reviewer, overlap=header.overlap,
        parameters={"made in": header.project},
    )  # fmt: skip
    add_records(connection, round_.id, [here[id_] for id_ in sorted(wanted)])
    return RoundHere(round_, _records(connection, round_.id), adopted=True)


def _refuse_whole(pack: PackFile, what: str) -> None:
    pack.findings.problem_at(
        1, 1, f"not of this project: {what}",
        f"It was handed out in the project `{pack.header.project}`: merge it there, or ingest the tests that it is about.",
    )  # fmt: skip


def _records(connection: sqlite3.Connection, round_id: int) -> dict[str, Handed]:
    return {
        external: Handed(record_id, text, commands)
        for external, record_id, text, commands in connection.execute(
            "SELECT t.external_id, t.id, t.text, CASE WHEN s.basis = t.basis THEN s.commands END FROM team_record t"
            " JOIN rephrasing r ON r.id = t.rephrasing_id JOIN user_step s ON s.id = r.step_id WHERE t.round_id = ?",
            (round_id,),
        )
    }


def _in_project(connection: sqlite3.Connection, wanted: set[str]) -> dict[str, NewRecord]:
    """Those of the wanted ids that are of rephrasings of this project, as they are worded now."""
    found: dict[str, NewRecord] = {}
    cursor = connection.execute(
        f"SELECT r.id, c.file, c.name, c.occurrence, s.key, {WORDING}, s.basis, m.score FROM rephrasing r"
        " JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id"
        " LEFT JOIN ambiguity m ON m.rephrasing_id = r.id WHERE r.active = 1 AND s.active = 1"
    )
    for id_, file, name, occurrence, key, text, basis, score in cursor:
        external = external_id(file, name, occurrence, key, text, basis)
        if external in wanted:
            found.setdefault(external, NewRecord(id_, external, text, basis, score))
    return found
