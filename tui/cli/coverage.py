"""`workbench coverage`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table, progress_bar
from tui.cli.stages import MaxCost
from tui.cli.state import State
from tui.cli.test_options import Actions, ActionsChoice, AssistantFolder, Commands, Jobs, Keyword, Paths, project_of_tests

if TYPE_CHECKING:
    from core.coverage.report import CoverageReport

DEFAULT_OUT = "e2e_coverage_results"
"""As in the reference."""


def register(app: typer.Typer) -> None:
    app.command()(coverage)


def coverage(
    context: typer.Context,
    paths: Paths = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help=f"Where the report's files go; default: {DEFAULT_OUT} in the project."),
    ] = None,
    gate: Annotated[bool, typer.Option("--gate", help="Exit code 1 if a limit in workbench.toml is not reached.")] = False,
    draft: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a test skeleton for every step that no passing test reaches.")
    ] = None,
    commands: Commands = None,
    keyword: Keyword = "",
    jobs: Jobs = None,
    actions: Actions = ActionsChoice.AUTO,
    assistant: AssistantFolder = None,
    max_cost: MaxCost = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Run the tests and report what they reach: steps, branches, values, commands, and the shortest way to the rest.

    The tables, histograms and test files in DIR are named and shaped as Rasa's. In a project the report is kept for
    the app. Failing tests are reported apart, and do not change the exit code: `workbench test` is for that.
    """
    from core.coverage.draft import draft_files, write_drafts
    from core.coverage.run import run_coverage
    from core.coverage.write_report import write_report
    from core.testing.action_sources import ActionMode
    from core.testing.llm_setup import run_models
    from core.testing.run_setup import RECORDED, RunOptions

    state = context.obj
    assert isinstance(state, State)
    project = project_of_tests(state, paths or [])
    options = RunOptions(
        paths=tuple(paths or ()),
        commands=tuple(commands or (RECORDED,)),
        keyword=keyword,
        jobs=jobs,
        actions=ActionMode(actions.value),
        assistant=assistant,
    )
    with run_models(options.commands, project, max_cost=max_cost) as models, progress_bar() as progress:
        run = run_coverage(
            options,
            folder=state.folder,
            project=project,
            models=models,
            progress=lambda done, total: progress("tests", done, total),
        )
    report = run.report
    long_header = run.prepared.runner.tested.compat.long_coverage_header
    folder = out if out is not None else (project.root if project is not None else state.folder) / DEFAULT_OUT
    written = write_report(report, folder, long_header=long_header, tests=run.tests)
    if draft is not None:
        written += write_drafts(draft_files(run.measured.walks, run.prepared.assistant.responses), draft)
    if as_json:
        print_json(report.as_data())
    else:
        _print(report)
    for note in run.result.notes:
        narrate(note)
    if report.failed_tests or report.not_run:
        narrate("`workbench test` shows why tests fail or could not be run.")
    if draft is not None and not run.measured.walks:
        narrate("No draft was written: passing tests reach every step.")
    for path in written:
        narrate(f"written: {path}")
    if gate and report.failed_gates:
        raise typer.Exit(1)


def _print(report: CoverageReport) -> None:
    from core.coverage.histogram import histogram_lines
    from core.coverage.text import extra_lines, flow_rows, gate_lines, missing_lines, training_lines

    print(f"{report.passed_tests:,} tests passed, {report.failed_tests:,} failed, {report.not_run:,} could not be run")
    _print_table("Steps that passing tests reach", flow_rows(report, "passed"))
    if report.failed_tests:
        _print_table("Steps that failing tests reach", flow_rows(report, "failed"))
    _print_part("Commands in passing tests", histogram_lines(report.commands, "passed"))
    _print_part("What steps do not show", list(extra_lines(report)))
    if report.training:
        _print_part("Texts in the training data, rephrasings counted", list(training_lines(report)))
    missing = list(missing_lines(report))
    if missing:
        _print_part("Steps that no passing test reaches, and the shortest way there", missing)
    _print_part("Limits", list(gate_lines(report)))


def _print_table(title: str, rows: list[tuple[str, str, int, int, str]]) -> None:
    print(f"\n{title}")
    headers = ("Flow Name", "Coverage", "Num Steps", "Missing Steps", "Line Numbers")
    print_table(headers, rows)


def _print_part(title: str, lines: list[str]) -> None:
    print(f"\n{title}")
    print_lines(lines)
