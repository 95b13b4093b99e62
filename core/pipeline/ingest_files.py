"""Which files an ingest reads: those it was given and those that waited for them; and which have nothing to say now."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.conversations.models import FileKind, ReadFile
from core.conversations.reading import find_files, read_bytes, read_file
from core.conversations.recognise import is_binary
from core.pipeline.export_tree import MANIFEST
from core.pipeline.ingest_report import IngestReport
from core.project import Project

WAITING = "waiting:"
"""Before a source's digest: some of its rows name a test that is not in the project yet."""
GONE = "gone"
"""In place of the digest of a source that is no longer there, or no longer holds anything of ours."""

UNSTORED = (FileKind.OTHER, FileKind.ASSISTANT, FileKind.TEST_CONFIG, FileKind.TEST_RESULTS, FileKind.EXPORT)
_TESTS = (FileKind.E2E_TESTS, FileKind.DU_TESTS, FileKind.ANNOTATIONS, FileKind.REPHRASINGS)
_HEAD = 65_536


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
        path: (sha256, FileKind(kind)) for path, kind, sha256 in connection.execute("SELECT path, kind, sha256 FROM source")
    }
    found = Gathered(kinds={path: kind for path, (_, kind) in sources.items()})
    files = _without_own_exports(connection, find_files(paths), report)
    for done, path in enumerate(files):
        progress("reading", done, len(files))
        name = project.relative(path)
        known = sources[name][0] if name in sources else ""
        read = _read(path, name, known)
        if read is None:
            report.unchanged_files += 1
            continue
        found.kinds[name] = read.kind
        report.files[read.kind] += 1
        report.warnings += read.warnings
        if read.problems:
            report.bad_files.append(name)
            report.problems += read.problems
        elif read.kind not in UNSTORED:
            found.good.append(read)
        elif known not in ("", GONE):
            found.gone.append(name)
    progress("reading", len(files), len(files))
    found.gone += _missing(project, sources, paths)
    if found.gone or any(read.kind in _TESTS for read in found.good):
        given = {project.relative(path) for path in files}
        found.good += _companions(project, sources, given)
    return found


def _read(path: Path, name: str, known: str) -> ReadFile | None:
    """None if the file's bytes are the known ones. A model of many gigabytes is never read whole."""
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD)
            if is_binary(data):
                return ReadFile(name, FileKind.OTHER, "")
            data += file.read()
    except OSError:
        return read_file(path, name)  # says what is wrong with it
    return None if hashlib.sha256(data).hexdigest() == known else read_bytes(data, name)


def _without_own_exports(connection: sqlite3.Connection, files: list[Path], report: IngestReport) -> list[Path]:
    """Leave out what lies below a manifest this project's exports have written: the project knows all of it."""
    manifests = {row[0] for row in connection.execute("SELECT manifest_sha256 FROM export")}
    if not manifests:
        return files

    @cache
    def is_own(folder: Path) -> bool:
        manifest = folder / MANIFEST
        try:
            if manifest.is_file() and hashlib.sha256(manifest.read_bytes()).hexdigest() in manifests:
                return True
        except OSError:
            pass  # read again, and reported, as a file of its own
        return folder.parent != folder and is_own(folder.parent)

    kept = [path for path in files if not is_own(path.resolve().parent)]
    if len(kept) < len(files):
        report.evidence["files of an export of this project"] += len(files) - len(kept)
    return kept


def _missing(project: Project, sources: dict[str, tuple[str, FileKind]], paths: Iterable[Path]) -> list[str]:
    """Sources below one of the given folders that no longer exist."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    missing = []
    for name, (known, _) in sources.items():
        path = project.root / name
        if known != GONE and not path.is_file() and any(path.resolve().is_relative_to(folder) for folder in folders):
            missing.append(name)
    return missing


def _companions(project: Project, sources: dict[str, tuple[str, FileKind]], given: set[str]) -> list[ReadFile]:
    """Files that speak of tests elsewhere: new tests may be those that they wait for. Changed ones are left alone."""
    found = []
    for name, (known, kind) in sources.items():
        path = project.root / name
        if name in given or not (known.startswith(WAITING) or kind is FileKind.CONTEXTS) or not path.is_file():
            continue
        read = read_file(path, name)
        if read.sha256 == known.removeprefix(WAITING) and not read.problems:
            found.append(read)
    return found
