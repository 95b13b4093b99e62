"""`workbench demo`: the app on a copy of the sample project."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated

import typer

from tui.cli.output import narrate, print_json


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where the copy lives; default: your data folder, so that decisions stay."),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Start from a fresh copy; decisions made in the old one are lost.")
    ] = False,
    walk: Annotated[
        bool, typer.Option("--walk", help="First print the whole way from tests to verdicts, by the embedded model.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON and open nothing.")] = False,
) -> None:
    """Open the app on the sample project, with rephrasings waiting for review.

    Without a terminal it prints what it would show and how to start.
    """
    from core.pipeline.ingest import ingest
    from core.pipeline.next_action import has_annotator
    from core.pipeline.status import project_status
    from core.sample import copy_sample
    from core.user import current_user
    from tui.cli.launch import has_terminal, open_app

    if walk:
        _walk(context, folder, fresh=reset)
    project = copy_sample(folder or _data_folder() / "demo", fresh=reset)
    with closing(project.open(create=True)) as connection:
        if connection.execute("SELECT 1 FROM source LIMIT 1").fetchone() is None:
            narrate(f"Preparing the sample project in {project.root} ...")
            ingest(project, connection, [project.root], reviewer=current_user().reviewer)
        found = project_status(connection, has_annotator=has_annotator(project))
    if as_json:
        print_json({"root": str(project.root), **found.as_data()})
        return
    if has_terminal():
        open_app(project, start="review")
        return
    print(f"The demo opens the Workbench app on the sample project in {project.root}:")
    for name, count in found.rows():
        print(f"  {count:>7,}  {name}")
    print("No terminal is attached, so nothing was opened. Start it from a terminal with `workbench demo`,")
    print(f"or work on it headless: `workbench -C {project.root} review next`.")


def _walk(context: typer.Context, folder: Path | None, *, fresh: bool) -> None:
    """Without the embedded model the rest of the demo goes on."""
    from core.errors import ProjectError
    from tui.cli.demo_walk import walk
    from tui.cli.launch import has_terminal

    place = _data_folder() / "demo-walk" if folder is None else folder.with_name(f"{folder.name}-walk")
    try:
        walk(context, place, fresh=fresh)
    except ProjectError as error:
        narrate(f"The way from tests to verdicts cannot be shown: {error}")
        return
    print(f"\nIt is all in {place}; `workbench -C` that folder `llm ledger` says what was asked.")
    if has_terminal():
        with suppress(EOFError):
            input("Enter opens the app on the sample, with rephrasings written by people. ")


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("finetune-workbench", appauthor=False)
