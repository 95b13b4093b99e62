"""A row of a file that somebody trains with: which row of which dataset it is.

The file's export or version says which dataset; its place in the file is tried first, then its bytes are looked for. Any of the
formats that `workbench export` writes as lines of JSON will do, wherever the file lies now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from core.conversations.recognise import EXPORT_KEY
from core.dataset.folder import ABOUT, Row, raw_rows
from core.dataset.holdout_file import dataset_of_holdout_file
from core.dataset.models import NAME_LENGTH, DatasetVersion, Part
from core.errors import Location, UsageError
from core.project import Project
from core.store.datasets import all_datasets, dataset_by_address

_MANIFEST = "manifest.json"
_NAMES = {Part.TRAIN: ("train",), Part.VAL: ("val", "validation"), Part.HOLDOUT: ("holdout",)}


@dataclass(frozen=True, slots=True)
class FoundRow:
    """`found_by`: what the reader must know of how it was found; empty where the file itself says which dataset it is of."""

    version: DatasetVersion
    part: Part
    number: int
    found_by: str = ""


def find_file_row(
    project: Project, connection: sqlite3.Connection, path: Path, line: int, wanted: DatasetVersion | None
) -> FoundRow:
    """`wanted`: the dataset to look in; None: that of the file, else all of the project, the newest first.

    The holdout is not looked through, since it is sealed.

    Raises:
        UsageError: the file has no such line, the line is no row, or no dataset has it.
        ProjectError: a dataset has lost its files.
    """
    prompt, completion = _texts(path, line)
    needle = json.dumps({"prompt": prompt, "completion": completion}, ensure_ascii=False) + "\n"
    named = _address_beside(path)
    searched = 0
    for version in [wanted] if wanted is not None else _in_order(all_datasets(project, connection), named):
        searched += 1
        found = _in_version(version, needle, _part_of(path), line)
        if found is not None:
            return FoundRow(version, *found, "" if wanted or version.address == named else _found_elsewhere(named))
    where = f"the dataset {wanted.name}" if wanted else "the dataset" if searched == 1 else f"the {searched} datasets"
    raise UsageError(
        f"{path}:{line} is no row of {where} of this project",
        remedy="It was changed since, comes from another project, or is of the sealed holdout (`why holdout:N --purpose`).",
    )


def sealed_version(
    project: Project, connection: sqlite3.Connection, path: Path, wanted: DatasetVersion | None
) -> DatasetVersion | None:
    """The dataset of whose holdout the file is; None if it is none, or `wanted` is another dataset.

    Raises:
        UsageError: the dataset is not of this project.
    """
    address = dataset_of_holdout_file(path) or (_address_beside(path) if _part_of(path) is Part.HOLDOUT else "")
    if not address or (wanted is not None and wanted.address != address):
        return None
    version = dataset_by_address(project, connection, address)
    if version is None:
        raise UsageError(
            f"{path} holds rows of the holdout of the dataset {address[:NAME_LENGTH]}, which this project does not have",
            remedy="Ask in the project that built it.",
        )
    return version if version.points.get(Part.HOLDOUT) else None


def find_sealed_row(version: DatasetVersion, rows: Iterable[Row], path: Path, line: int) -> FoundRow:
    """`rows`: of the version's holdout, opened for a purpose. Raises UsageError as `find_file_row` does."""
    texts = _texts(path, line)
    numbers = [row.number for row in rows if (row.prompt, row.completion) == texts]
    if not numbers:
        raise UsageError(
            f"{path}:{line} is no row of the holdout of the dataset {version.name}", remedy="The file was changed since."
        )
    return FoundRow(version, Part.HOLDOUT, line if line in numbers else numbers[0])


def _found_elsewhere(named: str) -> str:
    if named:
        return f"this file is of the dataset {named[:NAME_LENGTH]}, where this row was not found; the same row is"
    return "this file names no dataset; the same row is"


def _texts(path: Path, line: int) -> tuple[str, str]:
    """Prompt and completion, whatever the format."""
    place = Location(str(path), line)
    try:
        with path.open(encoding="utf-8") as file:
            text = next(islice(file, line - 1, None), None) if line else None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text: {error}", remedy="Name a JSONL file of rows.") from error
    if text is None:
        raise UsageError(f"{path} has no line {line}", remedy="Lines count from 1.")
    try:
        row = json.loads(text)
    except ValueError:
        row = None
    found = _of_row(row) if isinstance(row, dict) else None
    if found is None:
        raise UsageError(
            "this line is no row of training data",
            where=place,
            remedy="Rows are JSON objects with a prompt and a completion, or with messages.",
        )
    return found


def _of_row(row: dict[str, Any]) -> tuple[str, str] | None:
    if "messages" in row or "conversations" in row:
        said = row.get("messages") or row.get("conversations")
        return _of_messages(said) if isinstance(said, list) else None
    prompt = row.get("prompt", row.get("instruction"))
    completion = row.get("completion", row.get("output"))
    if isinstance(prompt, list) and isinstance(completion, list):
        return _of_messages([*prompt, *completion])
    if isinstance(prompt, str) and isinstance(completion, str):
        return prompt, completion
    return None


def _of_messages(messages: list[Any]) -> tuple[str, str] | None:
    """The last two: a system message may stand before them."""
    texts = [one.get("content", one.get("value")) for one in messages if isinstance(one, dict)][-2:]
    if len(texts) == 2 and all(isinstance(text, str) for text in texts):
        return str(texts[0]), str(texts[1])
    return None


def _address_beside(path: Path) -> str:
    """The dataset that the file's folder, or one above it, says it is of; empty if none does."""
    for folder in path.parents:
        for name in (ABOUT, _MANIFEST):
            try:
                content = json.loads((folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            address = _address(content)
            if address:
                return address
    return ""


def _address(content: object) -> str:
    if not isinstance(content, dict):
        return ""
    inside = content.get(EXPORT_KEY, content)
    dataset = inside.get("dataset", inside.get("address")) if isinstance(inside, dict) else None
    if isinstance(dataset, dict):
        dataset = dataset.get("address")
    return dataset if isinstance(dataset, str) else ""


def _in_order(versions: Iterator[DatasetVersion], named: str) -> list[DatasetVersion]:
    return sorted(versions, key=lambda version: version.address != named)


def _part_of(path: Path) -> Part | None:
    words = path.stem.split(".")[0].split("_")[0].split("-")[0].casefold()
    return next((part for part, names in _NAMES.items() if words in names), None)


def _in_version(version: DatasetVersion, needle: str, part: Part | None, line: int) -> tuple[Part, int] | None:
    if part in (Part.TRAIN, Part.VAL) and next(islice(raw_rows(version, part), max(line, 1) - 1, None), "") == needle:
        return part, line
    for each in (Part.TRAIN, Part.VAL):
        for number, text in enumerate(raw_rows(version, each), 1):
            if text == needle:
                return each, number
    return None
