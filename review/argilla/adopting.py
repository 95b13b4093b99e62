"""A round that another clone of the project pushed, taken over: its answers count here as if it had been pushed from here.

External ids say what a record is about, not where it is stored, so a clone that has the same tests knows the records.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import UsageError
from core.stages.models import Progress
from core.store.connection import transaction
from core.user import current_user
from review.argilla.dataset import dataset_name
from review.argilla.listing import all_records
from review.argilla.server import ArgillaServer
from review.argilla.server_records import ServerDataset
from review.team.choosing import rephrasings_of
from review.team.models import Round, Surface
from review.team.rounds import add_records, all_rounds, create_round, find_round, note_pushed, records_of

if TYPE_CHECKING:
    from core.project import Project

_ADOPTED: Final = "adopted"


@dataclass(frozen=True, slots=True)
class Adopted:
    """`round`: its name here. `records`: of this project, all that are known by now; `new`: just taken over. `unknown`:
    external ids of those that are of no rephrasing here, by its present wording and commands.
    """

    round: str
    records: int
    new: int
    unknown: tuple[str, ...]


def adopt(project: Project, server: ArgillaServer, connection: sqlite3.Connection, name: str, *, progress: Progress) -> Adopted:
    """`name`: of the dataset, or of the round where it was made. Once more, it takes over what came to it since.

    Raises:
        UsageError: there is no such round, it is not handed out in full, or it is about nothing of this project.
        ArgillaError: the server cannot be reached or failed.
    """
    dataset = _find(project, server, name)
    round_ = _round_here(connection, dataset)
    there = {
        record.external_id: record.id
        for record in all_records(server, dataset.id, lambda done, total: progress("comparing", done, total))
        if record.external_id is not None
    }
    known = rephrasings_of(connection, there)
    if round_ is None and not known:
        raise UsageError(
            f"`{dataset.name}` is about nothing of this project: none of its {len(there):,} records is of a rephrasing here",
            remedy="Ingest the tests that it is about, in the same files and words; then do it again.",
        )
    with transaction(connection):
        if round_ is None:
            round_ = _make(server, connection, dataset, name)
        ours = round_.parameters.get(_ADOPTED) is True
        new = add_records(connection, round_.id, [known[id_] for id_ in there if id_ in known]) if ours else 0
        records = records_of(connection, round_.id)
        if ours:
            unnoted = [one for one in records if one.pushed_at is None and one.external_id in there]
            note_pushed(connection, {one.id: there[one.external_id] for one in unnoted})
    ids = {one.external_id for one in records}
    return Adopted(round_.name, len(records), new, tuple(id_ for id_ in there if id_ not in ids))


def _find(project: Project, server: ArgillaServer, name: str) -> ServerDataset:
    workspace = server.workspace(project.settings.argilla.workspace)
    marked = [one for one in server.datasets() if one.key is not None]
    names = (name, dataset_name(project.name, name))
    found = [one for one in marked if one.name in names or (one.round_name == name and one.workspace_id == workspace)]
    # the name itself before one that is made of it, and the project's own workspace before others
    found.sort(key=lambda one: (one.name != name, one.name not in names, one.workspace_id != workspace))
    if not found:
        known = ", ".join(sorted(one.name for one in marked if one.is_published)[:10])
        raise UsageError(
            f"Workbench handed out no `{name}` on {server.url}", remedy=f"There: {known}." if known else "Push a round first."
        )
    if not found[0].is_published:
        raise UsageError(f"`{found[0].name}` is not handed out yet", remedy="Let the clone that began it push it.")
    return found[0]


def _round_here(connection: sqlite3.Connection, dataset: ServerDataset) -> Round | None:
    rounds = all_rounds(connection, Surface.ARGILLA)
    return next(
        (one for one in rounds if dataset.id == one.place.get("dataset_id") or dataset.key == one.place.get("key")), None
    )


def _make(server: ArgillaServer, connection: sqlite3.Connection, dataset: ServerDataset, name: str) -> Round:
    """Under its own name, or with a number behind it where that is another round's here."""
    own = dataset.round_name or name
    free = next(
        one for one in (own, *(f"{own} ({number})" for number in range(2, 1000))) if find_round(connection, one) is None
    )
    return create_round(
        connection,
        free,
        Surface.ARGILLA,
        reviewer=current_user().reviewer,
        overlap=dataset.overlap,
        place={
            "dataset": dataset.name,
            "dataset_id": dataset.id,
            "key": dataset.key,
            "url": server.url,
            "workspace_id": dataset.workspace_id,
        },
        parameters={_ADOPTED: True},
    )
