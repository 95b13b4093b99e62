"""The database's side of a run of the stage."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from core.annotation.report import Tallies
from core.annotation.selection import not_ingested
from core.annotation.storing import AnnotationStore
from core.pipeline.ingest import ingest
from core.pipeline.known_prompts import project_dialect, project_template
from core.project import Project
from core.prompts.template import PromptTemplate
from core.stages.models import StageName, StageReport
from core.stages.words import counted
from core.store.stage_runs import begin_run, finish_run
from core.testing.cases import LoadedTest

T = TypeVar("T")


class Writer:
    """Works in one thread, which its connection belongs to. `begin` is to be done first, `finish` last, then `close`."""

    def __init__(
        self,
        project: Project,
        tests: Sequence[LoadedTest],
        reviewer: str,
        parameters: Mapping[str, Any],
        notes: Sequence[str],
    ) -> None:
        """`notes`: what the report says of the run besides its counts."""
        self._project, self._tests, self._notes = project, tests, notes
        self._reviewer, self._parameters = reviewer, parameters
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="annotate-store")
        self._connection: sqlite3.Connection | None = None
        self._template: PromptTemplate | None = None
        self._store: AnnotationStore | None = None

    @property
    def store(self) -> AnnotationStore:
        assert self._store is not None
        return self._store

    async def do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def begin(self) -> PromptTemplate:
        """Tests that the project does not know as they are now are ingested first; they may settle the dialect."""
        project = self._project
        connection = self._connection = project.open(create=True)
        unknown = not_ingested(project, connection, self._tests)
        if unknown:
            ingest(project, connection, list(dict.fromkeys(test.path for test in unknown)), reviewer=self._reviewer)
        dialect = project_dialect(project, connection)
        self._template = project_template(project, dialect)
        run_id = begin_run(connection, StageName.ANNOTATE, self._reviewer, self._parameters)
        self._store = AnnotationStore(project, connection, dialect, run_id, self._reviewer)
        return self._template

    def finish(self, tallies: Tallies) -> StageReport:
        store, connection = self.store, self._connection
        assert connection is not None
        assert self._template is not None
        store.work_out_prompts(self._template)
        notes = [*self._notes]
        if lost := store.decisions_lost:
            notes.append(f"{counted(lost, 'decision')} no longer count, since their steps have other commands now.")
        report = tallies.report(tuple(notes))
        finish_run(connection, store.run_id, report)
        return report

    async def close(self) -> None:
        if self._connection is not None:
            await self.do(self._connection.close)
        self._pool.shutdown(wait=False)
