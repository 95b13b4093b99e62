"""The sealed part: its rows are read here and nowhere else, and every time it is written down who did so and what for."""

from __future__ import annotations

from collections.abc import Iterator

from core.dataset.folder import Row, read_rows
from core.dataset.models import DatasetVersion, Part
from core.errors import UsageError
from core.project import Project
from core.store.connection import transaction
from core.store.datasets import record_holdout_use


def open_holdout(project: Project, version: DatasetVersion, *, reviewer: str, purpose: str) -> Iterator[Row]:
    """The rows of the holdout, after the look at them is recorded.

    Raises:
        UsageError: the dataset has no holdout, or no purpose is given.
    """
    if not version.points.get(Part.HOLDOUT):
        raise UsageError(f"the dataset {version.name} has no holdout", remedy="Build one with `--holdout-frac 0.1`.")
    if not purpose.strip():
        raise UsageError("the holdout is sealed", remedy="Say what it is opened for: the purpose is recorded with your name.")
    connection = project.open()
    try:
        with transaction(connection):
            record_holdout_use(connection, version.id, reviewer, purpose.strip())
    finally:
        connection.close()
    return read_rows(version, Part.HOLDOUT)
