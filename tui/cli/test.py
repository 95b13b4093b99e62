"""`workbench test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table, progress_bar
from tui.cli.stages import MaxCost
from tui.cli.state import State
from tui.cli.test_options import Actions, ActionsChoice, AssistantFolder, Commands, Jobs, Keyword, Paths, project_of_tests

if TYPE_CHECKING:
    from core.testing.results import RunResult

_LISTED = 50


def register(app: typer.Typer) -> None:
    app.command("test")(run_tests)


def run_tests(
    context: typer.Context,
    paths: Paths = None,
    commands: Commands = None,
    keyword: Keyword = "",
    failed_first: Annotated[bool, typer.Option("--failed-first", help="Tests that failed last time go first.")] = False,
    jobs: Jobs = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write JUnit XML.")] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write results, and passed and failed tests to run again.")
    ] = None,
    actions: Actions = ActionsChoice.AUTO,
    assistant: AssistantFolder = None,
    max_cost: MaxCost = None,
) -> None:
    """Run conversation tests against the assistant's own files: no licence, no model, no server needed.

    `--commands llm` asks the annotator of workbench.toml for commands that are not given, `llm:candidate` that model.
    Assertions on generated answers are judged if a model is configured as judge.

    Exit code 1 if a test fails or cannot be run. Custom actions: stubs of the test, the assistant's action server if it
    runs, else what the test itself expects (`test-led`, and marked so).
    """
    from dataclasses import replace

    from core.testing.action_sources import ActionMode
    from core.testing.junit import write_junit
    from core.testing.last_run import write_failed
    from core.testing.llm_setup import role_of, run_models
    from core.testing.run_setup import RECORDED, RunOptions, prepare_run
    from core.testing.write_results import write_results

    state = context.obj
    assert isinstance(state, State)
    project = project_of_tests(state, paths or [])
    options = RunOptions(
        paths=tuple(paths or ()),
        commands=tuple(commands or (RECORDED,)),
        keyword=keyword,
        failed_first=failed_first,
        jobs=jobs,
        actions=ActionMode(actions.value),
        assistant=assistant,
    )
    with run_models(options.commands, project, max_cost=max_cost) as models, progress_bar() as progress:
        prepared = prepare_run(options, folder=state.folder, project=project, with_problems=True, models=models)
        run = prepared.runner.run(
            prepared.tests, jobs=prepared.jobs, progress=lambda done, total: progress("tests", done, total)
        )
    run = replace(run, problems=prepared.problems)
    if project is not None:
        write_failed(project.state_folder, run)
    if junit is not None:
        write_junit(junit, run)
    written = write_results(results, run, prepared.tests) if results is not None else []
    if as_json:
        print_json(run.as_data())
    else:
        _print(run, asks_model=role_of(options.commands) is not None)
    for warning in prepared.warnings[:_LISTED]:
        narrate(f"warning: {warning}")
    for note in run.notes:
        narrate(note)
    for path in written:
        narrate(f"written: {path}")
    for problem in run.problems:
        narrate(str(problem))
    if not run.all_passed:
        raise typer.Exit(1)


def _print(run: RunResult, *, asks_model: bool) -> None:
    from core.testing import report
    from core.testing.results import Outcome

    not_run = [case for case in run.cases if case.outcome is Outcome.NOT_RUN]
    for case in run.cases:
        if case.outcome is Outcome.FAILED:
            print_lines(report.failed_case_lines(case))
            print()
    print_lines(report.not_run_line(case) for case in not_run[:_LISTED])
    if len(not_run) > _LISTED:
        print(f"NOT RUN … and {len(not_run) - _LISTED:,} more (`--json` lists all)")
    if not_run:
        print()
        if not asks_model:
            narrate("Not run: ingest annotations of these tests, or name a file with their commands by --commands.")
    print_table(report.FILE_HEADERS, report.file_rows(run))
    rows = report.assertion_rows(run)
    if rows:
        print("\nAccuracy by assertion type")
        print_table(report.ASSERTION_HEADERS, rows)
    print()
    print(report.summary_line(run))
