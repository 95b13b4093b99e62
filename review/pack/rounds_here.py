"""The round that answers belong to: one of this project, or one that was made in another clone of it.

External ids say what a record is about, not where it is stored, so a clone that has the same tests knows the records of a round
that it never made. Rounds are told apart by their keys, for each clone counts its own from `round-1`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Final

from review.pack.answer_rows import PlacedAnswer
from review.pack.keys import KEY, NAME_THERE, is_of_another_clone, key_of, name_in_files
from review.pack.models import Header
from review.pack.reading import PackFile
from review.team.choosing import rephrasings_of
from review.team.models import Round, Surface
from review.team.rounds import add_records, all_rounds, create_round, find_round

_LONGEST_ADDED: Final = 40
"""Characters of a project's name in the name of a round."""

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


def find_or_adopt(connection: sqlite3.Connection, found: Found, *, reviewer: str, project_name: str) -> RoundHere | None:
    """The round whose key all these files have. An answer to what is no record of it is a problem of its file.

    A round that is not known is made here if every answer is to a rephrasing of this project, inside the caller's
    transaction, under another name if its own is taken. None where that is not so, where the files hold no answers to a round
    that is not known, or where one calls it otherwise than it was handed out.
    """
    key = found[0][0].header.key
    round_ = next((one for one in all_rounds(connection, Surface.PACK) if key_of(one) == key), None)
    if not _is_called_the_same(found, found[0][0].header.round if round_ is None else name_in_files(round_)):
        return None
    if round_ is None:
        return _adopt(connection, found, reviewer, project_name)
    records = _records(connection, round_.id)
    if is_of_another_clone(round_):  # it grows with what is answered: the hand-out itself was never here
        new = rephrasings_of(connection, _ids(found) - records.keys())
        add_records(connection, round_.id, [new[id_] for id_ in sorted(new)])
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


def _is_called_the_same(found: Found, name: str) -> bool:
    others = [pack for pack, _ in found if pack.header.round != name]
    for pack in others:
        what = f"by its key this is a hand-out or hand-in of the round `{name}`, and not of"
        pack.findings.problem_at(1, 1, what, f"Write `{name}` as `round`, as it was handed out.", pack.header.round)
    return not others


def _ids(found: Found) -> set[str]:
    return {placed.answer.external_id for _, answers in found for placed in answers}


def _adopt(connection: sqlite3.Connection, found: Found, reviewer: str, project_name: str) -> RoundHere | None:
    wanted = _ids(found)
    here = rephrasings_of(connection, wanted)
    header = found[0][0].header
    namesake = find_round(connection, header.round)
    for pack, answers in found:
        ids = {placed.answer.external_id for placed in answers}
        if not ids <= here.keys() or not ids:
            whose = (
                f"there is no round `{header.round}` here"
                if namesake is None
                else f"`{header.round}` is another round here, made by {namesake.reviewer} at {namesake.at}"
            )
            missing = f"{len(ids - here.keys()):,} of its {len(ids):,} answers are to no rephrasing of this project"
            _refuse_whole(pack, f"{whose}, and {missing if ids else 'without an answer its records cannot be told'}")
    if not wanted <= here.keys() or not wanted:
        return None
    round_ = create_round(
        connection, _free_name(connection, header, project_name), Surface.PACK, reviewer=reviewer, overlap=header.overlap,
        parameters={"made in": header.project, KEY: header.key, NAME_THERE: header.round},
    )  # fmt: skip
    add_records(connection, round_.id, [here[id_] for id_ in sorted(wanted)])
    return RoundHere(round_, _records(connection, round_.id), adopted=True)


def _free_name(connection: sqlite3.Connection, header: Header, project_name: str) -> str:
    """`round-1`, else `round-1 (library)` if it comes from a project of another name, else `round-1 (2)`, …"""
    by_project = [header.project[:_LONGEST_ADDED]] if header.project and header.project != project_name else []
    for more in chain([""], by_project, map(str, count(2))):
        name = f"{header.round} ({more})" if more else header.round
        if find_round(connection, name) is None:
            return name
    raise AssertionError("numbers do not end")


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
