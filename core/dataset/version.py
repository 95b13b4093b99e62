"""A build's rows become a dataset version: content-addressed, in a folder of its own, and known to the store.

The address is the SHA-256 of what decides the rows and of the rows themselves, so equal versions are one. The folder comes
first and the store's row last; what a build that was killed leaves behind is cleared by the next.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from core import __version__
from core.dataset.folder import ABOUT, SEALED_LINEAGE, TEST_FILES, TESTS, datasets_folder, rows_name
from core.dataset.models import NAME_LENGTH, DatasetOptions, DatasetVersion, Part
from core.errors import ProjectError
from core.project import Project
from core.stages.lock import project_lock
from core.store.connection import transaction, utc_now
from core.store.datasets import dataset_by_address

_SCRATCH = ".build-"
_AT_ONCE = 50_000
_TABLES = ("data_point", "left_out_point")


@contextmanager
def build_folder(project: Project) -> Iterator[Path]:
    """A scratch folder for one build; there is never another one at the same time.

    Raises:
        UsageError: another process builds a dataset of this project.
        ProjectError: nothing can be written there.
    """
    with project_lock(project, "dataset.lock", "build", taken="a dataset of this project is being built already"):
        parent = datasets_folder(project)
        try:
            parent.mkdir(exist_ok=True)
            for left_behind in parent.glob(f"{_SCRATCH}*"):
                shutil.rmtree(left_behind)
            scratch = Path(tempfile.mkdtemp(dir=parent, prefix=_SCRATCH))
            try:
                scratch.chmod(0o755)
                yield scratch
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        except OSError as error:
            raise ProjectError(
                f"cannot write the dataset to {parent}: {error.strerror or error}",
                remedy="Make room, or mend the folder's permissions; nothing was changed.",
            ) from error


def address_of(about: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """`files`: SHA-256 of each part's rows and tests by the file's name."""
    return sha256(json.dumps([dict(about), dict(files)], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def about_version(options: DatasetOptions, dialect: str, template_sha256: str) -> dict[str, Any]:
    """What decides the rows, beside the project's content."""
    return {
        "code_version": __version__,
        "dialect": dialect,
        "template_sha256": template_sha256,
        "parameters": options.as_data(),
    }


def store_version(
    project: Project,
    connection: sqlite3.Connection,
    scratch: Path,
    points: sqlite3.Connection,
    *,
    about: Mapping[str, Any],
    template: str,
    rows: Mapping[str, str],
    counts: Mapping[Part, int],
    summary: Mapping[str, Any],
    reviewer: str,
) -> DatasetVersion:
    """Move the folder to its place and tell the store.

    Where the version is there already its rows are the same; what is said of them (lineage, what was left out, the report) is
    what it came to this time.

    `points`: a database with the tables `data_point` and `left_out_point` as `core.dataset.writing` makes them.
    """
    tests = {path.name: digest_of(path) for path in sorted((scratch / TESTS).iterdir())}
    address = address_of(about, {**rows, **tests})
    known = dataset_by_address(project, connection, address)
    for sealed in (rows_name(Part.HOLDOUT), SEALED_LINEAGE, f"{TESTS}/{TEST_FILES[Part.HOLDOUT]}"):
        if (scratch / sealed).is_file():
            (scratch / sealed).chmod(0o400)
    _write_about(scratch, {"address": address, **about, "template": template, "summary": summary}, rows)
    _put_in_place(scratch, datasets_folder(project) / address[:NAME_LENGTH])
    if known is None:
        with transaction(connection):
            id_ = _insert(connection, address, reviewer, about, template, counts, summary)
        for table, block in _blocks(points):
            with transaction(connection):
                _add(connection, id_, table, block)
        with transaction(connection):
            connection.execute("UPDATE dataset SET complete = 1 WHERE id = ?", (id_,))
    else:
        with transaction(connection):
            _forget_points(connection, known.id)
            for table, block in _blocks(points):
                _add(connection, known.id, table, block)
            content = json.dumps(summary, ensure_ascii=False)
            connection.execute("UPDATE dataset SET summary = ?, latest_at = ? WHERE id = ?", (content, utc_now(), known.id))
    stored = dataset_by_address(project, connection, address)
    assert stored is not None
    return stored


def _put_in_place(scratch: Path, target: Path) -> None:
    """There is never a moment without a whole folder but that between two renames."""
    old = scratch.with_name(f"{scratch.name}.old")
    if target.exists():
        target.rename(old)
    scratch.rename(target)
    if old.exists():
        shutil.rmtree(old)


def _insert(
    connection: sqlite3.Connection, address: str, reviewer: str, about: Mapping[str, Any], template: str,
    counts: Mapping[Part, int], summary: Mapping[str, Any],
) -> int:  # fmt: skip
    """The dataset's row, not complete yet, in the place of one that a killed build left."""
    for (left_behind,) in connection.execute("SELECT id FROM dataset WHERE complete = 0").fetchall():
        _forget_points(connection, left_behind)
        connection.execute("DELETE FROM dataset WHERE id = ?", (left_behind,))
    now = utc_now()
    row = connection.execute(
        "INSERT INTO dataset (address, at, latest_at, reviewer, parameters, dialect, template, template_sha256, code_version,"
        " train, val, holdout, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (address, now, now, reviewer, json.dumps(about["parameters"]), about["dialect"], template, about["template_sha256"],
         about["code_version"], *(counts[part] for part in Part), json.dumps(summary, ensure_ascii=False)),
    ).fetchone()  # fmt: skip
    return int(row[0])


def _write_about(folder: Path, content: Mapping[str, Any], known: Mapping[str, str]) -> None:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = {"sha256": known.get(name) or digest_of(path), "bytes": path.stat().st_size}
    text = json.dumps({**content, "files": files}, ensure_ascii=False, indent=2) + "\n"
    (folder / ABOUT).write_text(text, encoding="utf-8")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _forget_points(connection: sqlite3.Connection, dataset_id: int) -> None:
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE dataset_id = ?", (dataset_id,))


def _add(connection: sqlite3.Connection, dataset_id: int, table: str, block: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(block[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({dataset_id}, {marks})", block)


def _blocks(points: sqlite3.Connection) -> Iterator[tuple[str, Sequence[tuple[Any, ...]]]]:
    for table in _TABLES:
        cursor = points.execute(f"SELECT * FROM {table}")
        while block := cursor.fetchmany(_AT_ONCE):
            yield table, block
