"""`workbench rephrase`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_lines, print_table
from tui.cli.stages import AsJson, Batch, DryRun, MaxCost, Yes, carry_out
from tui.cli.state import project_of

if TYPE_CHECKING:
    from core.rephrasing.report import RephrasingReport, StepReport

_LISTED = 20


def register(app: typer.Typer) -> None:
    app.command()(rephrase)


def rephrase(
    context: typer.Context,
    filter_text: Annotated[
        str,
        typer.Option(
            "--filter", metavar="FILTER", help="Only these conversations, as in `conversations list`: `flow:renew_loan`."
        ),
    ] = "",
    count: Annotated[
        int | None,
        typer.Option("--num-rephrases", "-n", metavar="N", help="Rephrasings per user step, 0 to 49; 0 skips the stage."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--rephrase-config", metavar="FILE", help="The reference's YAML: `prompt_template` and `llm`."),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Ask nothing: print how diverse the rephrasings are, and where there are too few.")
    ] = False,
    estimate: DryRun = False,
    max_cost: MaxCost = None,
    yes: Yes = False,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Ask the rephraser for other wordings of every annotated user step, as many as it lacks.

    Rephrasings from files and by hand count too. Messages that a button sends are never rephrased. Styles, rounds and the
    prompt are set in the section `rephrase` of workbench.toml.
    """
    from core.rephrasing.plan import Selection
    from core.rephrasing.stage import prepare_rephrase
    from review.filters import parse_filter

    where, parameters = parse_filter(filter_text).for_conversations()
    selection = Selection(where, tuple(parameters))
    stage = prepare_rephrase(project_of(context), count=count, config=config, selection=selection)
    if not report:
        carry_out(
            context, stage.project, stage, yes=yes, max_cost=max_cost, batch=batch, as_json=as_json, estimate_only=estimate
        )
        return
    from core.rephrasing.plan import why_nothing
    from core.rephrasing.report import measured

    with closing(stage.project.open()) as connection:
        found = measured(connection, selection, stage.count)
        nothing = "" if found.steps else why_nothing(connection, selection)
    if as_json:
        print_json(found.as_data())
        return
    _print(found)
    if nothing:
        narrate(nothing)


def _print(report: RephrasingReport) -> None:
    pooled = report.pooled
    print(f"{pooled.texts:,} rephrasings of {len(report.steps):,} annotated user steps")
    if pooled.texts:
        print(str(pooled))
    _print_counts("Styles asked for", report.styles)
    _print_counts("Not taken", report.dropped)
    _print_steps("Most alike", [step for step in report.most_alike if (step.diversity.self_bleu or 0) > 0], report.wanted)
    _print_steps(f"Fewer than {report.wanted}", report.short, report.wanted)


def _print_counts(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        print(f"\n{title}")
        print_table(("", ""), list(counts.items()))


def _print_steps(title: str, steps: Sequence[StepReport], wanted: int) -> None:
    if not steps:
        return
    print(f"\n{title}")
    rows = [
        (step.place, step.user_step, f"{step.diversity.texts}/{wanted}", *_figures(step), _shortened(step.original))
        for step in steps[:_LISTED]
    ]
    print_table(("step", "", "rephrasings", "distinct-1", "distinct-2", "self-BLEU", "edit", "original"), rows)
    if len(steps) > _LISTED:
        print_lines([f"… and {len(steps) - _LISTED:,} more (`--json` lists all)"])


def _figures(step: StepReport) -> tuple[str, ...]:
    found = step.diversity
    return tuple(
        "–" if value is None else f"{value:.2f}"
        for value in (found.distinct_1, found.distinct_2, found.self_bleu, found.edit_distance)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:49]}…"
