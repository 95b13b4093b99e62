"""`workbench argilla`: the team's rounds on an Argilla server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.argilla_output import print_planned, print_pulled, print_pushed
from tui.cli.output import narrate, print_lines, progress_bar
from tui.cli.stages import INTERRUPTED
from tui.cli.state import opened, project_of

if TYPE_CHECKING:
    from core.project import Project
    from review.argilla.server import ArgillaServer

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_ROUND = Annotated[str | None, typer.Option("--round", metavar="NAME", help="This round.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Label with a team on Argilla: hand out, fetch answers, see how it stands.", no_args_is_help=True)
    for command in (push, pull, status, open_):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="argilla")


def push(
    context: typer.Context,
    round_name: Annotated[
        str | None, typer.Option("--round", metavar="NAME", help="Go on with this round, or give a new one this name.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="A new round, though another is not sent in full yet.")] = False,
    filter_text: Annotated[
        str, typer.Option("--filter", "-f", help="Of a new round: only these, e.g. `flow:renew_loan verdict:ambiguous`.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Of a new round: at most so many, the least certain first.")] = None,
    overlap: Annotated[int | None, typer.Option(min=1, max=20, help="Answers wanted of each; default: as set.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many would be sent and why; send nothing.")] = False,
    as_json: _JSON = False,
) -> None:
    """Send what the machine is not sure of to the team: goes on with a round that was cut off, or makes a new one.

    To the team go rephrasings that validation calls ambiguous, that were flagged, or whose ambiguity score reaches the
    threshold; not those decided here or with the team already.
    """
    from review.argilla.choosing import Wanted, plan
    from review.argilla.push import push as send
    from review.filters import parse_filter

    wanted = Wanted(round_name, new, overlap, limit, parse_filter(filter_text))
    project = project_of(context)
    with progress_bar() as progress:
        if dry_run:
            with opened(context) as connection:
                planned = plan(project, connection, wanted, progress)
            workspace_is_there = _workspace_is_there(project)
        else:
            with _connected(project) as server, _interrupts() as cancelled:
                pushed = send(project, server, wanted, progress=progress, cancelled=cancelled)
    if dry_run:
        print_planned(planned, as_json, project.settings.argilla.workspace, workspace_is_there)
        return
    print_pushed(pushed, as_json)
    if pushed.stopped:
        raise typer.Exit(INTERRUPTED)


def pull(
    context: typer.Context,
    round_name: _ROUND = None,
    again: Annotated[bool, typer.Option("--again", help="Read every round, also where the server has nothing new.")] = False,
    adopting: Annotated[
        str | None,
        typer.Option("--adopt", metavar="NAME", help="Take over this dataset or round of another clone, and read it."),
    ] = None,
    as_json: _JSON = False,
) -> None:
    """Fetch the team's answers, and work out what they come to. Nothing that was decided here is overwritten."""
    from core.errors import UsageError
    from review.argilla.pull import pull as fetch
    from review.team.overview import team_summary

    if adopting is not None and round_name is not None:
        raise UsageError("--adopt names a round itself", remedy="Leave --round away.")
    project = project_of(context)
    with progress_bar() as progress, _connected(project) as server, _interrupts() as cancelled:
        pulled = fetch(
            project, server, round_name=round_name, again=again, adopting=adopting, progress=progress, cancelled=cancelled
        )
    with opened(context) as connection:
        print_pulled(pulled, team_summary(connection), as_json)
    if pulled.stopped:
        raise typer.Exit(INTERRUPTED)


def status(context: typer.Context, as_json: _JSON = False) -> None:
    """How the rounds stand, here and on the server, and who has answered. Exit code 1 if the server does not answer."""
    from tui.cli.argilla_status import print_status, read_status

    project = project_of(context)
    found = read_status(project)
    print_status(found, as_json)
    if found.trouble is not None:
        raise typer.Exit(1)


def open_(
    context: typer.Context,
    round_name: _ROUND = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the address, and open nothing.")] = False,
) -> None:
    """Open the page where a round is answered, by default the latest's, in the browser."""
    import webbrowser

    from review.argilla.looking import page_of_round

    with opened(context) as connection:
        page = page_of_round(connection, round_name)
    print_lines([page])
    if not only_print and not webbrowser.open(page):
        narrate("No browser could be started here.")


@contextmanager
def _connected(project: Project) -> Iterator[ArgillaServer]:
    from review.argilla.connection import connect

    with closing(connect(project)) as server:
        yield server


def _workspace_is_there(project: Project) -> bool | None:
    """None where the server cannot be asked: a dry run needs none."""
    from core.errors import WorkbenchError

    try:
        with _connected(project) as server:
            return server.workspace(project.settings.argilla.workspace) is not None
    except WorkbenchError:
        return None


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C lets the batch that is on its way come back and be noted; the second ends at once."""
    import signal

    stopping = False

    def interrupt(number: int, frame: Any) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        narrate("\nStopping after what is on its way. Ctrl-C again gives it up.")

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
