"""`workbench ingest`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_table, progress_bar
from tui.cli.state import project_of

if TYPE_CHECKING:
    from core.pipeline.ingest_report import IngestReport

_LISTED = 50
_NAMED = 5


def register(app: typer.Typer) -> None:
    app.command()(ingest)


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files or folders, as seen from the current folder (with -C DIR too)."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Read conversation tests, annotations, rephrasings, prompt contexts and fine-tuning rows.

    Files are recognised by their content. A file with a problem stores nothing, the others are stored; exit code 1.
    What lies in the folder of an export is passed over.
    """
    from core.pipeline.ingest import ingest as run
    from core.user import current_user

    project = project_of(context)
    with closing(project.open(create=True)) as connection, progress_bar() as progress:
        report = run(project, connection, paths, reviewer=current_user().reviewer, progress=progress)
    if as_json:
        print_json(report.as_data())
    else:
        _print(report)
    if report.bad_files:
        raise typer.Exit(1)


def _print(report: IngestReport) -> None:
    for kind, count in sorted(report.files.items()):
        print(f"found {count:,} × {kind.value}{_some([name for name, of in report.unstored if of is kind])}")
    whose = "an export of Workbench, or the rows of a holdout"
    for folder, count in sorted(report.passed_over.items()):
        print(f"passed over {_n(count, 'file')} in {folder}: {whose}; name single files of it to read them")
    if report.unchanged_files:
        print(f"found {report.unchanged_files:,} × unchanged since the last ingest")
    if not report.files and not report.unchanged_files and not report.passed_over:
        narrate("No file was found there.")
    rows = [
        ("conversations", report.conversations_added, report.conversations_changed, report.conversations_retired),
        ("user steps", report.steps_added, report.commands_changed, report.steps_retired),
        ("rephrasings", report.rephrasings_added, 0, report.rephrasings_retired),
        ("verdicts", report.verdicts_added, 0, 0),
        ("prompts", report.prompts_added, 0, 0),
        ("prompt contexts", report.contexts_added, 0, 0),
    ]
    if report.changed_anything:
        print_table(("", "added", "changed", "retired"), rows)
        print(f"commands are written in dialect {report.dialect}")
    else:
        print("Nothing changed.")
    for what, count in sorted(report.evidence.items()):
        print(f"{count:,} × {what}: the project knows what they say, so they are counted as evidence")
    if report.rephrasings_repeated:
        print(f"{_n(report.rephrasings_repeated, 'rephrasing')} stood twice under one step: stored once")
    if report.prompts_unknown and report.prompts_worked_out:
        print(f"{_n(report.prompts_unknown, 'prompt')} not known: the template does not render them (`workbench status`);")
        print("  name your assistant's template in workbench.toml: [project] prompt_template")
    for stale in report.stale:
        change = "is gone or changed" if stale.gone else "has other commands now"
        lost = _n(stale.decisions, "decision")
        print(f"stale: {stale.where}: user step {stale.user_step} of `{stale.test}` {change}: {lost}")
    for name in report.gone_files:
        print(f"gone: {name}: what only this file said is no longer part of the project")
    _listed(
        "left out",
        [f"{one.where}: {one.reason}" + (f" ({one.count:,})" if one.count > 1 else "") for one in report.left_out],
    )
    _listed("warning", [str(warning) for warning in report.warnings])
    _listed("error", [str(problem) for problem in report.problems])
    if report.bad_files:
        count = len(report.bad_files)
        narrate(f"{_n(count, 'file')} with errors: nothing of {'it' if count == 1 else 'them'} was stored, all others were.")


def _some(names: list[str]) -> str:
    """The names of files of which nothing is stored."""
    rest = f" … and {len(names) - _NAMED:,} more (`--json` lists all)" if len(names) > _NAMED else ""
    return f": {', '.join(names[:_NAMED])}{rest}" if names else ""


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _listed(label: str, lines: list[str]) -> None:
    for line in lines[:_LISTED]:
        narrate(f"{label}: {line}")
    if len(lines) > _LISTED:
        narrate(f"{label}: … and {len(lines) - _LISTED:,} more (`--json` lists all)")
