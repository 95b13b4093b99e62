"""The options that say what a dataset is to be: of `dataset build`, `export` and `prepare-data`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.dataset.models import DatasetOptions
    from core.project import Project


class RephrasingsChoice(StrEnum):
    VALIDATED = "validated"
    ACCEPTED = "accepted"
    NONE = "none"


class StrategyChoice(StrEnum):
    COMPONENTS = "components"
    TESTS = "tests"
    RECIPE = "recipe"


TrainFrac = Annotated[
    float | None, typer.Option("--train-frac", help="Share of the data points for train, 0 < x ≤ 1; 1: no val file.")
]
HoldoutFrac = Annotated[
    float | None, typer.Option("--holdout-frac", help="Share of the data points for a sealed third part; default: 0, none.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the split and of sampling.")]
Rephrasings = Annotated[RephrasingsChoice | None, typer.Option("--rephrasings", help="Which rephrasings to use.")]
Strategy = Annotated[
    StrategyChoice | None,
    typer.Option(
        "--strategy", help="components: no utterance in one state on two sides; tests: by test; recipe: the reference's rule."
    ),
]
MaxPerConversation = Annotated[
    int | None,
    typer.Option("--max-per-conversation", metavar="N", help="At most N new conversations per test, beside the original."),
]
MaxPoints = Annotated[
    int | None, typer.Option("--max-points", metavar="N", help="At most N data points; what is common gives way first.")
]
NearDuplicates = Annotated[
    float | None,
    typer.Option(
        "--near-duplicates",
        help="Likeness from which two texts count as one, 0 < x ≤ 1; 1: exact duplicates only. Moves the split too: what counts"
        " as one must not stand on two sides.",
    ),
]
KeepSplit = Annotated[
    str | None,
    typer.Option(
        "--keep-split",
        metavar="REF",
        help="Tests stay on the sides that they have in this dataset: `latest`, or the beginning of its name.",
    ),
]


def dataset_options(
    project: Project,
    *,
    train_frac: float | None = None,
    holdout_frac: float | None = None,
    seed: int | None = None,
    rephrasings: RephrasingsChoice | None = None,
    strategy: StrategyChoice | None = None,
    max_per_conversation: int | None = None,
    max_points: int | None = None,
    near_duplicates: float | None = None,
    keep_split: str | None = None,
) -> DatasetOptions:
    """What is not given comes from the section `export` of workbench.toml, but for `keep_split`: a dataset of this project.

    Raises:
        UsageError: a value is outside its range, the shares come to more than 1, or there is no such dataset.
    """
    from core.dataset.models import DatasetOptions

    names = {field.name for field in fields(DatasetOptions)}
    chosen = {name: value for name, value in project.settings.export.model_dump().items() if name in names}
    given = {
        "train_frac": train_frac,
        "holdout_frac": holdout_frac,
        "seed": seed,
        "rephrasings": None if rephrasings is None else rephrasings.value,
        "strategy": None if strategy is None else strategy.value,
        "max_per_conversation": max_per_conversation,
        "max_points": max_points,
        "near_duplicates": near_duplicates,
        "keep_split": None if keep_split is None else _address(project, keep_split),
    }
    options = DatasetOptions(**{**chosen, **{name: value for name, value in given.items() if value is not None}})
    _check(options)
    return options


def _address(project: Project, reference: str) -> str:
    """What `latest` means changes with every build, so the options hold the address."""
    from contextlib import closing

    from core.store.datasets import find_dataset

    with closing(project.open()) as connection:
        return find_dataset(project, connection, reference).address


def _check(options: DatasetOptions) -> None:
    from core.errors import UsageError

    for what, remedy in _wrong(options):
        raise UsageError(what, remedy=remedy)


def _wrong(options: DatasetOptions) -> Iterator[tuple[str, str]]:
    """What is wrong and what to do. Comparisons are written so that nan is wrong too."""
    train, holdout = options.train_frac, options.holdout_frac
    if not 0 < train <= 1:
        yield (
            f"--train-frac must be greater than 0 and at most 1, not {train:g}",
            "Use e.g. 0.8, or 1.0 for no val file.",
        )
    if not 0 <= holdout < 1:
        yield f"--holdout-frac must be at least 0 and less than 1, not {holdout:g}", "Use e.g. 0.1, or 0 for no holdout."
    if not round(train + holdout, 9) <= 1:
        yield (
            f"--train-frac {train:g} and --holdout-frac {holdout:g} come to more than 1",
            "val gets what they leave: e.g. --train-frac 0.8 --holdout-frac 0.1.",
        )
    if not 0 < options.near_duplicates <= 1:
        yield (
            f"--near-duplicates must be greater than 0 and at most 1, not {options.near_duplicates:g}",
            "Use e.g. 0.8, or 1 to take out exact duplicates only.",
        )
    if options.max_per_conversation is not None and options.max_per_conversation < 0:
        yield (
            f"--max-per-conversation must be 0 or more, not {options.max_per_conversation}",
            "0 takes the original conversations only.",
        )
    if options.max_points is not None and options.max_points < 1:
        yield f"--max-points must be 1 or more, not {options.max_points}", "Leave it away to take all data points."
