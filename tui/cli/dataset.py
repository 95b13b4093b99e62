"""`workbench dataset list|show|diff|build|holdout`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import dataset_quality
from tui.cli.dataset_list import moment, option_text, options_text, print_list
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
from tui.cli.dataset_report import print_split_table, print_version
from tui.cli.output import narrate, print_json, print_lines, print_table, progress_bar
from tui.cli.state import project_of

if TYPE_CHECKING:
    from core.dataset.compare import DatasetComparison
    from core.lineage.overview import DatasetOverview

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reference = Annotated[str, typer.Argument(metavar="[DATASET]", help="The beginning of its name, or `latest`.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Datasets: build them, list them, compare them. A version never changes; its name is its content's.",
        no_args_is_help=True,
    )
    group.command()(build)
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(diff)
    group.command()(holdout)
    dataset_quality.register(group)
    app.add_typer(group, name="dataset")


def build(
    context: typer.Context,
    train_frac: TrainFrac = None,
    holdout_frac: HoldoutFrac = None,
    seed: Seed = None,
    rephrasings: Rephrasings = None,
    strategy: Strategy = None,
    max_per_conversation: MaxPerConversation = None,
    max_points: MaxPoints = None,
    near_duplicates: NearDuplicates = None,
    keep_split: KeepSplit = None,
    as_json: AsJson = False,
) -> None:
    """Compose, clear of duplicates, split and store a dataset of the project as it is decided now.

    Options that are not given come from the section `export` of workbench.toml. The same project and options give the same
    dataset, which is stored once.
    """
    from core.dataset.build import build as run
    from core.user import current_user

    project = project_of(context)
    options = dataset_options(
        project,
        train_frac=train_frac,
        holdout_frac=holdout_frac,
        seed=seed,
        rephrasings=rephrasings,
        strategy=strategy,
        max_per_conversation=max_per_conversation,
        max_points=max_points,
        near_duplicates=near_duplicates,
        keep_split=keep_split,
    )
    with progress_bar() as progress:
        version = run(project, options, reviewer=current_user().reviewer, progress=progress)
    if as_json:
        with closing(project.open()) as connection:
            from core.lineage.overview import dataset_row

            print_json({**dataset_row(connection, version).as_data(), "summary": dict(version.summary)})
        return
    print_version(version)
    print(f"dataset {version.name}")
    narrate(f"Its files: {version.folder}. `workbench preflight {version.name}` checks it against the model to be trained.")


def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """All datasets of the project, the newest first."""
    from core.lineage.overview import dataset_row
    from core.store.datasets import all_datasets

    project = project_of(context)
    with closing(project.open()) as connection:
        found = [dataset_row(connection, version) for version in list(all_datasets(project, connection))]
    if as_json:
        print_json([one.as_data() for one in found])
        return
    if not found:
        narrate("There is no dataset yet: `workbench dataset build` makes one.")
        return
    print_list(found)


def show(context: typer.Context, reference: Reference = "latest", as_json: AsJson = False) -> None:
    """All that is known of a dataset: options, split, what was left out with its twins, files, exports, looks at the holdout.

    Exit code 1 if a file is gone or not as it was written.
    """
    from core.lineage.overview import AS_WRITTEN, dataset_overview
    from core.store.datasets import find_dataset

    project = project_of(context)
    with closing(project.open()) as connection:
        found = dataset_overview(connection, find_dataset(project, connection, reference))
    if as_json:
        print_json(found.as_data())
    else:
        _print_overview(found)
    if any(file.state != AS_WRITTEN for file in found.files):
        raise typer.Exit(1)


def _print_overview(found: DatasetOverview) -> None:
    from core.lineage.overview import AS_WRITTEN

    version = found.row.version
    print(f"dataset {version.name}  ({version.address})")
    print(f"built {moment(version.at)} by {version.reviewer} with Workbench {version.code_version}")
    print(f"template {version.template} ({version.template_sha256[:12]}), dialect {version.dialect}")
    print(f"options {options_text(version.parameters)}\n")
    print_version(version)
    print()
    print_split_table(version.summary.get("split") or {})
    for group in found.left_out:
        print(f"\nleft out: {group.reason}: {group.count:,}")
        print_lines(f"  {one}" for one in group.first)
        if group.count > len(group.first):
            print(f"  … and {group.count - len(group.first):,} more")
    print(f"\nfiles in {version.folder}")
    shown = [file for file in found.files if "/" not in file.name or file.state != AS_WRITTEN]
    print_table(("", "bytes", ""), [(file.name, file.size, file.state) for file in shown])
    if len(shown) < len(found.files):
        print(f"and {len(found.files) - len(shown):,} in folders, {AS_WRITTEN}")
    print(f"\npreflight: {found.row.preflight or 'none yet: `workbench preflight`'}")
    exports = [f"  {use.out} ({use.format}), {moment(use.at)} by {use.by}" for use in found.row.exports]
    print_lines(["exports:", *exports] if exports else ["exports: none"])
    if version.summary["table"]["data points"]["holdout"]:
        looks = [f"  {moment(at)} by {by}: {purpose}" for at, by, purpose in found.looks]
        times = f"opened {_times(len(looks))}" if looks else "sealed, never opened"
        print_lines([f"holdout: {times}", *looks])


def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The beginning of a dataset's name.")],
    new: Annotated[str, typer.Argument(metavar="[NEW]", help="Another one.")] = "latest",
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many changes of each kind to list.")] = 10,
    as_json: AsJson = False,
) -> None:
    """What came, went and changed from one dataset to another: parameters, tests, user steps, texts, labels, sides."""
    from core.dataset.compare import compare
    from core.store.datasets import find_dataset

    project = project_of(context)
    with closing(project.open()) as connection:
        found = compare(connection, find_dataset(project, connection, old), find_dataset(project, connection, new), limit=limit)
    if as_json:
        print_json(found.as_data())
    else:
        _print_diff(found)


def _print_diff(found: DatasetComparison) -> None:
    print(f"from {found.old} to {found.new}")
    if found.is_same:
        print("the same rows, made in the same way")
        return
    for name, before, after in found.about:
        print_lines([f"{name}: {option_text(name, before)} → {option_text(name, after)}"])
    print_table(("rows", "old", "new"), [(part, *counts) for part, counts in found.points.items() if any(counts)])
    for one in found.changes:
        if not one.count:
            continue
        print(f"\n{one.what}: {one.count:,}")
        for change in one.first:
            became = f": {change.old} → {change.new}" if change.old or change.new else ""
            print_lines([f"  {change.place}  {change.text}{became}"])
        if one.count > len(one.first):
            print(f"  … and {one.count - len(one.first):,} more (`--limit` lists more)")


def holdout(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="JSONL file to write its rows to.")],
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is opened for; recorded with your name.")],
    reference: Reference = "latest",
) -> None:
    """Open the sealed part of a dataset: write its rows to a file, and record who did so and what for."""
    from core.dataset.holdout import open_holdout
    from core.dataset.holdout_file import write_holdout_file
    from core.errors import ProjectError
    from core.store.datasets import find_dataset, holdout_uses
    from core.user import current_user

    project = project_of(context)
    with closing(project.open()) as connection:
        version = find_dataset(project, connection, reference)
        _check_writable(out)
        rows = open_holdout(project, version, reviewer=current_user().reviewer, purpose=purpose)
        try:
            write_holdout_file(out, version, rows)
        except OSError as error:
            raise ProjectError(f"cannot write {out}: {error.strerror or error}", remedy="Name another file.") from error
        looks = len(holdout_uses(connection, version.id))
    print(out)
    narrate(f"The holdout of {version.name} was opened {_times(looks)} now; `workbench dataset show {version.name}` lists it.")


def _check_writable(out: Path) -> None:
    """Before the look is recorded."""
    from core.errors import UsageError

    if out.exists():
        raise UsageError(f"{out} exists", remedy="Name a new file with --out; nothing was opened.")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {out.absolute().parent}", remedy="Create it first; nothing was opened.")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
