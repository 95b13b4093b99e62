"""`workbench validate`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tui.cli.stages import AsJson, Batch, DryRun, MaxCost, Yes, carry_out
from tui.cli.state import project_of


class _Mode(StrEnum):
    STRICT = "strict"
    DOCUMENTED = "documented"


def register(app: typer.Typer) -> None:
    app.command()(validate)


def validate(
    context: typer.Context,
    again: Annotated[
        bool, typer.Option("--all", help="Also those whose verdict came from a file or from an earlier run.")
    ] = False,
    mode: Annotated[
        _Mode | None,
        typer.Option(help="documented: slot values do not count, as in the reference's guide; default: workbench.toml."),
    ] = None,
    filter_text: Annotated[
        str, typer.Option("--filter", metavar="FILTER", help="Only these, as in review: `flow:renew_loan -state:reject`.")
    ] = "",
    max_cost: MaxCost = None,
    yes: Yes = False,
    batch: Batch = None,
    estimate: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let the annotator read every rephrasing in the place of its message, and judge what it finds: same, different, ambiguous.

    Those that have a verdict on their wording are passed over. Each verdict has its reasons; `workbench review` shows them.
    """
    from core.commands import Mode
    from core.validation.stage import prepare_validate
    from review.filters import parse_filter

    project = project_of(context)
    where, parameters = parse_filter(filter_text).for_rephrasings()
    stage = prepare_validate(
        project, again=again, mode=None if mode is None else Mode(mode.value), where=where, parameters=parameters
    )
    carry_out(context, project, stage, yes=yes, max_cost=max_cost, batch=batch, as_json=as_json, estimate_only=estimate)
