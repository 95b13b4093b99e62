"""Which test of the project a file means when it names one: `e2e_tests/orders.yml::user cancels`.

Such paths are relative to the assistant's folder, wherever the naming file lies: an output tree may sit in it, labels
beside it. A test is looked for on disk upward from the naming file, then among the stored tests by the end of the path.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from functools import lru_cache
from pathlib import PurePosixPath

from core.project import Project

_LEVELS_UP = 6


class References:
    """Resolves test references of one ingest. Paths it returns are as the database names them."""

    def __init__(self, project: Project, connection: sqlite3.Connection) -> None:
        self._project = project
        self._connection = connection
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for (file,) in connection.execute("SELECT DISTINCT file FROM conversation"):
            self.remember(file)
        self._on_disk = lru_cache(maxsize=None)(self._find_on_disk)

    def remember(self, file: str) -> None:
        """A test file that is stored (or about to be)."""
        self._by_name[PurePosixPath(file).name].add(file)

    def resolve(self, reference: str, named_in: str, assistant: str | None = None) -> str:
        """The path of the test file that `reference` means in the file `named_in` (as the database names it)."""
        clean = _clean(reference)
        folder = str(PurePosixPath(named_in).parent)
        on_disk = self._on_disk(clean, folder)
        if on_disk is not None:
            return on_disk
        ending = PurePosixPath(assistant, clean) if assistant else PurePosixPath(clean)
        candidates = [
            file
            for file in self._by_name.get(PurePosixPath(clean).name, ())
            if PurePosixPath(file).parts[-len(ending.parts) :] == ending.parts
        ]
        if candidates:
            near = PurePosixPath(named_in).parts
            return max(sorted(candidates), key=lambda file: _shared(PurePosixPath(file).parts, near))
        return str(ending)

    def _find_on_disk(self, reference: str, folder: str) -> str | None:
        here = (self._project.root / folder).resolve()
        for ancestor in (here, *here.parents)[:_LEVELS_UP]:
            candidate = ancestor / reference
            if os.path.isfile(candidate):  # unlike Path.is_file, also where a folder may not be searched
                return self._project.relative(candidate)
        return None


def _clean(reference: str) -> str:
    parts = [part for part in PurePosixPath(reference.replace("\\", "/")).parts if part not in (".", "..", "/")]
    return str(PurePosixPath(*parts)) if parts else reference


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
