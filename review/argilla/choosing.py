"""Which round a push is for: one that was begun, or a new one, and of what it is made."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.stages.models import Progress
from core.store.connection import transaction
from core.store.states import State
from core.user import current_user
from review.argilla.dataset import dataset_name, new_key
from review.filters import Filter
from review.scores import refresh
from review.team.choosing import choose
from review.team.models import NewRecord, Outcome, Round, Surface
from review.team.rounds import add_records, all_rounds, create_round, find_round, next_name, records_of

if TYPE_CHECKING:
    from core.project import Project

_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a push. `round_name`: go on with that round or make it. `new`: make one though another is unfinished.

    `overlap`: answers wanted of each record, None: as set. `limit`, `filter_`: of a new round.
    """

    round_name: str | None = None
    new: bool = False
    overlap: int | None = None
    limit: int | None = None
    filter_: Filter = field(default_factory=Filter)


@dataclass(frozen=True, slots=True)
class Planned:
    """`records`: that would be sent; `in_all`: of the round. `reasons`: of those sent, how many and why, each counted once.
    `unmatched`: that wait, where the filter matches none of them.
    """

    round_name: str
    is_new: bool
    overlap: int
    records: int
    reasons: Mapping[str, int]
    in_all: int
    unmatched: int = 0


def plan(project: Project, connection: sqlite3.Connection, wanted: Wanted, progress: Progress) -> Planned:
    """What a push would send, without a server. Raises UsageError like `begin`."""
    begun = begun_round(connection, wanted)
    if begun is not None:
        unsent = records_of(connection, begun.id, not_pushed=True, outcomes=[Outcome.WAITING])
        ids = [record.rephrasing_id for record in unsent]
        in_all = len(records_of(connection, begun.id))
        return Planned(begun.name, False, begun.overlap, len(ids), _reasons(project, connection, ids), in_all)
    refresh(connection, progress=progress)
    chosen = _choose(project, connection, wanted)
    return Planned(
        round_name=_checked_name(wanted.round_name) or next_name(connection),
        is_new=True,
        overlap=wanted.overlap or project.settings.team.overlap,
        records=len(chosen),
        reasons=_reasons(project, connection, [one.rephrasing_id for one in chosen]),
        in_all=len(chosen),
        unmatched=0 if chosen else count_waiting(project, connection, wanted),
    )


def count_waiting(project: Project, connection: sqlite3.Connection, wanted: Wanted) -> int:
    """How many would go to the team without the filter; 0 if there is none."""
    return len(choose(connection, threshold=project.settings.team.threshold)) if wanted.filter_ else 0


def begin(
    project: Project, connection: sqlite3.Connection, wanted: Wanted, progress: Progress, cancelled: Callable[[], bool]
) -> Round | None:
    """The new round with its records, stored before anything is sent; None if nothing is to go to the team.

    Raises:
        UsageError: the name cannot be one or is taken.
    """
    refresh(connection, cancelled=cancelled, progress=progress)
    settings = project.settings
    with transaction(connection):  # two who push at once do not choose the same
        chosen = _choose(project, connection, wanted)
        if not chosen or cancelled():
            return None
        name = _checked_name(wanted.round_name) or next_name(connection)
        round_ = create_round(
            connection,
            name,
            Surface.ARGILLA,
            reviewer=current_user().reviewer,
            overlap=wanted.overlap or settings.team.overlap,
            place={"dataset": dataset_name(project.name, name), "key": new_key()},
            parameters={
                "threshold": settings.team.threshold,
                "limit": wanted.limit,
                "filter": [(term.key, term.value, term.negated) for term in wanted.filter_.terms],
            },
        )
        add_records(connection, round_.id, chosen)
    return round_


def begun_round(connection: sqlite3.Connection, wanted: Wanted) -> Round | None:
    """The round to go on with: the named one or, without a name, the latest of which not all was sent.

    Raises:
        UsageError: options that make a new round go with one that is begun, or the named round is a pack.
    """
    if wanted.round_name is not None:
        found = find_round(connection, wanted.round_name)
        if found is not None and found.surface is not Surface.ARGILLA:
            raise UsageError(f"the round `{found.name}` is a pack", remedy="Give the one for Argilla another name.")
        if found is not None and wanted.new:
            raise UsageError(f"there is a round `{found.name}` already", remedy="Leave --new away, or give another name.")
    elif wanted.new:
        return None
    else:
        unfinished = (
            one
            for one in reversed(all_rounds(connection, Surface.ARGILLA))
            if records_of(connection, one.id, not_pushed=True, outcomes=[Outcome.WAITING])
        )
        found = next(unfinished, None)
    if found is None:
        return None
    if wanted.filter_ or wanted.limit is not None:
        raise UsageError(
            f"the round `{found.name}` is begun, and its records are chosen",
            remedy=f"Leave --filter and --limit away to go on with it, or {_for_another(wanted)} for another round.",
        )
    if wanted.overlap is not None and wanted.overlap != found.overlap:
        raise UsageError(
            f"the round `{found.name}` asks for {found.overlap} answers of each record, and that cannot be changed",
            remedy=f"Leave --overlap away to go on with it, or {_for_another(wanted)} for another round.",
        )
    return found


def _for_another(wanted: Wanted) -> str:
    """--new does not go with the name of a round that is there."""
    return "add --new" if wanted.round_name is None else "leave --round away and add --new"


def _choose(project: Project, connection: sqlite3.Connection, wanted: Wanted) -> list[NewRecord]:
    threshold = project.settings.team.threshold
    return choose(connection, threshold=threshold, filter_=wanted.filter_, limit=wanted.limit)


def _checked_name(name: str | None) -> str | None:
    if name is None:
        return None
    if not (name.strip() == name and 0 < len(name) <= _MOST_NAME and name.isprintable()):
        raise UsageError("that is no name for a round", remedy=f"Use 1 to {_MOST_NAME} characters without space at either end.")
    return name


def _reasons(project: Project, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[str, int]:
    words = {0: "flagged", 1: "verdict ambiguous", 2: f"ambiguity score {project.settings.team.threshold:g} or more"}
    rows = connection.execute(
        f"SELECT CASE WHEN state = {int(State.FLAG)} THEN 0 WHEN verdict = 'ambiguous' THEN 1 ELSE 2 END FROM rephrasing"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    counts = Counter(reason for (reason,) in rows)
    return {words[reason]: counts[reason] for reason in sorted(counts)}
