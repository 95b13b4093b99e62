"""Run the tests of an assistant and measure what they reach."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from core.commands import Dialect
from core.conversations.writing import yaml_of_tests
from core.coverage.build import Measured, measure, training_of
from core.coverage.gates import DEFAULT_LIMITS, Limits
from core.coverage.measure import trace_of
from core.coverage.report import CoverageReport, Side, SourceFile, TrainingCount
from core.dataset.selection import Rephrasings
from core.pipeline.known_prompts import project_dialect
from core.project import Project
from core.store.coverage import save_run
from core.testing.llm_setup import AskRole
from core.testing.results import Outcome, RunResult
from core.testing.run_setup import PreparedRun, RunOptions, prepare_run
from core.testing.runnable import runnable


@dataclass(frozen=True, slots=True)
class CoverageRun:
    """`measured` of what happened in `result`, the run of `prepared`."""

    prepared: PreparedRun
    result: RunResult
    measured: Measured
    dialect: Dialect

    @property
    def report(self) -> CoverageReport:
        return self.measured.report

    def tests(self, side: Side) -> bytes:
        """The tests of one side as a test file to run again. Tests that could not be run stand among the failed."""
        by_key = {test.key: test for test in self.prepared.tests}
        cases = [case for case in self.result.cases if case.passed == (side == "passed")]
        return yaml_of_tests(runnable(cases, by_key, self.dialect))


def run_coverage(
    options: RunOptions,
    *,
    folder: Path,
    project: Project | None,
    models: AskRole | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CoverageRun:
    """Run the tests that `options` select, and keep the report in the project's database, if there is a project.

    `models`: as `prepare_run` takes them.

    Raises:
        WorkbenchError: what `core.testing.run_setup.prepare_run` raises, or what is wrong with the project.
    """
    prepared = prepare_run(options, folder=folder, project=project, models=models)
    result = prepared.runner.run(prepared.tests, jobs=prepared.jobs, progress=progress)
    tested = prepared.runner.tested
    dialect, limits = Dialect.V2, DEFAULT_LIMITS
    training: tuple[TrainingCount, ...] = ()
    if project is not None:
        limits = limits_of(project)
        with closing(project.open()) as connection:
            dialect = project_dialect(project, connection)
            mode = Rephrasings(project.settings.export.rephrasings)
            training = training_of(connection, prepared.assistant, tested.compat, dialect, mode)
    judged = [case for case in result.cases if case.outcome is not Outcome.NOT_RUN]
    measured = measure(
        prepared.assistant,
        tested.compat,
        dialect,
        [trace_of(case.passed, case.turns, case.opening) for case in judged],
        limits=limits,
        engine=tested.engine,
        training=training,
        not_run=len(result.cases) - len(judged),
        is_whole=not options.paths and not options.keyword.strip(),
    )
    if project is not None:
        measured = replace(measured, report=replace(measured.report, sources=_sources(measured.report, prepared, project)))
        with closing(project.open()) as connection:
            save_run(connection, measured.report.summary(), measured.report.as_data())
    return CoverageRun(prepared, result, measured, dialect)


def limits_of(project: Project) -> Limits:
    """As `[coverage]` in workbench.toml has them."""
    section = project.settings.coverage
    return Limits(section.total, section.flow, None if isinstance(section.commands, str) else section.commands)


def _sources(report: CoverageReport, prepared: PreparedRun, project: Project) -> tuple[SourceFile, ...]:
    """The files of the flows as they were when the tests ran."""
    found = []
    for name in dict.fromkeys(flow.file for flow in report.flows):
        places = (project.root / name, Path(prepared.assistant.root) / name)
        path = next((place for place in places if place.is_file()), None)
        if path is not None:
            found.append(SourceFile(name, project.relative(path), hashlib.sha256(path.read_bytes()).hexdigest()))
    return tuple(found)
