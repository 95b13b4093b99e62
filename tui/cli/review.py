"""`workbench review`: the app's review loop, and the same for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import review_agreement, review_pack, review_planning
from tui.cli.output import narrate, print_json, print_lines, print_table
from tui.cli.scoring import bring_scores_up_to_date
from tui.cli.state import opened, project_of

if TYPE_CHECKING:
    import sqlite3

    from review.decisions import DecisionLog
    from tui.cli.decision_rows import DecisionRow

_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_FILTER = Annotated[str, typer.Option("--filter", "-f", help="e.g. `flow:renew_loan state:open verdict:ambiguous`.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Review rephrasings: in the app (no command), or one by one from scripts.")
    group.callback(invoke_without_command=True)(open_)
    for command in (next_, decide, edit, add, correct, undo, redo, log):
        group.command(command.__name__.rstrip("_"))(command)
    review_planning.register(group)
    review_agreement.register(group)
    review_pack.register(group)
    app.add_typer(group, name="review")


def open_(context: typer.Context) -> None:
    """Without a command: open the app on the Review screen."""
    if context.invoked_subcommand is None:
        from tui.cli.launch import open_app

        open_app(project_of(context), start="review")


def next_(
    context: typer.Context,
    filter_text: _FILTER = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many.")] = 1,
    order: Annotated[
        str, typer.Option(help="conversation, uncertain, valuable or random (see `review plan`).")
    ] = "conversation",
    as_json: _JSON = False,
) -> None:
    """The next rephrasings that wait for a decision, with all a person needs to decide.

    They are open, or decided and the team has come to something else since (`--filter team:conflict`).
    """
    from dataclasses import replace

    from review import items, queue
    from review.filters import parse_filter
    from review.orders import Order, parse_order
    from review.plain import item_as_data, item_as_lines
    from review.scores import refresh

    wanted, filter_ = parse_order(order), replace(parse_filter(filter_text), waiting=True)
    with opened(context) as connection:
        if wanted is Order.UNCERTAIN or filter_.needs_scores:
            bring_scores_up_to_date(connection)
        dialect = items.project_dialect(connection)
        waiting = queue.load(connection, filter_, order=wanted, limit=min(count, sys.maxsize))
        refresh(connection, rephrasing_ids=waiting.ids)
        found = [items.load_item(connection, id_, dialect) for id_ in waiting.ids]
    if as_json:
        print_json([item_as_data(item) for item in found])
        return
    for item in found:
        print_lines(item_as_lines(item))
    if not found:
        narrate("Nothing waits for a decision here.")


def decide(
    context: typer.Context,
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="[ID...]", help="Rephrasings; none: read JSON from stdin, which is not read otherwise."),
    ] = None,
    decision: Annotated[str | None, typer.Option("--as", "-d", help="accept, reject, skip or flag.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for a rejection.")] = None,
    as_json: _JSON = False,
) -> None:
    """Record decisions. From stdin: `{"id": 7, "decision": "reject", "reason": "value changed"}`, one or a list or lines.

    All are checked first: with one bad row nothing is recorded. The rows of one call are undone one by one.
    """
    from core.errors import UsageError
    from review.decisions import DecisionLog
    from tui.cli.decision_rows import read_decisions

    if not ids and (decision is not None or reason is not None):
        raise UsageError("--as and --reason go with ids", remedy="Name the ids; rows on stdin have their own decision each.")
    rows = _rows_from_arguments(ids, decision, reason) if ids else read_decisions()
    if not rows:
        raise UsageError("no decision was given", remedy="Name ids and --as accept|reject|skip|flag, or send JSON on stdin.")
    with opened(context) as connection:
        _print_recorded(DecisionLog(connection, _reviewer(connection), "cli").decide_many(rows), as_json)


def _rows_from_arguments(ids: list[int], decision: str | None, reason: str | None) -> list[DecisionRow]:
    from core.errors import UsageError

    if decision is None:
        raise UsageError("which decision?", remedy="Add --as accept|reject|skip|flag.")
    return [(id_, decision, reason) for id_ in ids]


def edit(
    context: typer.Context,
    rephrasing_id: Annotated[int, typer.Argument(metavar="ID")],
    text: Annotated[str, typer.Argument(help="The new text.")],
    accept: Annotated[bool, typer.Option("--accept/--no-accept", help="Accept it too.")] = True,
    as_json: _JSON = False,
) -> None:
    """Change the text of a rephrasing. The ingested text is kept; the edit counts as unvalidated."""
    with _decision_log(context) as log:
        _print_recorded([log.edit(rephrasing_id, text, accept=accept)], as_json)


def add(
    context: typer.Context,
    step_id: Annotated[int, typer.Argument(metavar="STEP", help="Id of a user step (`conversations show --json`).")],
    text: Annotated[str, typer.Argument(help="The rephrasing.")],
    as_json: _JSON = False,
) -> None:
    """Add a rephrasing by hand."""
    with _decision_log(context) as log:
        _print_recorded([log.add(step_id, text)], as_json)


def correct(
    context: typer.Context,
    step_id: Annotated[int, typer.Argument(metavar="STEP", help="Id of a user step (`conversations show --json`).")],
    commands: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The right commands, e.g. 'set slot city Bern'.")],
    as_json: _JSON = False,
) -> None:
    """Correct the commands of a user step; verdicts and decisions under it go stale (undo brings them back)."""
    from core.errors import UsageError
    from core.store.stored_commands import to_stored
    from review.decisions import DecisionLog
    from review.items import project_dialect

    with opened(context) as connection:
        stored, leftovers = to_stored(tuple(commands), project_dialect(connection))
        if leftovers:
            raise UsageError(
                f"not a command: `{leftovers[0]}`", remedy="Write e.g. `start flow NAME` or `set slot NAME VALUE`."
            )
        _print_recorded([DecisionLog(connection, _reviewer(connection), "cli").correct(step_id, stored)], as_json)


def undo(context: typer.Context, as_json: _JSON = False) -> None:
    """Take back your latest action; as often as you like."""
    with _decision_log(context) as log:
        _print_turn(log.undo(), "Nothing to undo.", as_json)


def redo(context: typer.Context, as_json: _JSON = False) -> None:
    """Bring back what you undid last."""
    with _decision_log(context) as log:
        _print_turn(log.redo(), "Nothing to redo.", as_json)


def log(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many actions, newest first.")] = 10,
    reviewer: Annotated[str | None, typer.Option("--by", help="Only this reviewer's.")] = None,
    as_json: _JSON = False,
) -> None:
    """The decision log, newest first."""
    from review.items import log as read_log
    from review.plain import entry_as_data, entry_in_words

    with opened(context) as connection:
        entries = read_log(connection, min(count, sys.maxsize), reviewer=reviewer)
    if as_json:
        print_json([entry_as_data(entry) for entry in entries])
        return
    print_table(
        ("id", "when", "who", "where", "what", "text", "reason"),
        [
            (str(entry.id), entry.at, entry.reviewer, entry.surface, *entry_in_words(entry), entry.reason or "")
            for entry in entries
        ],
    )


def _reviewer(connection: sqlite3.Connection) -> str:
    from core.store.pack_here import reviewer_in
    from core.user import current_user

    return reviewer_in(connection, current_user())


@contextmanager
def _decision_log(context: typer.Context) -> Iterator[DecisionLog]:
    from review.decisions import DecisionLog

    with opened(context) as connection:
        yield DecisionLog(connection, _reviewer(connection), "cli")


def _print_turn(recorded: Any, nothing: str, as_json: bool) -> None:
    if recorded is None:
        narrate(nothing)
        if as_json:
            print_json([])
        raise typer.Exit(1)
    _print_recorded([recorded], as_json)


def _print_recorded(recorded: list[Any], as_json: bool) -> None:
    from review.plain import recorded_as_data

    if as_json:
        print_json([recorded_as_data(one) for one in recorded])
        return
    for one in recorded:
        states = ", ".join(f"{id_} {state.label}" for id_, state in list(one.states.items())[:20])
        more = f" … ({len(one.states):,} in all)" if len(one.states) > 20 else ""
        print(f"{one.what}: {states or f'step {one.step_id}'}{more}")
