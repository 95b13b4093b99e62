"""Finds the files below folders, and reads the bytes of one. What cannot be read is always reported, never passed over."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core.conversations.recognise import HEAD, is_binary
from core.errors import Location, Problem, UsageError

_COVERAGE_REPORT = "coverage_report_for_passed_tests.csv"
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages", "__pypackages__"})


def _raise(error: OSError) -> None:
    raise error


def find_files(paths: Iterable[Path], on_error: Callable[[OSError], None] = _raise) -> list[Path]:
    """The files among `paths` and below the folders among them, sorted, each once.

    Folders are searched without hidden files and folders, virtual environments, installed packages, and the results of
    a coverage run (its passed.yml repeats the tests); links to folders are followed once, pipes and sockets passed over.
    A folder that cannot be searched, and a link to nothing, go to `on_error`. A path that does not exist is a UsageError
    that names it.
    """
    named = list(paths)
    missing = [str(path) for path in named if is_gone(path)]
    if missing:
        raise UsageError(f"No such file or folder: {', '.join(missing)}.", remedy="Check the path.")
    found: dict[str, Path] = {}
    for path in named:
        for file in _files_below(path, on_error) if os.path.isdir(path) else (path,):
            found.setdefault(os.path.realpath(file), file)
    return sorted(found.values(), key=lambda path: path.as_posix())


def is_gone(path: Path) -> bool:
    """Whether there is nothing at a path. Where nobody may look, there may be something."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def bytes_of(path: Path) -> bytes:
    """What is in a file, but only its first 64 KiB where those are binary: it may be a model of many gigabytes.

    Raises OSError where it cannot be read or is no regular file: reading a pipe may never end.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as file:
        head = file.read(HEAD)
        return head if is_binary(head) else head + file.read()


def unreadable(display_path: str, error: OSError) -> Problem:
    """The problem that an error of the operating system stands for."""
    return Problem(Location(display_path), f"cannot be read ({error.strerror})", "Check that you may read it.")


def _files_below(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    visited: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, onerror=on_error, followlinks=True):
        status = os.stat(root)
        if (status.st_dev, status.st_ino) in visited:  # a link back up
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not _is_skipped(root, name))
        for name in sorted(names):
            path = Path(root, name)
            try:
                if not name.startswith(".") and stat.S_ISREG(path.stat().st_mode):
                    yield path
            except OSError as error:
                on_error(error)


def _is_skipped(root: str, name: str) -> bool:
    if name.startswith(".") or name in _SKIPPED_FOLDERS:
        return True
    return any(os.path.exists(os.path.join(root, name, mark)) for mark in ("pyvenv.cfg", _COVERAGE_REPORT))
