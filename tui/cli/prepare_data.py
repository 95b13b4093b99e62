"""`workbench prepare-data`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tui.cli.dataset_options import KeepSplit, TrainFrac, dataset_options
from tui.cli.output import narrate, print_json, print_lines
from tui.cli.recipe import Recipe, RecipeOptions
from tui.cli.stages import DryRun, MaxCost, Yes, check_limit, estimate_lines
from tui.cli.state import project_of

_OUT = Path("output")
_OTHER_OUT = "finetune-data"


class _Format(StrEnum):
    INSTRUCTION = "instruction"
    CONVERSATIONAL = "conversational"


def register(app: typer.Typer) -> None:
    app.command(name="prepare-data")(prepare_data)


def prepare_data(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH...]", help="Tests: files, folders, `file::name`; default: the assistant's tests."),
    ] = None,
    keep_failing: Annotated[
        bool, typer.Option("--keep-failing", help="Annotate failing tests all the same, and mark them.")
    ] = False,
    count: Annotated[
        int | None,
        typer.Option("--num-rephrases", "-n", metavar="N", help="Rephrasings per user step, 0 to 49; 0 skips the stage."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--rephrase-config", metavar="FILE", help="The reference's YAML: `prompt_template` and `llm`."),
    ] = None,
    train_frac: TrainFrac = None,
    keep_split: KeepSplit = None,
    output_format: Annotated[_Format | None, typer.Option("--output-format", help="Shape of the split rows.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Folder to write (default: output); an earlier export in it is replaced."
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Stop before the dataset if rephrasings wait for a person (exit code 3).")
    ] = False,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Build the dataset although questions failed or the budget ended.")
    ] = False,
    estimate: DryRun = False,
    max_cost: MaxCost = None,
    yes: Yes = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary of all stages as JSON at the end.")] = False,
) -> None:
    """The whole recipe in one command: ingest, annotate, rephrase, validate, build a dataset, export the recipe's tree.

    It may be stopped, killed or fail anywhere: the same command goes on there, and asks no question again whose answer is
    stored. Tests that fail are left out. Everything the project knows goes into the dataset, not only the tests named here.
    """
    from core.export.options import ExportFormat, ExportOptions

    project = project_of(context)
    check_limit(max_cost)
    folder = _checked(out)
    wanted = ExportFormat(output_format.value if output_format else project.settings.export.format)
    recipe = Recipe(
        project,
        RecipeOptions(
            tuple(paths or ()),
            keep_failing,
            count,
            config,
            dataset_options(project, train_frac=train_frac, keep_split=keep_split),
            ExportOptions(folder, wanted, full_tree=wanted.is_tree),
            review=review,
            allow_incomplete=allow_incomplete,
            yes=yes,
            max_cost=max_cost,
            as_json=as_json,
        ),
    )
    recipe.check()
    if estimate:
        _print_estimate(recipe, as_json=as_json)
        return
    try:
        recipe.run()
    finally:
        if as_json:
            print_json(recipe.summary)


def _checked(out: Path | None) -> Path:
    """The folder to write. Raises UsageError if an export cannot be written there."""
    from core.errors import UsageError
    from core.export.folder import check_out

    try:
        check_out(out or _OUT)
    except UsageError as error:
        if out is not None:
            raise
        raise UsageError(
            f"no --out is named, so the export would go to the folder `{_OUT}`, and {error.what}",
            remedy=f"Name another folder: `--out {_OTHER_OUT}`. Nothing was changed.",
        ) from error
    return out or _OUT


def _print_estimate(recipe: Recipe, *, as_json: bool) -> None:
    from dataclasses import asdict

    found = list(recipe.estimate())
    if as_json:
        print_json([{**asdict(one), "missing": one.missing, "cost": one.cost} for one in found])
    else:
        for one in found:
            print_lines(estimate_lines(one))
    if found[0].missing:
        narrate("What annotate will find comes on top for the stages after it: their figures are of what is annotated now.")
