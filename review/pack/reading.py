"""Reads a file of a pack: its header and its rows. All that is wrong is found, with its place, before anything is done."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.commands import Dialect
from core.conversations.jsonl import Row, read_rows
from core.errors import InputError, Location, Problem
from core.yaml.findings import Findings, did_you_mean, in_file_order
from core.yaml.source import decode
from review.pack.models import FORMAT, MARK, Header, Kind

MOST_BYTES: Final = 256 << 20
LONGEST_LINE: Final = 4 << 20
"""Characters. A record with a whole conversation has some thousands."""

_SHOWN: Final = 100
_KIND_NAMES: Final = tuple(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class PackFile:
    """`rows`: all lines but the first; those that are no JSON are among the findings. `changed_at`: ISO 8601, UTC."""

    path: Path
    header: Header
    rows: tuple[Row, ...]
    findings: Findings
    sha256: str
    changed_at: float


def read_pack(path: Path) -> PackFile:
    """Read the header and split the rest into rows.

    Raises:
        InputError: it cannot be read, or its first line is no header of a pack that this version knows.
    """
    findings = Findings(str(path))
    data, changed_at = _bytes_of(path, findings)
    text = None if findings.problems else decode(data, findings)
    if text is None:
        raise_if_wrong([findings])
        raise AssertionError("a file without text has a problem")
    rows = list(read_rows(_without_long_lines(text, findings), findings))
    first = next((number for number, line in enumerate(text.split("\n"), start=1) if line.strip()), 1)
    start = Findings(str(path))
    if any(problem.where.line == first for problem in findings.problems):
        start.problems += [problem for problem in findings.problems if problem.where.line == first]
    header = None if start.problems else _header(rows[0] if rows else None, start)
    if header is None:  # the rest cannot be understood without it
        raise_if_wrong([start])
        raise AssertionError("a file without a header has a problem")
    for row in rows[1:]:
        if MARK in row.values:
            row.problem("a second first line of a pack", "Give several files one by one, not joined.", at=MARK)
    kept = tuple(row for row in rows[1:] if row.ok)
    return PackFile(path, header, kept, findings, hashlib.sha256(data).hexdigest(), changed_at)


def raise_if_wrong(findings: Sequence[Findings]) -> None:
    """Raises InputError with every problem, in the order of files and lines, if there is any."""
    problems = [problem for one in findings for problem in in_file_order(one.problems)]
    if not problems:
        return
    count = f"{len(problems):,} problem" + ("" if len(problems) == 1 else "s")
    shown = tuple(_printable(problem) for problem in problems[:_SHOWN])
    rest = f" (the first {_SHOWN} are listed)" if len(problems) > _SHOWN else ""
    raise InputError(f"{count}{rest}; nothing was changed", shown, remedy="Mend the file and give it again.")


def _printable(problem: Problem) -> Problem:
    """What stands in a file of others must not steer the terminal."""
    what, offending = (
        "".join(character if character.isprintable() else "\ufffd" for character in text)
        for text in (problem.what, problem.offending)
    )
    return replace(problem, what=what, offending=offending)


def _bytes_of(path: Path, findings: Findings) -> tuple[bytes, float]:
    """All of a regular file: a pipe may never end."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                findings.problem_at(None, None, "not a regular file", "Name a file.")
            elif found.st_size > MOST_BYTES:
                findings.problem_at(None, None, f"larger than {MOST_BYTES >> 20} MiB", "Make smaller packs: --limit.")
            else:
                return file.read(), found.st_mtime
    except OSError as error:
        findings.problem_at(None, None, f"cannot be read ({error.strerror})", "Check that it exists and that you may read it.")
    return b"", 0.0


def _without_long_lines(text: str, findings: Findings) -> str:
    if len(text) <= LONGEST_LINE:
        return text
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if len(line) > LONGEST_LINE:
            findings.problem_at(at + 1, 1, f"a line of more than {LONGEST_LINE:,} characters", "It is no line of a pack.", line)
            lines[at] = ""
    return "\n".join(lines)


def _header(row: Row | None, findings: Findings) -> Header | None:
    if row is None or MARK not in row.values:
        findings.problem_at(
            1, 1, f"not a pack: the first line has no `{MARK}`",
            "Name a file that `workbench review pack` or the app wrote; if its first line was removed, put it back.",
        )  # fmt: skip
        return None
    row = Row(row.line, row.source, row.values, findings)
    version = row.values[MARK]
    if type(version) is not int or version < 1:
        row.problem(f"`{MARK}` must be the version of the format, found", f"Write {FORMAT}.", version, at=MARK)
        return None
    if version > FORMAT:
        row.problem(
            f"made by a newer Workbench (format {version}, known here: {FORMAT})",
            "Update with `uv tool upgrade finetune-workbench`.", at=MARK,
        )  # fmt: skip
        return None
    kind, project, round_ = row.text("kind"), row.text("project", empty=True), row.text("round")
    key = row.text("key")
    dialect, overlap = row.text("dialect"), row.number("overlap", required=True)
    made_by, made_at = row.text("made_by", empty=True), row.text("made_at", empty=True)
    guidelines = row.text("guidelines", required=False, empty=True) or ""
    if kind is not None and kind not in _KIND_NAMES:
        row.problem("`kind` must be hand-out or hand-in, found", did_you_mean(kind, _KIND_NAMES), kind, at="kind")
    for name, value in (("project", project), ("round", round_), ("key", key), ("made_by", made_by)):
        if value is not None and not value.isprintable():
            row.problem(f"`{name}` holds a character that cannot be printed", "Remove it.", value, at=name)
    if dialect is not None and dialect not in set(Dialect):
        row.problem("unknown dialect", f"Known: {', '.join(Dialect)}.", dialect, at="dialect")
    if None in (kind, project, round_, key, dialect, overlap, made_by, made_at) or not row.ok:
        return None
    assert kind is not None
    assert project is not None
    assert round_ is not None
    assert key is not None
    assert dialect is not None
    assert overlap is not None
    assert made_by is not None
    assert made_at is not None
    handed_to = row.text("for", required=False)
    annotator = row.text("annotator", required=False) if kind == Kind.HAND_IN else None
    blind = row.values.get("blind") is True
    header = Header(
        Kind(kind), project, round_, key, dialect, overlap, made_by, made_at, handed_to, annotator, blind, guidelines
    )
    return header if row.ok else None


def problem_in(path: Path, what: str, fix: str) -> InputError:
    """A file that is sound, and not what is asked for."""
    return InputError(what, (Problem(Location(str(path), 1, 1), what, fix),), remedy=fix)
