"""Which tests did not pass when they were run last: kept beside the project's database for `--failed-first`."""

from __future__ import annotations

import json
from pathlib import Path

from core.testing.cases import TestKey
from core.testing.results import RunResult

NAME = "last_tests.json"


def read_failed(folder: Path) -> frozenset[TestKey]:
    """None are known where there is no such file, or it cannot be used: the order is all that depends on it."""
    try:
        rows = json.loads((folder / NAME).read_text(encoding="utf-8"))["failed"]
        return frozenset((str(file), str(name), int(occurrence)) for file, name, occurrence in rows)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def write_failed(folder: Path, result: RunResult) -> None:
    """Tests that were not part of this run stay as they were. A folder that cannot be written is left alone."""
    ran = {(case.file, case.name, case.occurrence) for case in result.cases}
    failed = {(case.file, case.name, case.occurrence) for case in result.cases if not case.passed}
    rows = sorted((read_failed(folder) - ran) | failed)
    try:
        (folder / NAME).write_text(json.dumps({"failed": rows}, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    except OSError:
        return
