"""`workbench why`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

import typer

from tui.cli.output import print_json, print_lines
from tui.cli.state import project_of

_INDENT = "  "


def register(app: typer.Typer) -> None:
    app.command()(why)


def why(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(help="A row (val:12, FILE.jsonl:12), a command, a test (FILE::name, FILE:line), a rephrasing (#7)."),
    ],
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="REF", help="The dataset to look in; default: the latest, or the file's.")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What a row of the sealed holdout is looked at for; it is recorded.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Where a row comes from, which rows teach a command, and what became of a test or a rephrasing.

    Quote commands and texts for the shell: why "set slot title" shows all that begin so. What it prints can be asked again.
    """
    from core.lineage.why import explain
    from core.user import current_user

    project = project_of(context)
    with closing(project.open()) as connection:
        found = explain(project, connection, target, dataset=dataset, purpose=purpose, reviewer=current_user().reviewer)
    if as_json:
        print_json(found.as_data())
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for depth, text in found.tree().lines():
        print_lines(wrapped(text, depth, width))


def wrapped(text: str, depth: int, width: int | None) -> Iterator[str]:
    """The line, indented; broken between words where it is wider than `width` cells, what follows indented further."""
    from rich.cells import cell_len

    line = _INDENT * depth
    if width is None:
        yield line + text
        return
    start = len(line)
    for word in text.split(" "):
        if len(line) > start and cell_len(line) + cell_len(word) >= width:
            yield line.rstrip()
            line = _INDENT * (depth + 2)
            start = len(line)
        line += f"{word} "
    yield line.rstrip()
