"""`workbench conversations list|show`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tui.cli.output import print_json, print_lines, print_table
from tui.cli.state import opened


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="List and read the conversations of the project.", no_args_is_help=True)
    group.command("list")(list_)
    group.command()(show)
    app.add_typer(group, name="conversations")


def list_(
    context: typer.Context,
    filter_text: Annotated[
        str,
        typer.Argument(metavar="[FILTER]", help="e.g. `flow:renew_loan state:open`, `file:loans`, `-verdict:same`."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most this many; 0: all.")] = 0,
) -> None:
    """All conversations with their numbers of steps, rephrasings and open reviews."""
    from core.store.browse import list_conversations
    from review.filters import parse_filter

    where, parameters = parse_filter(filter_text).for_conversations()
    with opened(context) as connection:
        rows = list_conversations(connection, where, parameters, limit=min(limit, sys.maxsize) or None)
    if as_json:
        print_json([row.as_data() for row in rows])
        return
    print_table(
        ("id", "test", "file", "steps", "rephrasings", "open"),
        [(row.id, row.name, row.file, row.user_steps, row.rephrasings, row.open) for row in rows],
    )


def show(
    context: typer.Context,
    conversation_id: Annotated[int, typer.Argument(metavar="ID", help="As printed by `conversations list`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """One conversation: its turns, and under each user turn its commands and rephrasings."""
    from core.store.browse import show_conversation

    with opened(context) as connection:
        conversation = show_conversation(connection, conversation_id)
    if as_json:
        print_json(conversation.as_data())
    else:
        print_lines(conversation.as_lines())
