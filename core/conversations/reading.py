"""Reads any file to the end and says what it is, what it holds, and everything that is wrong with it."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.conversations.annotations import read_conversations
from core.conversations.contexts import read_contexts
from core.conversations.e2e_tests import kind_of_tests, read_tests
from core.conversations.labels import read_labels
from core.conversations.models import Content, FileKind, ReadFile
from core.conversations.recognise import is_binary, kind_of_broken, kind_of_lines, kind_of_root, may_be_yaml
from core.conversations.training_rows import read_training_rows
from core.errors import UsageError
from core.yaml.findings import Findings, in_file_order
from core.yaml.source import compose, decode, single_mapping

_HEAD = 65_536
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages", "__pypackages__"})
_YAML_CONTENT = frozenset(
    {FileKind.E2E_TESTS, FileKind.DU_TESTS, FileKind.ANNOTATIONS, FileKind.REPHRASINGS, FileKind.CONTEXTS}
)


def read_file(path: Path, display_path: str) -> ReadFile:
    """Reads one file. Bad content never raises: it is among the problems, which name the file `display_path`."""
    findings = Findings(display_path)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if is_binary(head):  # may be a model of many gigabytes
                file.seek(0)
                return ReadFile(display_path, FileKind.OTHER, hashlib.file_digest(file, "sha256").hexdigest())
            data = head + file.read()
    except OSError as error:
        findings.problem_at(None, None, f"cannot be read ({error.strerror})", "Check that you may read it.")
        return ReadFile(display_path, FileKind.OTHER, "", None, tuple(findings.problems))
    return read_bytes(data, display_path)


def read_bytes(data: bytes, display_path: str) -> ReadFile:
    """Reads the content of a file that is in memory already."""
    findings = Findings(display_path)
    with _without_garbage_collection():
        try:
            kind, content = _read(data, findings)
        except RecursionError:
            kind, content = FileKind.OTHER, None
            findings.problem_at(None, None, "the file is nested too deeply", "Flatten it.")
    problems, warnings = in_file_order(findings.problems), in_file_order(findings.warnings)
    return ReadFile(display_path, kind, hashlib.sha256(data).hexdigest(), content, problems, warnings)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths` and below the folders among them, sorted, each once.

    Folders are searched without hidden files and folders, virtual environments and installed packages; links to folders
    are followed once. A path that does not exist is an error that names it.
    """
    named = list(paths)
    missing = [str(path) for path in named if not path.exists()]
    if missing:
        raise UsageError(f"No such file or folder: {', '.join(missing)}.", remedy="Check the path.")
    found: dict[Path, Path] = {}
    for path in named:
        for file in _files_below(path) if path.is_dir() else (path,):
            found.setdefault(file.resolve(), file)
    return sorted(found.values(), key=lambda path: path.as_posix())


def _files_below(folder: Path) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in visited:  # a link back up
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not _is_skipped(root, name))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _is_skipped(root: str, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED_FOLDERS or os.path.exists(os.path.join(root, name, "pyvenv.cfg"))


def _read(data: bytes, findings: Findings) -> tuple[FileKind, Content]:
    if is_binary(data[:_HEAD]):
        return FileKind.OTHER, None
    encoding = Findings(findings.path)
    text = decode(data, encoding)
    if text is None:
        kind = _kind_of_undecodable(data)
        if kind is not FileKind.OTHER:
            findings.adopt(encoding)
        return kind, None
    kind = kind_of_lines(text)
    if kind is FileKind.TRAINING_ROWS:
        return kind, read_training_rows(text, findings)
    if kind is not FileKind.OTHER:
        return kind, read_labels(text, findings)
    return _read_yaml(text, findings) if may_be_yaml(text) else (FileKind.OTHER, None)


def _read_yaml(text: str, findings: Findings) -> tuple[FileKind, Content]:
    documents = compose(text, findings.path)
    kinds = [kind_of_root(root) for root in documents.roots] or [kind_of_broken(text)]
    kind = next((kind for kind in kinds if kind in _YAML_CONTENT), kinds[0])
    if kind not in _YAML_CONTENT:
        return kind, None
    findings.adopt(documents.findings)
    root = None if documents.findings.problems else single_mapping(documents, text, findings)
    if root is None:
        return kind, None
    if kind is FileKind.CONTEXTS:
        return kind, read_contexts(root, findings)
    if kind is FileKind.E2E_TESTS:
        tests = read_tests(root, findings)
        return kind_of_tests(tests), tests
    return kind, read_conversations(root, findings)


def _kind_of_undecodable(data: bytes) -> FileKind:
    """Whether a file that is not UTF-8 would be one of ours if it were."""
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if is_utf16 else "latin-1", "replace")
    text = text.removeprefix("\ufeff")
    kind = kind_of_lines(text)
    return kind if kind is not FileKind.OTHER else kind_of_broken(text)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Nodes form no cycles, but there are millions: without collections in between, reading takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
