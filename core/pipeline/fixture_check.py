"""Names of fixtures that a test uses and nothing defines: it could not be run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.conversations.models import ReadFile, TestFile
from core.errors import Location, Problem
from core.testing.fixtures import FixtureFolders, fixtures_of


def undefined_fixtures(root: Path, files: Iterable[ReadFile]) -> Iterator[Problem]:
    """One warning for each fixture that neither a test's file nor a `conftest.yml` above it (up to `root`) defines."""
    folders = FixtureFolders(root)
    for read in files:
        if not isinstance(read.content, TestFile) or not any("fixtures" in case.extra for case in read.content.cases):
            continue
        defined = {*fixtures_of(read.content.preamble.get("fixtures")), *folders.visible_from(root / read.path)}
        for case in read.content.cases:
            for name in case.extra.get("fixtures") or ():
                if name not in defined:
                    where = Location(read.path, case.line, case.column)
                    fix = "Define it under `fixtures:` of this file or in a conftest.yml."
                    yield Problem(where, f"test `{case.name}` uses an unknown fixture", fix, str(name))
