"""`workbench dataset quality`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.output import narrate, print_json, print_table, progress_bar
from tui.cli.state import project_of

if TYPE_CHECKING:
    from core.dataset.quality.models import DatasetQuality
    from core.rephrasing.diversity import Diversity

DEFAULT_TOP = 10


def register(app: typer.Typer) -> None:
    """`app` is the group `dataset`."""
    app.command()(quality)


def quality(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="[DATASET]", help="Beginning of its name, or `latest`.")] = "latest",
    top: Annotated[
        int, typer.Option("--top", metavar="N", min=1, help="Steps and kinds to list. Above 50 all is measured anew.")
    ] = DEFAULT_TOP,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """How varied a dataset's wordings are beside the originals, and which rows and further rephrasings add something.

    Of train and val; the holdout is not read. The figures are kept with the version.
    """
    from core.dataset.quality.measure import KEPT
    from core.dataset.quality.stored import quality_of
    from core.store.datasets import find_dataset

    project = project_of(context)
    with closing(project.open()) as connection:
        version = find_dataset(project, connection, reference)
    with progress_bar() as progress:
        found = quality_of(version, keep=max(top, KEPT), progress=progress)
    if as_json:
        print_json(found.as_data())
    else:
        _print(found, top)


def _print(found: DatasetQuality, top: int) -> None:
    headers = ("wordings", "texts", "distinct-1", "distinct-2", "self-BLEU", "edit distance")
    rows = [
        (f"{part}: {name}", *_figures(figures))
        for part, diversity in found.parts.items()
        for name, figures in (
            ("originals", diversity.originals),
            ("one each", diversity.one_each),
            ("rephrasings", diversity.rephrasings),
        )
    ]
    print_table(headers, rows)
    narrate("self-BLEU: of originals and one each among texts of one kind, of rephrasings among those of one step.")
    if found.novelty is not None:
        print(f"\n{found.novelty:.0%} of the words and word pairs of train's rows were new in their state when they came.")
    if found.gains:
        print(f"\nSteps that more would help most ({min(top, len(found.gains))} of {found.step_count:,})")
        print_table(
            ("score", "gain", "rows", "of kind", "tests", "wants", "step", "text"),
            [
                (
                    f"{one.score:.1f}",
                    _share(one.gain),
                    one.rows,
                    one.kind_rows,
                    one.kind_tests,
                    one.wants,
                    one.place,
                    one.original,
                )
                for one in found.gains[:top]
            ],
        )
    if found.kinds:
        print(f"\nKinds that hold most rows and add least ({min(top, len(found.kinds))} of {found.kind_count:,})")
        print_table(
            ("rows", "val", "tests", "labels", "new", "repeated", "kind"),
            [
                (one.rows, one.val, one.tests, one.labels, _share(one.novelty), round(one.repeated), one.kind)
                for one in found.kinds[:top]
            ],
        )
    if found.slots:
        print("\nValues of slots in train")
        print_table(
            ("slot", "rows", "values", "commonest", "share", "only in val"),
            [(one.slot, one.rows, one.values, one.commonest, _share(one.most), one.only_val) for one in found.slots],
        )
    lengths = found.prompts
    over = ", ".join(f"{count:,} over {limit:,}" for limit, count in lengths.over.items())
    print(
        f"\nLength of a row, estimated: median {lengths.median:,} tokens, longest {lengths.longest:,}; {over}"
        f" (of {found.measured:,} rows). `workbench preflight` counts with the model's own tokenizer."
    )


def _figures(figures: Diversity) -> tuple[object, ...]:
    values = (figures.distinct_1, figures.distinct_2, figures.self_bleu, figures.edit_distance)
    return (figures.texts, *("–" if value is None else f"{value:.2f}" for value in values))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
