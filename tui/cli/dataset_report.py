"""What a build took and left out, for people: of `dataset build`, `dataset show` and `prepare-data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.cli.output import narrate, print_lines, print_table

if TYPE_CHECKING:
    from core.dataset.models import DatasetVersion

_LISTED = 20


def print_version(version: DatasetVersion) -> None:
    """Rows by part, what was taken and left out, and how the split came out; single steps go to stderr."""
    from core.dataset.summary import table_of

    summary = version.summary
    rows = table_of(summary)
    if any(row[3] for row in rows):
        print_table(("", "train", "val", "holdout", "all"), rows)
    else:
        print_table(("", "train", "val", "all"), [(*row[:3], row[4]) for row in rows])
    for name, count in summary.get("notes", {}).items():
        print(f"{count:>7,}  {name}")
    print_split(summary.get("split") or {})
    _list("left out", summary.get("steps_left_out", ()))
    _list("left out after changed commands", summary.get("left_out_after_changed_commands", ()))
    _list("which commands are right?", summary.get("contradictions", ()))


def _list(what: str, places: Sequence[Mapping[str, str]]) -> None:
    for one in places[:_LISTED]:
        narrate(f"{what}: {one['where']}: {one['reason']}")
    if len(places) > _LISTED:
        narrate(f"{what}: … and {len(places) - _LISTED:,} more (`--json` lists all)")


def print_split(split: dict[str, Any]) -> None:
    """`split`: as `core.dataset.split` reports it."""
    if not split:
        return
    if torn := split.get("torn_components"):
        print(f"split by test: {torn:,} component{'' if torn == 1 else 's'} had tests on several sides before")
    elif split["asked"] != split["strategy"]:
        share = split["components"]["share"]
        print(f"split by test: the largest component holds {share:.0%} of the data points, more than may stay out of train")
    if split["recipe"]["rows"]:
        leaked, rows = split["recipe"]["leaked"], split["recipe"]["rows"]
        print(f"{leaked:>7,}  of {rows:,} data points outside of train would have leaked under the reference's rule")
    print_lines(f"shortfall: {line}" for line in split["shortfalls"])


def print_split_table(split: dict[str, Any], limit: int = _LISTED) -> None:
    """Data points by feature and part."""
    rows = [
        (row["feature"], row["train"], row["val"], row["holdout"], row["all"], row["taken_out"])
        for row in split.get("table", ())
    ]
    if not rows:
        return
    print_table(("split", "train", "val", "holdout", "all", "taken out"), rows[:limit])
    if len(rows) > limit:
        print(f"… and {len(rows) - limit:,} more rows (`--json` lists all)")
