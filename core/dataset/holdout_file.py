"""A file that the rows of a holdout were written to knows whose they are: by a note beside it, as the rows are rows only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from core.dataset.folder import Row
from core.dataset.models import DatasetVersion

_SUFFIX = ".holdout"
"""After the file's whole name. `workbench ingest` passes such files over."""
_KEY = "holdout_of"


def write_holdout_file(path: Path, version: DatasetVersion, rows: Iterable[Row]) -> None:
    """One JSON object of prompt and completion a line, and the note beside it. Raises OSError."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            content = {"prompt": row.prompt, "completion": row.completion}
            file.write(json.dumps(content, ensure_ascii=False) + "\n")
    _note_beside(path).write_text(json.dumps({_KEY: version.address}) + "\n", encoding="utf-8")


def dataset_of_holdout_file(path: Path) -> str:
    """The address of the dataset of whose holdout the file is; empty if nothing beside it says so."""
    try:
        note = json.loads(_note_beside(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    address = note.get(_KEY) if isinstance(note, dict) else None
    return address if isinstance(address, str) else ""


def _note_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{_SUFFIX}")
