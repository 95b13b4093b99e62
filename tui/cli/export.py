"""`workbench export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_table, progress_bar
from tui.cli.state import project_of

if TYPE_CHECKING:
    from core.dataset.summary import ExportSummary


class _Format(StrEnum):
    INSTRUCTION = "instruction"
    CONVERSATIONAL = "conversational"


class _Rephrasings(StrEnum):
    VALIDATED = "validated"
    ACCEPTED = "accepted"
    NONE = "none"


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; an earlier export in it is replaced.")],
    output_format: Annotated[_Format | None, typer.Option("--format", help="Shape of the split rows.")] = None,
    train_frac: Annotated[
        float | None, typer.Option(help="Share of the data points for train, 0 < x ≤ 1; 1: no val file.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the split.")] = None,
    rephrasings: Annotated[_Rephrasings | None, typer.Option(help="Which rephrasings to use.")] = None,
    full_tree: Annotated[
        bool,
        typer.Option(
            "--full-tree", help="Also write the recipe's folders 1-3: annotations, rephrasings, all rows with their test."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write train and val splits that a trainer takes as they are, with the tests they came from and a manifest.

    Options that are not given come from the section `export` of workbench.toml. The same input gives the same bytes.
    """
    from core.errors import UsageError
    from core.export.export import ExportOptions
    from core.export.export import export as run
    from core.user import current_user

    project = project_of(context)
    defaults = project.settings.export
    share = defaults.train_frac if train_frac is None else train_frac
    if not 0 < share <= 1:
        raise UsageError(
            f"--train-frac must be greater than 0 and at most 1, not {share}",
            remedy="Use e.g. 0.8, or 1.0 for no val file.",
        )
    options = ExportOptions(
        out=out,
        format=output_format.value if output_format else defaults.format,
        train_frac=share,
        seed=defaults.seed if seed is None else seed,
        rephrasings=rephrasings.value if rephrasings else defaults.rephrasings,
        full_tree=full_tree,
    )
    with progress_bar() as progress:
        summary = run(project, options, reviewer=current_user().reviewer, progress=progress)
    if as_json:
        print_json(summary.as_data())
    else:
        _print(summary, options.out)


def _print(summary: ExportSummary, out: Path) -> None:
    print_table(("", "train", "val", "all"), summary.table())
    for name, count in summary.notes():
        print(f"{count:>7,}  {name}")
    for line in summary.shortfalls:
        print(f"shortfall: {line}")
    for place, reason in summary.without_prompt[:20]:
        narrate(f"left out: {place}: {reason}")
    if len(summary.without_prompt) > 20:
        narrate(f"left out: … and {len(summary.without_prompt) - 20:,} more steps (all in {out / 'manifest.json'})")
    print(f"written to {out}")
