"""The process that works on datasets for the app: builds, preflights and measures, so that keys never wait for it.

`python -m tui.dataset_process REQUEST`: told what to do in JSON; tells in lines of JSON on stdout how far it is and at last
what came of it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import WorkbenchError
from core.project import Project

if TYPE_CHECKING:
    from core.dataset.models import DatasetVersion

TELL_EVERY = 0.1
"""Seconds."""
NICENESS = 10
"""On a busy machine the keys come first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`dataset`: name of the version. `words`: what came of it. `is_good`: False where a preflight stops the training."""

    dataset: str
    words: str = "done"
    is_good: bool = True


def carry_out(request: Mapping[str, Any], tell: Callable[[str, int, int], None]) -> Outcome:
    """`do`: build, preflight or quality.

    Raises:
        WorkbenchError: it cannot be done; the message says why.
    """
    project = Project(Path(request["root"]))
    if request["do"] == "build":
        from core.dataset.build import build
        from core.dataset.models import DatasetOptions

        options = DatasetOptions(**request["options"])
        return Outcome(build(project, options, reviewer=request["reviewer"], progress=tell).name)
    from core.store.datasets import find_dataset

    with closing(project.open()) as connection:
        version = find_dataset(project, connection, request["dataset"])
        if request["do"] == "preflight":
            return _preflight(connection, version, request["options"], tell)
        from core.dataset.quality.stored import quality_of

        quality_of(version, progress=tell)
    return Outcome(version.name)


def _preflight(
    connection: sqlite3.Connection, version: DatasetVersion, asked: Mapping[str, Any], tell: Callable[[str, int, int], None]
) -> Outcome:
    from core.preflight.options import PreflightOptions
    from core.preflight.run import preflight
    from core.preflight.stored import blocking, save_preflight
    from core.preflight.text import verdict

    options = PreflightOptions(**{**asked, "waived": tuple(asked["waived"])})
    report = preflight(version, options, progress=tell)
    save_preflight(connection, version.id, report)
    stopping = blocking(report, options.waived)
    return Outcome(version.name, verdict(report, stopping), not stopping)


class _Teller:
    def __init__(self) -> None:
        self._last, self._what = 0.0, ""

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if what != self._what or now - self._last >= TELL_EVERY:
            self._last, self._what = now, what
            _say({"what": what, "done": done, "total": total})


def _say(data: Mapping[str, Any]) -> None:
    """Whoever listened may be gone: then there is nothing more to do."""
    try:
        print(json.dumps(data), flush=True)
    except BrokenPipeError:
        os._exit(1)


def main() -> None:
    os.nice(NICENESS)
    try:
        _say({"outcome": asdict(carry_out(json.loads(sys.argv[1]), _Teller()))})
    except WorkbenchError as error:
        _say({"error": {"what": error.what, "remedy": error.remedy, "where": str(error.where or "")}})


if __name__ == "__main__":
    main()
