"""What the Dataset screen shows: the versions, and all that is known of the one that is looked at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from textual.message import Message

from core.dataset.models import DatasetVersion, Part
from core.dataset.quality.models import DatasetQuality
from core.dataset.quality.stored import stored_quality
from core.preflight.models import Preflight
from core.project import Project
from core.store.datasets import all_datasets, holdout_uses
from core.store.left_out_points import LeftOutRow, left_out_rows

SHOWN_VERSIONS = 200
SHOWN_LEFT_OUT = 20_000


@dataclass(frozen=True, slots=True)
class PreflightMark:
    """The newest preflight of a version."""

    model: str
    at: str
    passed: bool


@dataclass(frozen=True, slots=True)
class ListedVersion:
    version: DatasetVersion
    preflight: PreflightMark | None


@dataclass
class VersionsRead(Message):
    """The newest first. `total`: how many there are."""

    versions: tuple[ListedVersion, ...]
    total: int


@dataclass
class DetailsRead(Message):
    """Of one version. `quality`: None if it was not measured yet. `left_out`: the first of them, without the words of the
    holdout (`is_sealed`)."""

    version: DatasetVersion
    preflight: Preflight | None
    mark: PreflightMark | None
    quality: DatasetQuality | None
    left_out: tuple[LeftOutRow, ...]
    looks: tuple[tuple[str, str, str], ...]


def load_versions(project: Project) -> VersionsRead:
    """Milliseconds; for a worker all the same.

    Raises:
        StoreError: the database cannot be opened.
    """
    with closing(project.open()) as connection:
        marks = {
            dataset: PreflightMark(model, at, bool(passed))
            for dataset, model, at, passed in connection.execute(
                "SELECT dataset_id, model, at, passed FROM preflight WHERE id IN"
                " (SELECT max(id) FROM preflight GROUP BY dataset_id)"
            )
        }
        found = []
        total = 0
        for version in all_datasets(project, connection):
            total += 1
            if total <= SHOWN_VERSIONS:
                found.append(ListedVersion(version, marks.get(version.id)))
    return VersionsRead(tuple(found), total)


def load_details(project: Project, version: DatasetVersion) -> DetailsRead:
    """For a worker.

    Raises:
        StoreError: the database cannot be opened.
    """
    with closing(project.open()) as connection:
        report, mark = _preflight(connection, version.id)
        sealed = _sealed_numbers(connection, version)
        left_out = [
            _without_words(one) if one.number in sealed else one
            for one in left_out_rows(connection, version.id, SHOWN_LEFT_OUT)
        ]
        looks = holdout_uses(connection, version.id)
    return DetailsRead(version, report, mark, stored_quality(version), tuple(left_out), tuple(looks))


def is_sealed(point: LeftOutRow) -> bool:
    """Whether it says what a row of the holdout says."""
    return point.twin_part is Part.HOLDOUT


def _without_words(point: LeftOutRow) -> LeftOutRow:
    """Showing them would be a look at the holdout that nobody records."""
    return LeftOutRow(point.number, point.reason, "", "", None, None, None, Part.HOLDOUT, None)


def _sealed_numbers(connection: sqlite3.Connection, version: DatasetVersion) -> frozenset[int]:
    """Points left out that repeat a row of the holdout, or repeat one that does."""
    if not version.points.get(Part.HOLDOUT):
        return frozenset()
    keys = "SELECT step_id, variant FROM data_point WHERE dataset_id = ? AND part = 'holdout'"
    holdout: set[tuple[int, int]] = set(connection.execute(keys, (version.id,)))
    found = "SELECT number, step_id, variant, twin_step_id, twin_variant FROM left_out_point WHERE dataset_id = ?"
    points = connection.execute(f"{found} AND twin_step_id IS NOT NULL", (version.id,)).fetchall()
    repeats = {(step, variant): (twin, twin_variant) for _, step, variant, twin, twin_variant in points}
    sealed = set()
    for number, step, variant, _, _ in points:
        at, seen = (step, variant), set[tuple[int, int]]()
        while at in repeats and at not in seen:
            seen.add(at)
            at = repeats[at]
        if at in holdout:
            sealed.add(number)
    return frozenset(sealed)


def _preflight(connection: sqlite3.Connection, dataset_id: int) -> tuple[Preflight | None, PreflightMark | None]:
    """A report that another version of this program wrote may be unreadable; whether it passed is known all the same."""
    from core.preflight.stored import latest_preflight
    from core.preflight.text import gpu_notes, gpu_rows

    row = connection.execute(
        "SELECT model, at, passed FROM preflight WHERE dataset_id = ? ORDER BY id DESC LIMIT 1", (dataset_id,)
    ).fetchone()
    if row is None:
        return None, None
    model, at, passed = row
    mark = PreflightMark(model, at, bool(passed))
    try:
        found = latest_preflight(connection, dataset_id)
        if found is not None:  # the estimates are plain data: those of another version show when they are drawn
            list(gpu_rows(found.report))
            list(gpu_notes(found.report))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None, mark
    return (None if found is None else found.report), mark
