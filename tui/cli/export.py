"""`workbench export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.dataset_options import (
    HoldoutFrac,
    KeepSplit,
    MaxPerConversation,
    MaxPoints,
    NearDuplicates,
    Rephrasings,
    Seed,
    Strategy,
    TrainFrac,
    dataset_options,
)
from tui.cli.dataset_report import print_version
from tui.cli.output import narrate, print_json, progress_bar
from tui.cli.state import project_of

if TYPE_CHECKING:
    pass


class _Format(StrEnum):
    """As `core.export.options.ExportFormat`, which is not imported to print help."""

    INSTRUCTION = "instruction"
    CONVERSATIONAL = "conversational"
    PROMPT_COMPLETION = "prompt-completion"
    CHAT = "chat"
    MESSAGES = "messages"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    OPENAI = "openai"
    DU = "du"
    PARQUET = "parquet"
    HF = "hf"


class _Trainer(StrEnum):
    TRL = "trl"
    UNSLOTH = "unsloth"
    AXOLOTL = "axolotl"
    LLAMAFACTORY = "llamafactory"


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; an earlier export in it is replaced.")],
    output_format: Annotated[
        _Format | None,
        typer.Option("--format", help="instruction and conversational write the recipe's tree; docs/formats.md has them all."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset", metavar="REF", help="Export this dataset (`latest` or the beginning of its name); build none."
        ),
    ] = None,
    train_frac: TrainFrac = None,
    holdout_frac: HoldoutFrac = None,
    seed: Seed = None,
    rephrasings: Rephrasings = None,
    strategy: Strategy = None,
    max_per_conversation: MaxPerConversation = None,
    max_points: MaxPoints = None,
    near_duplicates: NearDuplicates = None,
    keep_split: KeepSplit = None,
    full_tree: Annotated[
        bool,
        typer.Option(
            "--full-tree", help="Also write the recipe's folders 1-3: annotations, rephrasings, all rows with their test."
        ),
    ] = False,
    trainer: Annotated[
        list[_Trainer] | None, typer.Option("--trainer", help="Also write a configuration for it; may be given several times.")
    ] = None,
    holdout: Annotated[
        str | None,
        typer.Option("--open-holdout", metavar="PURPOSE", help="Write the sealed part too; the purpose is recorded."),
    ] = None,
    hub: Annotated[
        str | None,
        typer.Option("--push-to-hub", metavar="NAME", help="With --format hf: push it to the Hugging Face hub, as private."),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="With --push-to-hub: for everybody to see.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write train and val splits that a trainer takes as they are, with where each row comes from and a manifest.

    Without --dataset the dataset is built first, as the project is decided now; options that are not given come from the
    section `export` of workbench.toml. The same dataset gives the same bytes.
    """
    from core.dataset.build import build
    from core.errors import UsageError
    from core.export.export import check_options, export_dataset
    from core.export.options import ExportFormat, ExportOptions, Trainer
    from core.store.datasets import find_dataset
    from core.user import current_user

    project = project_of(context)
    asked: dict[str, Any] = {
        "train_frac": train_frac, "holdout_frac": holdout_frac, "seed": seed, "rephrasings": rephrasings, "strategy": strategy,
        "max_per_conversation": max_per_conversation, "max_points": max_points, "near_duplicates": near_duplicates,
        "keep_split": keep_split,
    }  # fmt: skip
    given = [f"--{name.replace('_', '-')}" for name, value in asked.items() if value is not None]
    if dataset is not None and given:
        raise UsageError(
            f"{given[0]} says what is to be built, and --dataset names what was built",
            remedy="Leave one of the two away; `workbench dataset show` prints what a dataset was made with.",
        )
    wanted = ExportFormat(output_format.value if output_format else project.settings.export.format)
    options = ExportOptions(out, wanted, full_tree, tuple(Trainer(one.value) for one in dict.fromkeys(trainer or ())), holdout)
    _check_hub(options.format.value, hub, public, holdout)
    check_options(options)
    reviewer = current_user().reviewer
    with progress_bar() as progress:
        if dataset is None:
            version = build(project, dataset_options(project, **asked), reviewer=reviewer, progress=progress)
        else:
            connection = project.open()
            try:
                version = find_dataset(project, connection, dataset)
            finally:
                connection.close()
        report = export_dataset(project, version, options, reviewer=reviewer, progress=progress)
    if as_json:
        print_json(report.as_data())
    else:
        print_version(report.version)
        print(f"dataset {report.version.name} written to {report.out}")
    for warning in report.warnings:
        narrate(warning)
    if hub is not None:
        from core.export.hub import push_to_hub

        narrate(f"pushed to {push_to_hub(out, hub, public=public)}{'' if public else ' (private)'}")


def _check_hub(output_format: str, hub: str | None, public: bool, holdout: str | None) -> None:
    from core.errors import UsageError

    if hub is None:
        if public:
            raise UsageError("--public goes with --push-to-hub", remedy="Leave it away, or name a repository.")
        return
    if output_format != _Format.HF:
        raise UsageError(f"--push-to-hub pushes the format hf, not {output_format}", remedy="Add --format hf.")
    if holdout is not None:
        raise UsageError("the holdout is not pushed", remedy="Leave --open-holdout away, or export without --push-to-hub.")
    from core.export.hub import check_hub

    check_hub(hub)
