"""What two dataset versions have that the other has not: tests, steps, texts, labels, sides, parameters.

Both are laid side by side in temporary tables of the database, so that two versions of a million rows take disk and no memory.
A text of a step is the same data in both if it is the same rephrasing of the same step, however often its test was recombined.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from core.commands import Dialect
from core.dataset.folder import all_lineage_data
from core.dataset.models import DatasetVersion, Part
from core.store.stored_commands import to_display

_SIDES = ("old", "new")


@dataclass(frozen=True, slots=True)
class Change:
    """`place`: `file:line`, or the test's name where it has no line. `text`: the test's name, or what the user says.
    `old`, `new`: label, wording or part of each version; empty where it came or went.
    """

    place: str
    text: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """`count` of all, and the first of them."""

    what: str
    count: int
    first: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class DatasetComparison:
    """`about`: (name, old, new) of the parameters, template, dialect and code version that differ. `points`: by part."""

    old: str
    new: str
    about: tuple[tuple[str, Any, Any], ...]
    points: dict[str, tuple[int, int]]
    changes: tuple[Changes, ...]

    @property
    def is_same(self) -> bool:
        return not self.about and not any(one.count for one in self.changes) and all(a == b for a, b in self.points.values())

    def as_data(self) -> dict[str, Any]:
        about = [{"name": name, "old": old, "new": new} for name, old, new in self.about]
        points = {part: {"old": old, "new": new} for part, (old, new) in self.points.items()}
        return {**asdict(self), "about": about, "points": points, "same": self.is_same}


def compare(connection: sqlite3.Connection, old: DatasetVersion, new: DatasetVersion, *, limit: int = 20) -> DatasetComparison:
    """`limit`: how many changes of each kind are told of; all are counted.

    Raises:
        ProjectError: a version has lost its files.
    """
    with _tables(connection):
        for side, version in zip(_SIDES, (old, new), strict=True):
            _fill(connection, side, version)
        changes = tuple(_changes(connection, Dialect(new.dialect), limit))
    points = {part.value: (old.points.get(part, 0), new.points.get(part, 0)) for part in Part}
    return DatasetComparison(old.name, new.name, tuple(_about(old, new)), points, changes)


def _about(old: DatasetVersion, new: DatasetVersion) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        if old.parameters.get(name) != new.parameters.get(name):
            yield name, old.parameters.get(name), new.parameters.get(name)
    if old.template_sha256 != new.template_sha256:
        yield "template", _template(old), _template(new)
    for name in ("dialect", "code_version"):
        if getattr(old, name) != getattr(new, name):
            yield name, getattr(old, name), getattr(new, name)


def _template(version: DatasetVersion) -> str:
    return f"{version.template} ({version.template_sha256[:12]})"


@contextmanager
def _tables(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")  # one view of the database, and no commit for each row
    try:
        for side in _SIDES:
            connection.execute(
                f"CREATE TEMP TABLE {side}_text (step_id INTEGER NOT NULL, rephrasing_id INTEGER NOT NULL, conversation_id"
                " INTEGER NOT NULL, part TEXT NOT NULL, said TEXT, commands TEXT, PRIMARY KEY (step_id, rephrasing_id))"
                " WITHOUT ROWID"
            )
        yield
    finally:
        connection.execute("ROLLBACK")


def _fill(connection: sqlite3.Connection, side: str, version: DatasetVersion) -> None:
    """Each text of a step once; 0 for the original. All rows of a test are on one side."""
    connection.execute(
        f"INSERT INTO {side}_text (step_id, rephrasing_id, conversation_id, part) SELECT p.step_id,"
        " coalesce(p.rephrasing_id, 0), s.conversation_id, min(p.part) FROM data_point p JOIN user_step s ON s.id = p.step_id"
        " WHERE p.dataset_id = ? GROUP BY 1, 2",
        (version.id,),
    )
    connection.executemany(
        f"UPDATE {side}_text SET said = ?, commands = ? WHERE step_id = ? AND rephrasing_id = ? AND said IS NULL",
        ((one["said"], one["commands"], one["step"], one["rephrasing"] or 0) for one in all_lineage_data(version)),
    )


_BOTH = "new_text n JOIN old_text o ON o.step_id = n.step_id AND o.rephrasing_id = n.rephrasing_id"
_TESTS = (
    "SELECT c.name, c.file, c.name, c.line, x.old, x.new FROM ({rows}) x JOIN conversation c ON c.id = x.conversation_id"
    " ORDER BY c.file, c.line, c.id LIMIT ?"
)
_TEXTS = (
    "SELECT x.text, c.file, c.name, s.line, x.old, x.new FROM ({rows}) x JOIN user_step s ON s.id = x.step_id"
    " JOIN conversation c ON c.id = s.conversation_id ORDER BY c.file, c.id, s.ordinal, x.rephrasing_id LIMIT ?"
)


def _changes(connection: sqlite3.Connection, dialect: Dialect, limit: int) -> Iterator[Changes]:
    def tests(what: str, rows: str) -> Changes:
        return _counted(connection, what, rows, _TESTS, limit)

    def texts(what: str, rows: str) -> Changes:
        return _counted(connection, what, rows, _TEXTS, limit)

    for what, here, there in (("tests that came", "new", "old"), ("tests that went", "old", "new")):
        yield tests(
            what,
            f"SELECT DISTINCT conversation_id, '' AS old, '' AS new FROM {here}_text WHERE conversation_id NOT IN"
            f" (SELECT conversation_id FROM {there}_text)",
        )
    yield tests(
        "tests that changed sides",
        "SELECT o.conversation_id, o.part AS old, n.part AS new FROM (SELECT conversation_id, min(part) AS part FROM old_text"
        " GROUP BY 1) o JOIN (SELECT conversation_id, min(part) AS part FROM new_text GROUP BY 1) n"
        " ON n.conversation_id = o.conversation_id WHERE n.part <> o.part",
    )
    for what, here, there in (("user steps that came", "new", "old"), ("user steps that went", "old", "new")):
        yield texts(
            f"{what}, of tests in both",
            f"SELECT t.step_id, min(t.rephrasing_id) AS rephrasing_id, u.text, '' AS old, '' AS new FROM {here}_text t"
            f" JOIN user_step u ON u.id = t.step_id WHERE t.step_id NOT IN (SELECT step_id FROM {there}_text)"
            f" AND t.conversation_id IN (SELECT conversation_id FROM {there}_text) GROUP BY t.step_id",
        )
    for what, here, there in (("texts that came", "new", "old"), ("texts that went", "old", "new")):
        yield texts(
            f"{what}, of user steps in both",
            f"SELECT t.step_id, t.rephrasing_id, t.said AS text, '' AS old, '' AS new FROM {here}_text t WHERE NOT EXISTS"
            f" (SELECT 1 FROM {there}_text e WHERE e.step_id = t.step_id AND e.rephrasing_id = t.rephrasing_id)"
            f" AND t.step_id IN (SELECT step_id FROM {there}_text)",
        )
    labels = texts(
        "texts with another label",
        "SELECT n.step_id, n.rephrasing_id, n.said AS text, o.commands AS old, n.commands AS new"
        f" FROM {_BOTH} WHERE o.commands IS NOT n.commands",
    )
    shown = (Change(one.place, one.text, _label(one.old, dialect), _label(one.new, dialect)) for one in labels.first)
    yield Changes(labels.what, labels.count, tuple(shown))
    yield texts(
        "texts in other words",
        "SELECT n.step_id, n.rephrasing_id, n.said AS text, o.said AS old, n.said AS new"
        f" FROM {_BOTH} WHERE o.said IS NOT n.said",
    )


def _counted(connection: sqlite3.Connection, what: str, rows: str, listing: str, limit: int) -> Changes:
    (count,) = connection.execute(f"SELECT count(*) FROM ({rows})").fetchone()
    first = [
        Change(f"{file}:{line}" if line else f"{file}::{name}", text, old, new)
        for text, file, name, line, old, new in connection.execute(listing.format(rows=rows), (limit,))
    ]
    return Changes(what, int(count), tuple(first))


def _label(canonical: str, dialect: Dialect) -> str:
    return ", ".join(to_display(canonical, dialect))
