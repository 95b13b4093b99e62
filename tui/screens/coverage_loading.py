"""What the Coverage screen shows: the latest run, and the files of flows as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from textual.message import Message

from core.coverage.report import CoverageReport
from core.coverage.stored import report_from_data
from core.project import Project
from core.store.coverage import last_report


@dataclass
class Loaded(Message):
    """The latest run, None if there is none yet. `sources`: lines of the files of flows; `changed`: those edited since."""

    report: CoverageReport | None
    at: str = ""
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


def load(project: Project) -> Loaded:
    """Takes milliseconds; for a worker all the same.

    Raises:
        StoreError: the database cannot be opened.
    """
    with closing(project.open()) as connection:
        stored = last_report(connection)
    if stored is None:
        return Loaded(None)
    at, data = stored
    report = report_from_data(data)
    sources: dict[str, Sequence[str]] = {}
    changed = set()
    for source in report.sources:
        try:
            content = (project.root / source.path).read_bytes()
        except OSError:
            changed.add(source.file)
            continue
        sources[source.file] = content.decode("utf-8", "replace").splitlines()
        if hashlib.sha256(content).hexdigest() != source.sha256:
            changed.add(source.file)
    return Loaded(report, at, sources, frozenset(changed))
