"""Dataset versions in the store: what each was built from, which rows it has, what was left out, who looked at its holdout."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from core.dataset.folder import datasets_folder
from core.dataset.models import NAME_LENGTH, DatasetVersion, Part
from core.errors import UsageError
from core.project import Project
from core.store.connection import utc_now

_COLUMNS = (
    "SELECT id, address, at, reviewer, parameters, dialect, template, template_sha256, code_version, train, val, holdout,"
    " summary FROM dataset WHERE complete = 1"
)
LATEST = "latest"


def all_datasets(project: Project, connection: sqlite3.Connection) -> Iterator[DatasetVersion]:
    """The one that was built last first."""
    for row in connection.execute(f"{_COLUMNS} ORDER BY latest_at DESC, id DESC"):
        yield _version(project, row)


def find_dataset(project: Project, connection: sqlite3.Connection, reference: str = LATEST) -> DatasetVersion:
    """By `latest` (what the last build came to) or the beginning of its address (at least four characters).

    Raises:
        UsageError: there is none, or more than one.
    """
    if reference == LATEST:
        rows = connection.execute(f"{_COLUMNS} ORDER BY latest_at DESC, id DESC LIMIT 1").fetchall()
        if not rows:
            raise UsageError("there is no dataset yet", remedy="Build one: `workbench dataset build` or `workbench export`.")
        return _version(project, rows[0])
    rows = []
    if len(reference) >= 4 and set(reference.lower()) <= set("0123456789abcdef"):
        rows = connection.execute(f"{_COLUMNS} AND address LIKE ? || '%'", (reference.lower(),)).fetchall()
    if len(rows) == 1:
        return _version(project, rows[0])
    if rows:
        names = ", ".join(row[1][:NAME_LENGTH] for row in rows)
        raise UsageError(f"`{reference}` begins the name of {len(rows)} datasets: {names}", remedy="Write more of it.")
    raise UsageError(
        f"there is no dataset `{reference}`", remedy="`workbench dataset list` shows them; `latest` is the newest."
    )


def dataset_by_address(project: Project, connection: sqlite3.Connection, address: str) -> DatasetVersion | None:
    row = connection.execute(f"{_COLUMNS} AND address = ?", (address,)).fetchone()
    return None if row is None else _version(project, row)


def record_holdout_use(connection: sqlite3.Connection, dataset_id: int, reviewer: str, purpose: str) -> None:
    connection.execute(
        "INSERT INTO holdout_use (dataset_id, at, reviewer, purpose) VALUES (?, ?, ?, ?)",
        (dataset_id, utc_now(), reviewer, purpose),
    )


def holdout_uses(connection: sqlite3.Connection, dataset_id: int) -> list[tuple[str, str, str]]:
    """(time, reviewer, purpose), the oldest first."""
    return connection.execute(
        "SELECT at, reviewer, purpose FROM holdout_use WHERE dataset_id = ? ORDER BY id", (dataset_id,)
    ).fetchall()


def _version(project: Project, row: tuple[Any, ...]) -> DatasetVersion:
    (id_, address, at, reviewer, parameters, dialect, template, template_sha256, code, train, val, holdout, summary) = row
    return DatasetVersion(
        id_, address, at, reviewer, json.loads(parameters), dialect, template, template_sha256, code,
        {Part.TRAIN: train, Part.VAL: val, Part.HOLDOUT: holdout}, datasets_folder(project) / address[:NAME_LENGTH],
        json.loads(summary),
    )  # fmt: skip
