"""What the server says of the rounds: for `workbench argilla status` and the Team screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import UsageError
from review.argilla.answers import server_time
from review.argilla.server import ArgillaServer
from review.argilla.server_records import PersonsProgress
from review.team.models import Round, Surface
from review.team.rounds import all_rounds, find_round


@dataclass(frozen=True, slots=True)
class RoundThere:
    """`is_there`: its dataset is on the server; `has_news`: something was answered since the last pull. `members`: of its
    workspace.

    `completed`, `records`: records with as many answers as wanted, and records at all, by the server's search index.
    """

    name: str
    is_there: bool
    is_published: bool = False
    has_news: bool = False
    completed: int = 0
    records: int = 0
    page: str = ""
    people: tuple[PersonsProgress, ...] = ()
    members: int = 0

    @property
    def pending(self) -> int:
        return self.records - self.completed


def look(server: ArgillaServer, rounds: Sequence[Round]) -> list[RoundThere]:
    """Two questions per round, one per workspace, and one for all. Raises ArgillaError."""
    there = {one.id: one for one in server.datasets()}
    members: dict[str, int] = {}
    found = []
    for round_ in rounds:
        dataset = there.get(str(round_.place.get("dataset_id")))
        if dataset is None or not dataset.is_published:
            found.append(RoundThere(round_.name, is_there=dataset is not None))
            continue
        completed, records = server.completed(dataset.id)
        people, workspace = tuple(server.people(dataset.id)), dataset.workspace_id
        if workspace not in members:
            members[workspace] = len(server.members(workspace))
        # before the first pull the time of the latest activity says nothing: it is that of the push
        is_answered = round_.last_activity is not None or any(one.submitted + one.discarded for one in people)
        found.append(
            RoundThere(
                name=round_.name,
                is_there=True,
                is_published=True,
                has_news=is_answered and server_time(dataset.last_activity) != round_.last_activity,
                completed=completed,
                records=records,
                page=server.page_of(dataset.id),
                people=people,
                members=members[workspace],
            )
        )
    return found


def page_of_round(connection: sqlite3.Connection, name: str | None) -> str:
    """The web page of a round, None: of the latest that was pushed.

    Raises:
        UsageError: there is no such round on Argilla yet.
    """
    found = all_rounds(connection, Surface.ARGILLA) if name is None else [find_round(connection, name)]
    for round_ in reversed(found):
        if round_ is not None and round_.surface is Surface.ARGILLA and "dataset_id" in round_.place:
            return f"{round_.place['url']}/dataset/{round_.place['dataset_id']}/annotation-mode"
    what = "no round is on Argilla yet" if name is None else f"there is no round `{name}` on Argilla"
    raise UsageError(what, remedy="`workbench argilla push` makes one; `workbench argilla status` lists them.")
