"""The command `workbench`: global options, error handling, and the list of commands.

This module is imported for every call, so it imports Typer and nothing else of weight; each command imports what it
needs when it runs. stdout is data, stderr is narration. Exit codes: 0 done, 1 something is wrong with the input or the
project, 2 wrong usage, 3 rephrasings wait for a person (`prepare-data --review`), 130 interrupted, 141 nobody reads stdout any
more (as other tools end by SIGPIPE in `workbench … | head -1`).
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from core import __version__
from core.errors import WorkbenchError
from tui.cli import (
    annotate,
    argilla,
    assistant,
    conversations,
    coverage,
    dataset,
    demo,
    export,
    ingest,
    llm,
    preflight,
    prepare_data,
    project,
    prompt,
    rephrase,
    review,
    test,
    validate,
    why,
)
from tui.cli.state import State

UNREAD = 128 + 13
"""The exit code where the reader of stdout has gone; 13 is SIGPIPE."""

app = typer.Typer(
    name="workbench",
    help="Turn the conversation tests of an assistant into a small fine-tuned command generator.\n\n"
    "Without a command it opens the app on the project of the current folder.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
project.register(app)
ingest.register(app)
conversations.register(app)
assistant.register(app)
review.register(app)
argilla.register(app)
test.register(app)
coverage.register(app)
prompt.register(app)
annotate.register(app)
rephrase.register(app)
validate.register(app)
llm.register(app)
dataset.register(app)
export.register(app)
preflight.register(app)
prepare_data.register(app)
why.register(app)
demo.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"workbench {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("-C", "--directory", metavar="DIR", help="Use the project of DIR, not of the current folder."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    context.obj = State(folder=folder or Path.cwd(), debug=debug)
    if context.invoked_subcommand is None:
        from tui.cli.launch import open_app

        open_app(context.obj.project(), start="overview")


def run() -> None:
    """Entry point of the console script."""
    try:
        try:
            _run()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # here and not when Python ends, where nobody can catch that the reader has gone
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # Typer and Rich say 1 then, as a check that failed does
            _end_unread()
        raise
    except BrokenPipeError:
        _end_unread()


def _run() -> None:
    if sys.argv[1:] == ["--version"]:  # the one call scripts make in loops: spare it Typer's parsing
        print(f"workbench {__version__}")
        return
    try:
        app()
    except WorkbenchError as error:
        if "--debug" in sys.argv:
            raise
        print_error(error)
        sys.exit(error.exit_code)


def _end_unread() -> NoReturn:
    """What is still to be written goes nowhere, without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError, ValueError):  # a stream without a file of its own
                os.dup2(nowhere, stream.fileno())
    sys.exit(UNREAD)


def print_error(error: WorkbenchError) -> None:
    """What happened, where, and what to do next, on stderr."""
    print(f"{error.title}: {f'{error.where}: ' if error.where else ''}{error.what}", file=sys.stderr)
    for problem in getattr(error, "problems", ()):
        print(f"  {problem}", file=sys.stderr)
    if error.remedy:
        print(f"  → {error.remedy}", file=sys.stderr)
