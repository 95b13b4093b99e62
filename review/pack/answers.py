"""The hand-in: what was decided in the small project of a hand-out, as answers to the records of the round."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError, UsageError
from core.store.connection import utc_now
from core.store.states import State
from core.store.stored_commands import to_display
from review.items import project_dialect
from review.pack.models import GivenAnswer, Header, Kind
from review.pack.names import own_path
from review.pack.opening import OpenedPack
from review.pack.reading import read_pack
from review.pack.writing import answer_line, header_line, write_file
from review.team.models import Say, Status

_SAYS = {State.ACCEPT: Say.ACCEPT, State.REJECT: Say.REJECT, State.FLAG: Say.UNSURE}


@dataclass(frozen=True, slots=True)
class HandIn:
    """`left`: records without an answer. `by_hand`: rephrasings that were added, which are of no record and stay here."""

    path: Path
    answers: int
    left: int
    by_hand: int
    written: bool


def write_hand_in(pack: OpenedPack) -> HandIn:
    """Write the reviewer's answers beside the hand-out, over an earlier hand-in of theirs. Nothing is written as long as there
    is neither an answer nor an earlier hand-in.

    Raises:
        UsageError: it cannot be written, or something else has its name.
    """
    path = own_path(pack.path, pack.reviewer)
    with closing(pack.project.open()) as connection:
        answers = answers_of(connection, pack.header.round)
        (by_hand,) = connection.execute("SELECT count(*) FROM rephrasing WHERE active = 1 AND source_id IS NULL").fetchone()
    given = sum(answer.status is not Status.WITHDRAWN for answer in answers)
    there = path.is_symlink() or path.exists()
    if there:
        _check_ours(path, pack)
    if answers or there:
        header = Header(
            Kind.HAND_IN, pack.header.project, pack.header.round, pack.header.key, pack.header.dialect, pack.header.overlap,
            pack.reviewer, _latest(answers), pack.header.handed_to, pack.reviewer,
        )  # fmt: skip
        write_file(path, [header_line(header), *map(answer_line, answers)])
    return HandIn(path, given, pack.records - given, by_hand, bool(answers) or there)


def answers_of(connection: sqlite3.Connection, round_name: str) -> list[GivenAnswer]:
    """The answers to a round's records as they stand, in the order of the records.

    Accepted, rejected, flagged (unsure) and skipped (discarded) is an answer; stale is none, for its step's commands were
    corrected since. One that was given and taken back is withdrawn: a hand-in that was merged before may hold it.
    """
    dialect = project_dialect(connection)
    changed_at = _last_changes(connection)
    found = []
    for external_id, handed_out, id_, step_id, state, wording, reviewer, reason, commands, ingested in connection.execute(
        "SELECT t.external_id, t.text, r.id, r.step_id, r.state, coalesce(r.edited_text, r.text), coalesce(d.reviewer,"
        " (SELECT x.reviewer FROM decision x WHERE x.rephrasing_id = r.id AND x.kind IN ('accept', 'reject', 'skip', 'flag')"
        " ORDER BY x.id DESC LIMIT 1)), d.reason, s.commands, s.ingested_commands FROM team_record t"
        " JOIN team_round o ON o.id = t.round_id JOIN rephrasing r ON r.id = t.rephrasing_id"
        " JOIN user_step s ON s.id = r.step_id LEFT JOIN decision d ON d.id = r.decision_id WHERE o.name = ? ORDER BY t.id",
        (round_name,),
    ):
        if reviewer is None:  # never decided
            continue
        status, said = _status(State(state)), _SAYS.get(State(state))
        answered_at = max(changed_at.get(("rephrasing", id_), ""), changed_at.get(("step", step_id), ""))
        answer = GivenAnswer(external_id, status, said, reviewer, answered_at)
        if said is not None:
            text = wording if wording != handed_out and said is not Say.REJECT else None
            lines = None if commands == ingested else to_display(commands, dialect)
            answer = replace(answer, text=text, commands=lines, comment=reason)
        found.append(answer)
    return found


def _last_changes(connection: sqlite3.Connection) -> dict[tuple[str, int], str]:
    """When something was last decided, corrected, taken back or brought back, by rephrasing and by step."""
    touched: dict[int, set[tuple[str, int]]] = {}
    latest: dict[tuple[str, int], str] = {}
    for group, at, rephrasing_id, step_id, target in connection.execute(
        "SELECT group_id, at, rephrasing_id, step_id, target_group FROM decision ORDER BY id"
    ):
        of_group = touched.setdefault(group if target is None else target, set())
        if rephrasing_id is not None:
            of_group.add(("rephrasing", rephrasing_id))
        elif step_id is not None:
            of_group.add(("step", step_id))
        for one in of_group:
            latest[one] = max(at, latest.get(one, ""))
    return latest


def _status(state: State) -> Status:
    if state.is_open:
        return Status.WITHDRAWN
    return Status.DISCARDED if state is State.SKIP else Status.SUBMITTED


def _latest(answers: list[GivenAnswer]) -> str:
    """Of the file as a whole: the same answers make the same file."""
    return max((answer.answered_at or "" for answer in answers), default=utc_now())


def _check_ours(path: Path, pack: OpenedPack) -> None:
    """Nothing but an earlier hand-in of the same person to the same round is written over."""
    try:
        header = read_pack(path).header
    except InputError:
        header = None
    if header is None or (header.kind, header.key, header.annotator) != (Kind.HAND_IN, pack.header.key, pack.reviewer):
        raise UsageError(
            f"{path} is there already, and is no hand-in of {pack.reviewer} to `{pack.header.round}`",
            remedy=f"Move it away and write the hand-in with `workbench review answers {pack.path}`; no answer is lost.",
        )
