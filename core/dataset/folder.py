"""The files of a dataset version, in `.workbench/datasets/<name>/`. Written once, by the build; exports only read them.

train.jsonl val.jsonl holdout.jsonl    one data point a line: {"prompt": …, "completion": …}
lineage.jsonl                          where each comes from: the lines of train, then val, then holdout
tests/ annotations/ rephrasings/       the E2E tests of each part, and the recipe's folders 1 and 2
dataset.json                           address, parameters, digests of all files
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError
from core.project import Project

DATASETS = "datasets"
LINEAGE = "lineage.jsonl"
SEALED_LINEAGE = "holdout.lineage.jsonl"
TESTS = "tests"
ANNOTATIONS = "annotations"
REPHRASINGS = "rephrasings"
ABOUT = "dataset.json"
TEST_FILES = {Part.TRAIN: "train.yaml", Part.VAL: "validation.yaml", Part.HOLDOUT: "holdout.yaml"}
"""Of each part's tests, by the recipe's names."""


def datasets_folder(project: Project) -> Path:
    return project.state_folder / DATASETS


def rows_name(part: Part) -> str:
    return f"{part.value}.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """A data point as it stands in the file. `number`: its line, from 1."""

    part: Part
    number: int
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a row comes from. `step`: id of the user step; `user_step`: its place among the test's user messages, from 1.

    `variant` 0 is the original conversation; `rephrasing` and `decision` are ids. `said`: the user's message in this row;
    `original`: the test's. `commands`: the label in canonical JSON (`core.commands.from_json`). `flows`: those of the step.
    `state`: key of the dialogue state before the message (`core.dataset.states`).
    """

    part: Part
    number: int
    file: str
    test: str
    occurrence: int
    line: int | None
    user_step: int
    step: int
    variant: int
    rephrasing: int | None
    decision: int | None
    original: str
    said: str
    commands: str
    flows: tuple[str, ...]
    state: str


_AGAIN = "Build it again: `workbench dataset build` with the same options gives the same rows if nothing changed."
_NAMES = frozenset(field.name for field in fields(Lineage))


def read_rows(version: DatasetVersion, part: Part) -> Iterator[Row]:
    """Streams; a part that the dataset does not have yields nothing. The holdout is opened through `core.dataset.holdout`.

    Raises:
        ProjectError: the version's files are gone or not as they were written; what was changed without breaking a row is
            found at the end.
    """
    if not version.points.get(part):
        return
    for number, line in _checked_lines(version, rows_name(part)):
        try:
            row = json.loads(line)
            yield Row(part, number, row["prompt"], row["completion"])
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(version, rows_name(part), number) from error


def read_lineage(version: DatasetVersion, part: Part | None = None) -> Iterator[Lineage]:
    """In the order of the rows: those of train, then val; of one part only if one is named. The holdout must be named.

    Raises as `read_rows` does.
    """
    for number, found in enumerate(lineage_data(version, sealed=part is Part.HOLDOUT), 1):
        if part is None or found["part"] == part.value:
            try:
                yield _lineage(found)
            except (ValueError, KeyError, TypeError) as error:
                raise _damaged(version, lineage_name(part), number) from error


def lineage_name(part: Part | None) -> str:
    return SEALED_LINEAGE if part is Part.HOLDOUT else LINEAGE


def lineage_data(version: DatasetVersion, *, sealed: bool = False) -> Iterator[dict[str, Any]]:
    """The lines as plain data with the names of `Lineage`: half the time for who reads a million. `sealed`: the holdout's.

    Raises as `read_rows` does.
    """
    name = SEALED_LINEAGE if sealed else LINEAGE
    if sealed and not version.points.get(Part.HOLDOUT):
        return
    for number, line in _checked_lines(version, name):
        try:
            found: dict[str, Any] = json.loads(line)
            if not found.keys() >= _NAMES:
                raise ValueError("names are missing")
        except (ValueError, AttributeError) as error:
            raise _damaged(version, name, number) from error
        yield found


def all_lineage_data(version: DatasetVersion) -> Iterator[dict[str, Any]]:
    """Of all parts: for counts and comparisons, which name no message of the holdout. As `lineage_data` else."""
    yield from lineage_data(version)
    yield from lineage_data(version, sealed=True)


def _checked_lines(version: DatasetVersion, name: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers; past the last one it is compared with the digest that the build wrote."""
    expected = about(version).get("files", {}).get(name, {}).get("sha256")
    digest = sha256()
    with _open(version, name, "rb") as file:
        for number, line in enumerate(file, 1):
            digest.update(line)
            yield number, line
    if expected != digest.hexdigest():
        raise ProjectError(
            f"the dataset {version.name} is damaged: {version.folder / name} is not what was written (its SHA-256 differs)",
            remedy=_AGAIN,
        )


def raw_rows(version: DatasetVersion, part: Part) -> Iterator[str]:
    """The lines of a part's file as they are; as `read_rows` else."""
    if version.points.get(part):
        with _open(version, rows_name(part)) as file:
            yield from file


def row_at(version: DatasetVersion, part: Part, number: int) -> Row | None:
    """One row by its line, from 1; None past the end. The lines before it are passed over unread. As `read_rows` else."""
    if not 1 <= number <= version.points.get(part, 0):
        return None
    with _open(version, rows_name(part)) as file:
        line = next(islice(file, number - 1, None), "")
    try:
        row = json.loads(line)
        return Row(part, number, row["prompt"], row["completion"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(version, rows_name(part), number) from error


def lineage_at(version: DatasetVersion, part: Part, number: int) -> Lineage | None:
    """Where one row comes from; None past the end. As `read_lineage` else."""
    if not 1 <= number <= version.points.get(part, 0):
        return None
    place = number + (version.points.get(Part.TRAIN, 0) if part is Part.VAL else 0)
    with _open(version, lineage_name(part)) as file:
        line = next(islice(file, place - 1, None), "")
    try:
        found = _lineage(json.loads(line))
        if (found.part, found.number) != (part, number):
            raise ValueError("not the row's")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(version, lineage_name(part), place) from error
    return found


def about(version: DatasetVersion) -> dict[str, Any]:
    """`dataset.json` of the version.

    Raises:
        ProjectError: it is gone or damaged.
    """
    with _open(version, ABOUT) as file:
        try:
            found: dict[str, Any] = json.load(file)
        except ValueError as error:
            raise _damaged(version, ABOUT, 1) from error
    return found


def _lineage(found: dict[str, Any]) -> Lineage:
    fields = {name: value for name, value in found.items() if name not in ("part", "flows")}
    return Lineage(part=Part(found["part"]), flows=tuple(found["flows"]), **fields)


def _open(version: DatasetVersion, name: str, mode: Literal["r", "rb"] = "r") -> Any:
    try:
        return (version.folder / name).open(mode, encoding="utf-8" if mode == "r" else None)
    except OSError as error:
        raise ProjectError(
            f"the dataset {version.name} has lost its file {name}: {error.strerror or error}",
            remedy=_AGAIN,
        ) from error


def _damaged(version: DatasetVersion, name: str, line: int) -> ProjectError:
    return ProjectError(
        f"the dataset {version.name} is damaged: {version.folder / name}:{line} is not what was written",
        remedy=_AGAIN,
    )
