"""The dataset of a round on the server: found again, finished where it was left half made, or made."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from dataclasses import replace
from typing import Final
from uuid import uuid4

from core.store.connection import transaction
from review.argilla.definition import Definition
from review.argilla.faults import ArgillaError, Fault
from review.argilla.server import ArgillaServer
from review.argilla.server_records import ServerDataset
from review.team.models import Round
from review.team.rounds import note_place

_MOST_NAME: Final = 100
_MOST_TRIES: Final = 50


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
) -> tuple[ServerDataset, Round, bool]:
    """A published dataset, the round with its place noted, and whether the dataset was there and published before.

    Every step is noted or can be seen on the server, so it goes on after an end at any place. `workspace`: name of the one
    where a missing dataset is made.
    """
    dataset = find_dataset(server, round_)
    was_there = dataset is not None and dataset.is_published
    if dataset is None:
        dataset = _make(server, round_, _workspace(server, workspace), definition)
    server.publish(dataset, definition)
    place = {**round_.place, "url": server.url, "workspace_id": dataset.workspace_id}
    place |= {"dataset": dataset.name, "dataset_id": dataset.id}
    if place != round_.place:
        with transaction(connection):
            note_place(connection, round_.id, place)
        round_ = replace(round_, place=place)
    return dataset, round_, was_there


def _workspace(server: ArgillaServer, name: str) -> str:
    found = server.workspace(name)
    if found is not None:
        return found
    try:
        return server.make_workspace(name)
    except ArgillaError as error:
        if error.fault is Fault.CONFLICT:  # another process was faster, or the key's owner is not a member
            found = server.workspace(name)
            if found is not None:
                return found
        if error.fault not in (Fault.ROLE, Fault.CONFLICT):
            raise
        raise ArgillaError(
            Fault.ROLE,
            f"{server.user} has no workspace `{name}` on {server.url} and may not make one",
            remedy="Let an owner make it and add that user, or name another `workspace` in [argilla] of workbench.toml.",
        ) from error


def _make(server: ArgillaServer, round_: Round, workspace_id: str, definition: Definition) -> ServerDataset:
    """Under the round's name, or with a number behind it where somebody else has that name."""
    wanted, key = str(round_.place["dataset"]), str(round_.place["key"])
    for number in range(1, _MOST_TRIES):
        try:
            return server.make_dataset(wanted if number == 1 else f"{wanted}-{number}", workspace_id, key, definition)
        except ArgillaError as error:
            if error.fault is not Fault.CONFLICT:
                raise
            if (found := find_dataset(server, round_)) is not None:  # another process was faster
                return found
    raise ArgillaError(
        Fault.CONFLICT, f"{server.url} has too many datasets named {wanted}", remedy="Give the round another --round name."
    )
