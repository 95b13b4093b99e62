"""`workbench annotate`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_lines
from tui.cli.stages import AsJson, Batch, DryRun, MaxCost, Yes, carry_out
from tui.cli.state import project_of
from tui.cli.test_options import Actions, ActionsChoice

if TYPE_CHECKING:
    from core.project import Project


def register(app: typer.Typer) -> None:
    app.command()(annotate)


def annotate(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH...]", help="Files, folders, `file::test name`; default: the assistant's tests."),
    ] = None,
    keep_failing: Annotated[
        bool, typer.Option("--keep-failing", help="Annotate failing tests all the same, and mark them.")
    ] = False,
    again: Annotated[bool, typer.Option("--all", help="Also tests that are annotated already.")] = False,
    failures: Annotated[
        bool, typer.Option("--failures", help="Ask nothing: list the tests that were left out or fail, with their diffs.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Then write all annotations to DIR/1_command_annotations/.")
    ] = None,
    actions: Actions = ActionsChoice.AUTO,
    estimate: DryRun = False,
    max_cost: MaxCost = None,
    yes: Yes = False,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests with the annotator giving the commands; what passes becomes an annotated conversation.

    Commands that stand in a test win over a model's. Failing tests are stored with their diffs and left out of what follows.
    Without --all only tests are run that have no annotation of what they say now.
    """
    project = project_of(context)
    if failures:
        _print_failing(project, as_json=as_json)
        return
    from core.annotation.stage import prepare_annotate
    from core.testing.action_sources import ActionMode

    stage = prepare_annotate(project, paths or (), keep_failing=keep_failing, again=again, actions=ActionMode(actions.value))
    try:
        carry_out(context, project, stage, yes=yes, max_cost=max_cost, batch=batch, as_json=as_json, estimate_only=estimate)
    except typer.Exit:
        _write(project, None if estimate else out)
        raise
    _write(project, None if estimate else out)


def _write(project: Project, out: Path | None) -> None:
    if out is None or not project.database_path.is_file():
        return
    from core.annotation.tree import write_annotations

    for name in write_annotations(project, out):
        narrate(f"written: {out / name}")


def _print_failing(project: Project, *, as_json: bool) -> None:
    from core.annotation.failing import failing_tests

    with closing(project.open()) as connection:
        found = failing_tests(connection)
    if as_json:
        print_json([test.as_data() for test in found])
        return
    for test in found:
        print_lines(test.lines())
        print()
    if not found:
        narrate("No annotated test fails, and no answer was odd.")
