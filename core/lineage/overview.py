"""A dataset version and all that hangs on it: exports, preflights, looks at its holdout, what was left out, its files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.dataset.folder import about
from core.dataset.models import DatasetOptions, DatasetVersion, Part
from core.dataset.version import digest_of
from core.lineage.models import DatasetUse
from core.store.datasets import holdout_uses

AS_WRITTEN = "as written"
_TWINS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PreflightFact:
    at: str
    model: str
    passed: bool

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'failed'} for {self.model}"


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """What a list shows. `options`: those that are not the default. `preflight`: the latest, None if there was none.

    `has_folder`: the version's files are there; an export and a preflight read them.
    """

    version: DatasetVersion
    options: Mapping[str, Any]
    preflight: PreflightFact | None
    exports: tuple[DatasetUse, ...]
    has_folder: bool

    def as_data(self) -> dict[str, Any]:
        version = self.version
        return {
            "name": version.name,
            "address": version.address,
            "at": version.at,
            "reviewer": version.reviewer,
            "rows": {part.value: version.points.get(part, 0) for part in Part},
            "options": dict(self.options),
            "template": version.template,
            "template_sha256": version.template_sha256,
            "dialect": version.dialect,
            "code_version": version.code_version,
            "preflight": None if self.preflight is None else asdict(self.preflight),
            "exports": [asdict(use) for use in self.exports],
            "has_folder": self.has_folder,
        }


@dataclass(frozen=True, slots=True)
class LeftOutTwin:
    """A data point that was left out, and the one it repeats, if any: file:line and what is said."""

    place: str
    said: str
    twin_place: str
    twin_said: str

    def __str__(self) -> str:
        twin = f", a twin of “{self.twin_said}” ({self.twin_place})" if self.twin_place else ""
        return f"“{self.said}” ({self.place}){twin}"


@dataclass(frozen=True, slots=True)
class LeftOutGroup:
    reason: str
    count: int
    first: tuple[LeftOutTwin, ...]


@dataclass(frozen=True, slots=True)
class FileState:
    """`state`: `AS_WRITTEN`, changed, or gone. `size`: in bytes, as it was written."""

    name: str
    size: int
    state: str


@dataclass(frozen=True, slots=True)
class DatasetOverview:
    """`looks`: (time, reviewer, purpose) of each look at the holdout."""

    row: DatasetRow
    looks: tuple[tuple[str, str, str], ...]
    left_out: tuple[LeftOutGroup, ...]
    files: tuple[FileState, ...]

    def as_data(self) -> dict[str, Any]:
        looks = [{"at": at, "reviewer": reviewer, "purpose": purpose} for at, reviewer, purpose in self.looks]
        return {
            **self.row.as_data(),
            "parameters": dict(self.row.version.parameters),
            "folder": str(self.row.version.folder),
            "holdout_looks": looks,
            "left_out": [asdict(group) for group in self.left_out],
            "files": [asdict(file) for file in self.files],
            "summary": dict(self.row.version.summary),
        }


def dataset_row(connection: sqlite3.Connection, version: DatasetVersion) -> DatasetRow:
    defaults = DatasetOptions().as_data()
    options = {name: value for name, value in version.parameters.items() if value != defaults.get(name)}
    preflight = connection.execute(
        "SELECT at, model, passed FROM preflight WHERE dataset_id = ? ORDER BY id DESC LIMIT 1", (version.id,)
    ).fetchone()
    exports = connection.execute(
        "SELECT at, reviewer, out, format FROM export WHERE dataset_id = ? ORDER BY id", (version.id,)
    ).fetchall()
    found = None if preflight is None else PreflightFact(preflight[0], preflight[1], bool(preflight[2]))
    return DatasetRow(version, options, found, tuple(DatasetUse(*use) for use in exports), version.folder.is_dir())


def dataset_overview(connection: sqlite3.Connection, version: DatasetVersion) -> DatasetOverview:
    """Reads every file of the version to compare its digest.

    Raises:
        ProjectError: the version's `dataset.json` is gone or damaged.
    """
    return DatasetOverview(
        dataset_row(connection, version), tuple(holdout_uses(connection, version.id)), tuple(_left_out(connection, version)),
        tuple(_files(version)),
    )  # fmt: skip


_SAID = "coalesce(r.edited_text, r.text, s.text)"


_SEALED = (
    "SELECT h.conversation_id FROM data_point p JOIN user_step h ON h.id = p.step_id"
    " WHERE p.dataset_id = ? AND p.part = 'holdout'"
)
"""What stands in the holdout, or repeats it, is counted and not shown."""


def _left_out(connection: sqlite3.Connection, version: DatasetVersion) -> Iterator[LeftOutGroup]:
    for reason, count in connection.execute(
        "SELECT reason, count(*) FROM left_out_point WHERE dataset_id = ? GROUP BY reason ORDER BY 2 DESC", (version.id,)
    ).fetchall():
        first = connection.execute(
            f"SELECT c.file, c.name, s.line, {_SAID}, l.twin_step_id, l.twin_variant FROM left_out_point l"
            " JOIN user_step s ON s.id = l.step_id JOIN conversation c ON c.id = s.conversation_id"
            " LEFT JOIN rephrasing r ON r.id = l.rephrasing_id WHERE l.dataset_id = ? AND l.reason = ?"
            f" AND s.conversation_id NOT IN ({_SEALED}) AND coalesce((SELECT t.conversation_id FROM user_step t"
            f" WHERE t.id = l.twin_step_id), 0) NOT IN ({_SEALED}) ORDER BY l.number LIMIT ?",
            (version.id, reason, version.id, version.id, _TWINS_SHOWN),
        ).fetchall()
        yield LeftOutGroup(
            reason,
            count,
            tuple(
                LeftOutTwin(_place(file, name, line), said, *_twin(connection, version, twin, variant))
                for file, name, line, said, twin, variant in first
            ),
        )


def _twin(connection: sqlite3.Connection, version: DatasetVersion, step_id: int | None, variant: int | None) -> tuple[str, str]:
    if step_id is None:
        return "", ""
    file, name, line, said = connection.execute(
        f"SELECT c.file, c.name, s.line, {_SAID} FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
        " LEFT JOIN data_point p ON p.dataset_id = ? AND p.step_id = s.id AND p.variant = ?"
        " LEFT JOIN rephrasing r ON r.id = p.rephrasing_id WHERE s.id = ?",
        (version.id, variant, step_id),
    ).fetchone()
    return _place(file, name, line), said


def _place(file: str, name: str, line: int | None) -> str:
    return f"{file}:{line}" if line else f"{file}::{name}"


def _files(version: DatasetVersion) -> Iterator[FileState]:
    for name, known in about(version)["files"].items():
        path = version.folder / name
        try:
            is_same = path.stat().st_size == known["bytes"] and digest_of(path) == known["sha256"]
            yield FileState(name, known["bytes"], AS_WRITTEN if is_same else "changed")
        except OSError as error:
            yield FileState(name, known["bytes"], "gone" if isinstance(error, FileNotFoundError) else str(error.strerror))
