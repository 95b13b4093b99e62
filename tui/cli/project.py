"""`workbench init`, `workbench status`, `workbench doctor`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from tui.cli.output import narrate, print_json, print_table
from tui.cli.state import State, project_of


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(status)
    app.command()(doctor)


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The assistant's folder; default: the current one (or -C DIR).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a folder a Workbench project: a commented workbench.toml and .workbench/ with the database."""
    from core.project import create_project

    project, created = create_project(folder if folder is not None else context.obj.folder)
    if as_json:
        print_json({"root": str(project.root), "created": created})
    else:
        for name in created:
            print(project.root / name)
    if created:
        narrate("Next: `workbench ingest e2e_tests/` reads conversation tests, annotations and rephrasings.")
    else:
        narrate(f"{project.root} is a project already; nothing was changed.")


def status(context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Counts along the pipeline, what waits, and the next action."""
    from core.pipeline.next_action import has_annotator
    from core.pipeline.status import project_status

    project = project_of(context)
    with closing(project.open()) as connection:
        found = project_status(connection, has_annotator=has_annotator(project))
    if as_json:
        print_json({"project": project.name, "root": str(project.root), **found.as_data()})
        return
    print(f"{project.name}  ({project.root})")
    print_table(("", "count"), found.rows())
    print(f"\nCoverage: {found.coverage or 'never measured; `workbench coverage` does'}")
    if found.waiting:
        print("\nWaiting:")
        for one in found.waiting:
            print(f"{one.count:>7,}  {one.sentence}")
    print(f"\nNext: {found.next_action.sentence}\n      {found.next_action.command}")


def doctor(context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check the environment and the project; every finding comes with its remedy. Exit code 1 if a check fails."""
    from core.doctor import run_checks
    from core.errors import ProjectError
    from core.project import find_project

    state = context.obj
    assert isinstance(state, State)
    try:
        project = find_project(state.folder)
    except ProjectError:
        project = None
    checks = run_checks(project)
    if as_json:
        print_json([check.as_data() for check in checks])
    else:
        marks = {"ok": "✓", "warn": "!", "fail": "✗"}
        print_table(("", "check", "finding"), [(marks[check.level], check.name, check.finding) for check in checks])
        for check in checks:
            if check.level != "ok" and check.remedy:
                print(f"{marks[check.level]} {check.name}: {check.remedy}")
    if any(check.level == "fail" for check in checks):
        raise typer.Exit(1)
