"""Which files an ingest reads: those it was given and those that waited for them; and which have nothing to say now."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.conversations.files import bytes_of, find_files, is_gone, unreadable
from core.conversations.models import FileKind, ReadFile
from core.conversations.reading import read_bytes, read_file
from core.dataset.holdout_file import dataset_of_holdout_file
from core.errors import Location, Problem
from core.export.folder import written_files
from core.pipeline.ingest_report import IngestReport
from core.project import Project, printable

WAITING = "waiting:"
"""Before a source's digest: some of its rows name a test that is not in the project yet."""
GONE = "gone"
"""In place of the digest of a source that is no longer there, or no longer holds anything of ours."""

UNSTORED = (FileKind.OTHER, FileKind.ASSISTANT, FileKind.TEST_CONFIG, FileKind.TEST_RESULTS, FileKind.EXPORT)
_TESTS = (FileKind.E2E_TESTS, FileKind.DU_TESTS, FileKind.ANNOTATIONS, FileKind.REPHRASINGS)


@dataclass
class Gathered:
    """`good`: new or changed files without a problem. `gone`: paths of sources that hold nothing any more."""

    good: list[ReadFile] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    kinds: dict[str, FileKind] = field(default_factory=dict)


def gather(
    project: Project,
    connection: sqlite3.Connection,
    paths: Sequence[Path],
    report: IngestReport,
    progress: Callable[[str, int, int], None],
) -> Gathered:
    """Read `paths` to the end, and with new tests whatever waited for them. Notes in `report` what was found."""
    sources = {
        path: (sha256, FileKind(kind))
        for path, kind, sha256 in connection.execute(
            "SELECT path, kind, sha256 FROM source WHERE kind <> ?", (FileKind.STAGE.value,)
        )
    }
    found = Gathered(kinds={path: kind for path, (_, kind) in sources.items()})
    everything = find_files(paths, on_error=lambda error: _report_unreadable(project, error, report))
    files = _without_exports(project, everything, paths, report)
    for done, path in enumerate(files):
        progress("reading", done, len(files))
        relative = project.relative(path)
        name = printable(relative)
        known = sources[name][0] if name in sources else ""
        read = _read(path, name, known)
        if read is None:
            report.unchanged_files += 1
            continue
        found.kinds[name] = read.kind
        if not (read.problems and read.kind is FileKind.OTHER):  # what it is could not be told
            report.files[read.kind] += 1
        report.warnings += read.warnings
        problems = read.problems
        if name != relative and read.kind not in UNSTORED:
            problems = (Problem(Location(name), "the file's name is not UTF-8", "Rename it."), *problems)
        if problems:
            report.bad_files.append(name)
            report.problems += problems
        elif read.kind not in UNSTORED:
            found.good.append(read)
        else:
            report.unstored.append((name, read.kind))
            if known not in ("", GONE):
                found.gone.append(name)
    progress("reading", len(files), len(files))
    found.gone += _missing(project, sources, paths)
    if found.gone or any(read.kind in _TESTS for read in found.good):
        given = {project.relative(path) for path in files}
        found.good += _companions(project, sources, given)
    return found


def _read(path: Path, name: str, known: str) -> ReadFile | None:
    """None if the file's bytes are the known ones."""
    try:
        data = bytes_of(path)
    except OSError as error:
        return ReadFile(name, FileKind.OTHER, "", None, (unreadable(name, error),))
    return None if hashlib.sha256(data).hexdigest() == known else read_bytes(data, name)


def _report_unreadable(project: Project, error: OSError, report: IngestReport) -> None:
    """Of a folder that cannot be searched, or a link to nothing, which is named and not what it points to."""
    path = Path(error.filename)
    name = printable((Path(project.relative(path.parent)) / path.name).as_posix())
    report.bad_files.append(name)
    report.problems.append(unreadable(name, error))


def _without_exports(project: Project, files: list[Path], given: Sequence[Path], report: IngestReport) -> list[Path]:
    """Leave out what lies below the manifest of an export, whoever wrote it: read back, its rows would be data anew. And the
    rows of a holdout, which would come into train.

    A file that is named itself is read all the same.
    """

    @cache
    def export_around(folder: Path) -> Path | None:
        if written_files(folder) is not None:
            return folder
        return export_around(folder.parent) if folder.parent != folder else None

    named = {os.path.realpath(path) for path in given if not os.path.isdir(path)}
    kept = []
    for path in files:
        real = os.path.realpath(path)
        export = None if real in named else export_around(Path(real).parent)
        if export is None and real not in named and dataset_of_holdout_file(path):
            export = path
        if export is None:
            kept.append(path)
        else:
            report.passed_over[printable(project.relative(export))] += 1
    return kept


def _missing(project: Project, sources: dict[str, tuple[str, FileKind]], paths: Iterable[Path]) -> list[str]:
    """Sources below one of the given folders that no longer exist."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    missing = []
    for name, (known, _) in sources.items():
        path = project.root / name
        if known != GONE and is_gone(path) and any(path.resolve().is_relative_to(folder) for folder in folders):
            missing.append(name)
    return missing


def _companions(project: Project, sources: dict[str, tuple[str, FileKind]], given: set[str]) -> list[ReadFile]:
    """Files that speak of tests elsewhere: new tests may be those that they wait for. Changed ones are left alone."""
    found = []
    for name, (known, kind) in sources.items():
        if name in given or not (known.startswith(WAITING) or kind is FileKind.CONTEXTS):
            continue
        read = read_file(project.root / name, name)
        if read.sha256 == known.removeprefix(WAITING) and not read.problems:
            found.append(read)
    return found
