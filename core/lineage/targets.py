"""What `workbench why` can be asked about, and how a text names it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from core.commands import SetSlot, describe, from_json, parse_any
from core.dataset.models import Part
from core.errors import UsageError
from core.lineage.command_pattern import CommandPattern, known_commands
from core.project import Project
from core.yaml.findings import nearest

KINDS = (
    "a row (`val:12`, or `FILE.jsonl:12` of an export), a command (`start flow renew_loan`, `set slot title`),"
    " a test (`FILE::name` or `FILE:line`), or a rephrasing (`#7`, or its text in quotes)"
)
_ROW = re.compile(rf"({'|'.join(Part)}):(\d{{1,18}})")
_ID = re.compile(r"#(\d{1,18})")
_PLACE = re.compile(r"(.+):(\d{1,18})")
_OCCURRENCE = re.compile(r"(.+)#(\d{1,9})")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“"}
_NAMES_COMPARED = 5_000


@dataclass(frozen=True, slots=True)
class RowTarget:
    part: Part
    number: int


@dataclass(frozen=True, slots=True)
class FileRowTarget:
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class TestTarget:
    """`step_id`: of the user step that a line named; None: the whole test."""

    __test__ = False

    conversation_id: int
    step_id: int | None = None


@dataclass(frozen=True, slots=True)
class TextTarget:
    """What a user says: rephrasings and user steps with this text, the newest first."""

    text: str
    rephrasings: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommandTarget:
    pattern: CommandPattern


Target = RowTarget | FileRowTarget | TestTarget | TextTarget | CommandTarget


def find_target(project: Project, connection: sqlite3.Connection, text: str) -> Target:
    """Paths are looked for as the project names its files, then as seen from the current folder.

    Raises:
        UsageError: the project has nothing of that name; the message says what is near and which kinds of target there are.
    """
    text = text.strip()
    if row := _ROW.fullmatch(text):
        return RowTarget(Part(row[1]), int(row[2]))
    if id_ := _ID.fullmatch(text):
        return _by_id(connection, int(id_[1]))
    if text[:1] in _QUOTES and text.endswith(_QUOTES[text[0]]) and len(text) > 2:
        return _said(connection, text[1:-1]) or _nothing(connection, text)
    if "::" in text and (test := _test(project, connection, text)) is not None:
        return test
    if (place := _PLACE.fullmatch(text)) and (found := _at_line(project, connection, place[1], int(place[2]))) is not None:
        return found
    if text and (parsed := parse_any(text)).complete and parsed.found:
        return CommandTarget(CommandPattern(text, parsed.found))
    found_so = _said(connection, text) or _begins_commands(connection, text) or _only_test(connection, text)
    return found_so or _nothing(connection, text)


def _by_id(connection: sqlite3.Connection, id_: int) -> TextTarget:
    row = connection.execute("SELECT coalesce(edited_text, text) FROM rephrasing WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise UsageError(f"there is no rephrasing #{id_}", remedy="`workbench conversations show` and `review list` print ids.")
    return TextTarget(row[0], (id_,), ())


def _said(connection: sqlite3.Connection, text: str) -> TextTarget | None:
    rephrasings = connection.execute(
        "SELECT id FROM rephrasing WHERE text = ?1 OR edited_text = ?1 ORDER BY active DESC, id DESC", (text,)
    ).fetchall()
    steps = connection.execute(
        "SELECT id FROM user_step WHERE text = ? AND active = 1 ORDER BY conversation_id, ordinal", (text,)
    ).fetchall()
    if not rephrasings and not steps:
        return None
    return TextTarget(text, tuple(id_ for (id_,) in rephrasings), tuple(id_ for (id_,) in steps))


def _test(project: Project, connection: sqlite3.Connection, text: str) -> TestTarget | None:
    """`FILE::name`, with `#2` behind the name for the second test of that name."""
    path, _, name = text.partition("::")
    files = _files(project, connection, path)
    occurrence = 1
    if (numbered := _OCCURRENCE.fullmatch(name)) and not _ids(connection, files, name, 1):
        name, occurrence = numbered[1], int(numbered[2])
    found = _ids(connection, files, name, occurrence)
    if len(found) > 1:
        raise UsageError(f"more than one file has a test `{text}`", remedy=f"Write more of the path: {', '.join(files)}.")
    if found:
        return TestTarget(found[0])
    if files:
        names = [row[0] for row in _names(connection, files)]
        near = nearest(name, names)
        remedy = (
            f"Did you mean `{files[0]}::{near}`?" if near else f"`workbench conversations list file:{files[0]}` shows them."
        )
        raise UsageError(f"there is no test `{name}` in {', '.join(files)}", remedy=remedy)
    return None


def _names(connection: sqlite3.Connection, files: list[str]) -> list[tuple[str]]:
    marks = ", ".join("?" * len(files))
    return connection.execute(
        f"SELECT DISTINCT name FROM conversation WHERE file IN ({marks}) LIMIT {_NAMES_COMPARED}", files
    ).fetchall()


def _ids(connection: sqlite3.Connection, files: list[str], name: str, occurrence: int) -> list[int]:
    marks = ", ".join("?" * len(files))
    rows = connection.execute(
        f"SELECT id FROM conversation WHERE name = ? AND occurrence = ? AND file IN ({marks}) ORDER BY active DESC",
        (name, occurrence, *files),
    ).fetchall()
    return [id_ for (id_,) in rows]


def _files(project: Project, connection: sqlite3.Connection, path: str) -> list[str]:
    """Names that the database has for the file: as it stands, from the current folder, or the end of one."""
    for name in (path, project.relative(Path(path))):
        if connection.execute("SELECT 1 FROM conversation WHERE file = ? LIMIT 1", (name,)).fetchone():
            return [name]
    ending = f"/{path}"
    rows = connection.execute("SELECT DISTINCT file FROM conversation WHERE substr(file, -?) = ?", (len(ending), ending))
    return [file for (file,) in rows.fetchall()]


def _at_line(project: Project, connection: sqlite3.Connection, path: str, line: int) -> Target | None:
    for file in _files(project, connection, path):
        row = connection.execute(
            "SELECT id FROM conversation WHERE file = ? AND active = 1 AND line <= ? ORDER BY line DESC LIMIT 1", (file, line)
        ).fetchone()
        if row is None:
            raise UsageError(f"{file}:{line} stands above the first test", remedy=f"`workbench why {file}::NAME` names a test.")
        step = connection.execute(
            "SELECT id FROM user_step WHERE conversation_id = ? AND active = 1 AND line = ?", (row[0], line)
        ).fetchone()
        return TestTarget(row[0], None if step is None else step[0])
    for candidate in (Path(path), project.root / path):
        if candidate.is_file():
            return FileRowTarget(candidate.resolve(), line)
    return None


def _begins_commands(connection: sqlite3.Connection, text: str) -> CommandTarget | None:
    pattern = CommandPattern(text)
    if pattern.words and any(pattern.matches(canonical) for canonical in known_commands(connection)):
        return CommandTarget(pattern)
    return None


def _only_test(connection: sqlite3.Connection, name: str) -> TestTarget | None:
    """The test of this name, if no other has it."""
    found = connection.execute("SELECT id FROM conversation WHERE active = 1 AND name = ? LIMIT 2", (name,)).fetchall()
    return TestTarget(found[0][0]) if len(found) == 1 else None


def _nothing(connection: sqlite3.Connection, text: str) -> Target:
    """Raises UsageError. Tests are compared by name, commands by their words."""
    path, _, name = text.partition("::")
    if name:
        raise UsageError(f"no test file of the project is called `{path}`", remedy=f"Targets are {KINDS}.")
    near = _near_test(connection, text) or nearest(CommandPattern(text).words, _described(connection))
    remedy = f"Did you mean `{near}`? " if near else ""
    raise UsageError(f"there is nothing called `{text}` in this project", remedy=f"{remedy}Targets are {KINDS}.")


def _near_test(connection: sqlite3.Connection, text: str) -> str | None:
    tests = connection.execute(f"SELECT name, file FROM conversation WHERE active = 1 LIMIT {_NAMES_COMPARED}").fetchall()
    files: dict[str, str] = dict(tests)
    near = text if text in files else nearest(text, files)
    return None if near is None else f"{files[near]}::{near}"


def _described(connection: sqlite3.Connection) -> list[str]:
    """Commands as they can be asked about: without the values of slots, which are many."""
    found: dict[str, None] = {}
    for canonical in known_commands(connection):
        for command in from_json(canonical):
            found[f"set slot {command.name}" if isinstance(command, SetSlot) else describe(command)] = None
    return list(found)
