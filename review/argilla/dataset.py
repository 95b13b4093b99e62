"""The dataset of a round on the server: found again, finished where it was left half made, or made."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from core.store.connection import transaction
from review.argilla.definition import Definition
from review.argilla.faults import ArgillaError, Fault
from review.argilla.server import ArgillaServer
from review.argilla.server_records import ServerDataset
from review.team.choosing import rephrasings_of
from review.team.models import Round, Surface
from review.team.rounds import all_rounds, note_place

_MOST_NAME: Final = 100
_MOST_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Prepared:
    """A published dataset, and the round with its place noted. `was_there`: published before. `workspace_made`: just now."""

    dataset: ServerDataset
    round: Round
    was_there: bool
    workspace_made: bool = False


def dataset_name(project: str, round_name: str) -> str:
    """`harbour-round-1`: letters, digits, hyphens and underscores, as every version of Argilla takes them."""
    plain = unicodedata.normalize("NFKD", f"{project}-{round_name}").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:_MOST_NAME] or "workbench"


def new_key() -> str:
    """Tells a round's dataset from one of the same name that somebody else made."""
    return uuid4().hex


def find_dataset(server: ArgillaServer, round_: Round) -> ServerDataset | None:
    """By the server's id or, where the process ended before it was noted, by the round's key."""
    found = server.datasets()
    by_id = next((one for one in found if one.id == round_.place.get("dataset_id")), None)
    return by_id or next((one for one in found if one.key is not None and one.key == round_.place.get("key")), None)


def prepare_dataset(
    server: ArgillaServer, connection: sqlite3.Connection, round_: Round, workspace: str, definition: Definition
) -> Prepared:
    """Every step is noted or can be seen on the server, so it goes on after an end at any place. `workspace`: name of the one
    where a missing dataset is made.

    Raises:
        ArgillaError: TAKEN, where another clone of the project has handed out a round of that name; see also `ArgillaServer`.
    """
    dataset = find_dataset(server, round_)
    was_there, made = dataset is not None and dataset.is_published, False
    if dataset is None:
        workspace_id, made = _workspace(server, workspace)
        dataset = _make(server, connection, round_, workspace_id, definition)
    server.publish(dataset, definition)
    place = {**round_.place, "url": server.url, "workspace_id": dataset.workspace_id}
    place |= {"dataset": dataset.name, "dataset_id": dataset.id}
    if place != round_.place:
        with transaction(connection):
            note_place(connection, round_.id, place)
        round_ = replace(round_, place=place)
    return Prepared(dataset, round_, was_there, made)


def _workspace(server: ArgillaServer, name: str) -> tuple[str, bool]:
    """Its id, and whether it was made."""
    found = server.workspace(name)
    if found is not None:
        return found, False
    try:
        return server.make_workspace(name), True
    except ArgillaError as error:
        if error.fault is Fault.CONFLICT:  # another process was faster, or the key's owner is not a member
            found = server.workspace(name)
            if found is not None:
                return found, False
        if error.fault not in (Fault.ROLE, Fault.CONFLICT):
            raise
        raise ArgillaError(
            Fault.ROLE,
            f"{server.user} has no workspace `{name}` on {server.url} and may not make one",
            remedy="Let an owner make it and add that user, or name another `workspace` in [argilla] of workbench.toml.",
        ) from error


def _make(
    server: ArgillaServer, connection: sqlite3.Connection, round_: Round, workspace_id: str, definition: Definition
) -> ServerDataset:
    """Under the round's name, or with a number behind it where somebody else has that name."""
    wanted, key = str(round_.place["dataset"]), str(round_.place["key"])
    for number in range(1, _MOST_TRIES):
        name = wanted if number == 1 else f"{wanted}-{number}"
        try:
            return server.make_dataset(name, workspace_id, key, definition, round_.name)
        except ArgillaError as error:
            if error.fault is not Fault.CONFLICT:
                raise
            if (found := find_dataset(server, round_)) is not None:  # another process was faster
                return found
            _check_is_of_others(server, connection, name, workspace_id)
    raise ArgillaError(
        Fault.CONFLICT, f"{server.url} has too many datasets named {wanted}", remedy="Give the round another --round name."
    )


def _check_is_of_others(server: ArgillaServer, connection: sqlite3.Connection, name: str, workspace_id: str) -> None:
    """That the dataset of this name is not about this project. One of Workbench's that is still empty may well be."""
    there = next((one for one in server.datasets() if (one.name, one.workspace_id) == (name, workspace_id)), None)
    ours = {one.place.get("key") for one in all_rounds(connection, Surface.ARGILLA)}  # `a b` and `a-b` have one name there
    if there is None or there.key is None or there.key in ours:
        return
    page, _ = server.records_from(there.id, 0)
    ids = {record.external_id for record in page if record.external_id}
    if page and not rephrasings_of(connection, ids):
        return
    raise ArgillaError(
        Fault.TAKEN,
        f"another clone of this project has handed out `{name}` on {server.url}; nothing was sent",
        remedy=f"`workbench argilla pull --adopt {name}` takes that round over with its answers;"
        " `workbench argilla push --round NAME` hands the same out once more, under another name.",
    )
