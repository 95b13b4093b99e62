"""The figures of a version are kept beside it: it never changes, and a large one takes a minute to measure."""

from __future__ import annotations

import json
from pathlib import Path

from core.dataset.models import DatasetVersion
from core.dataset.quality.measure import KEPT, SEED, Progress, measure
from core.dataset.quality.models import DatasetQuality, quality_from_data

FORMAT = 1
"""Raised when figures are computed in another way; what was stored before is measured again."""


def stored_path(version: DatasetVersion) -> Path:
    """`.workbench/datasets/<name>.quality.json`. May be deleted."""
    return version.folder.with_name(f"{version.name}.quality.json")


def stored_quality(version: DatasetVersion) -> DatasetQuality | None:
    """None if it was not measured yet, or by another version of this program, or the file cannot be read."""
    try:
        data = json.loads(stored_path(version).read_text(encoding="utf-8"))
        if (data["format"], data["address"]) != (FORMAT, version.address):
            return None
        return quality_from_data(data["quality"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def quality_of(
    version: DatasetVersion, *, keep: int = KEPT, progress: Progress = lambda what, done, total: None
) -> DatasetQuality:
    """As stored, else measured now and stored. `keep` other than the default measures and does not store.

    Raises:
        ProjectError: the version's files are gone or not as they were written.
    """
    if keep != KEPT:
        return measure(version, keep=keep, seed=SEED, progress=progress)
    found = stored_quality(version)
    if found is None:
        found = measure(version, progress=progress)
        _store(version, found)
    return found


def _store(version: DatasetVersion, quality: DatasetQuality) -> None:
    """A folder that cannot be written costs the next reader some time and nobody else anything."""
    path = stored_path(version)
    data = {"format": FORMAT, "address": version.address, "quality": quality.as_data()}
    half = path.with_name(f"{path.name}.new")
    try:
        half.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
