"""Why: one answer for whatever the target is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Protocol

from core.dataset.folder import Row
from core.dataset.holdout import open_holdout
from core.dataset.models import DatasetVersion, Part
from core.dataset.selection import Rephrasings
from core.errors import UsageError
from core.lineage.facts import Facts
from core.lineage.file_rows import find_file_row, find_sealed_row, sealed_version
from core.lineage.placement import Placement
from core.lineage.targets import CommandTarget, FileRowTarget, RowTarget, TestTarget, find_target
from core.lineage.tree import Branch
from core.lineage.why_command import why_command
from core.lineage.why_row import why_row
from core.lineage.why_test import why_test
from core.lineage.why_text import why_text
from core.pipeline.known_prompts import project_dialect
from core.project import Project
from core.store.datasets import LATEST, all_datasets, find_dataset


class Why(Protocol):
    def as_data(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        ...

    def tree(self) -> Branch:
        """For people."""
        ...


def explain(
    project: Project,
    connection: sqlite3.Connection,
    target: str,
    *,
    dataset: str | None = None,
    purpose: str | None = None,
    reviewer: str = "",
) -> Why:
    """`dataset`: the version to look in, as `find_dataset` takes it; None: the latest, or that of the target's file.
    `purpose`: what a row of the holdout is looked at for; the look is recorded with `reviewer`.

    Raises:
        UsageError: there is no such target or dataset, or the holdout is asked for without a purpose.
        ProjectError: a dataset has lost its files.
    """
    found = find_target(project, connection, target)
    wanted = None if dataset is None else find_dataset(project, connection, dataset)
    facts = Facts(connection, project.root, project_dialect(project, connection))
    if isinstance(found, FileRowTarget):
        sealed = sealed_version(project, connection, found.path, wanted)
        if sealed is None:
            row = find_file_row(project, connection, found.path, found.line, wanted)
        else:
            row = find_sealed_row(sealed, _look_into_holdout(project, sealed, reviewer, purpose), found.path, found.line)
        return why_row(facts, row.version, row.part, row.number, found_by=row.found_by)
    if isinstance(found, RowTarget):
        version = wanted or find_dataset(project, connection, LATEST)
        if found.part is Part.HOLDOUT and 1 <= found.number <= version.points.get(Part.HOLDOUT, 0):
            _look_into_holdout(project, version, reviewer, purpose)
        return why_row(facts, version, found.part, found.number)
    newest = wanted or next(all_datasets(project, connection), None)
    placement = Placement(connection, newest, facts.dialect, Rephrasings(project.settings.export.rephrasings))
    if isinstance(found, CommandTarget):
        return why_command(facts, placement, found.pattern)
    if isinstance(found, TestTarget):
        return why_test(facts, placement, found.conversation_id, found.step_id)
    return why_text(facts, placement, found)


def _look_into_holdout(project: Project, version: DatasetVersion, reviewer: str, purpose: str | None) -> Iterator[Row]:
    if purpose is None:
        raise UsageError(
            f"the holdout of the dataset {version.name} is sealed",
            remedy="Say what you look at its row for with --purpose: it is recorded with your name.",
        )
    return open_holdout(project, version, reviewer=reviewer, purpose=purpose)
