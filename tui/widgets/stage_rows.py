"""The lines of the Stages screen: runs, newest first, and under those that are open what failed and what was left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from core.stages.models import ItemFailure
from core.store.stage_runs import StageRun
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.plain import one_line

STAGE_CELLS, TIME_CELLS = 9, 12
Key = tuple[int, int]
"""Run and number of the item in it, -1 for the run's own line: the same from one reading to the next."""


@dataclass(frozen=True, slots=True)
class Row:
    """`item` None: the line of the run itself. `left_out`: for a reason of its own, not because something failed."""

    run: StageRun
    number: int = -1
    item: ItemFailure | None = None
    left_out: bool = False

    @property
    def key(self) -> Key:
        return self.run.id, self.number


def failures_of(run: StageRun) -> Sequence[ItemFailure]:
    return _items(run.report, "failures")


def left_out_of(run: StageRun) -> Sequence[ItemFailure]:
    """Those that were taken all the same, because that was asked for, stand behind them; their remedy says so."""
    return [*_items(run.report, "left_out"), *_items(run.report, "kept")]


def _items(report: Mapping[str, Any], name: str) -> Sequence[ItemFailure]:
    return [
        ItemFailure(str(one["item"]), str(one["what"]), str(one.get("remedy") or ""), one.get("call"))
        for one in report.get(name, ())
    ]


def problem_count(run: StageRun) -> int:
    return sum(len(run.report.get(name, ())) for name in ("failures", "left_out", "kept"))


def tree_rows(runs: Sequence[StageRun], opened: Collection[int]) -> list[Row]:
    return [row for run in runs for row in _of_run(run, run.id in opened)]


def _of_run(run: StageRun, is_open: bool) -> Iterator[Row]:
    yield Row(run)
    if is_open:
        failures = failures_of(run)
        yield from (Row(run, number, item) for number, item in enumerate(failures))
        yield from (Row(run, number, item, True) for number, item in enumerate(left_out_of(run), start=len(failures)))


def problem_after(runs: Sequence[StageRun], key: Key, direction: int) -> Key | None:
    """The next (1) or previous (-1) item from a line, whether its run is open or not."""
    rows = tree_rows(runs, {run.id for run in runs})
    at = next((number for number, row in enumerate(rows) if row.key == key), 0)
    wanted = rows[at + 1 :] if direction > 0 else rows[:at][::-1]
    return next((row.key for row in wanted if row.item is not None), None)


def outcome(run: StageRun, *, running: bool) -> tuple[tuple[str, ...], str]:
    """What came of a run, the longest wording first, and its style."""
    if run.finished_at is None:
        failed = len(run.report.get("failures", ()))
        so_far = (f"running, {failed:,} failed so far", f"{failed:,} failed so far") if failed else ()
        return ((*so_far, "running"), GOOD) if running else (("not finished",), DOUBTFUL)
    parts = ["stopped"] if run.report.get("stopped") else []
    failed, left_out, kept = (len(run.report.get(name, ())) for name in ("failures", "left_out", "kept"))
    parts += [f"{failed:,} failed"] if failed else []
    parts += [f"{left_out:,} left out"] if left_out else []
    parts += [f"{kept:,} failing, kept"] if kept else []
    if not parts:
        return ("complete",), GOOD
    return tuple(", ".join(parts[:most]) for most in range(len(parts), 0, -1)), BAD if failed else DOUBTFUL


def line_of(row: Row, width: int, *, is_open: bool, running: bool) -> Content:
    """One line of the list in `width` cells."""
    if row.item is not None:
        mark = Content.styled("- ", DOUBTFUL) if row.left_out else Content.styled("✗ ", BAD)
        return Content.assemble("  ", mark, both_ends(one_line(row.item.item), max(8, width - 4)))
    run = row.run
    wordings, style = outcome(run, running=running)
    fold = ("▾ " if is_open else "▸ ") if problem_count(run) else "  "
    sign = {GOOD: "✓ ", DOUBTFUL: "! ", BAD: "✗ "}[style] if wordings[-1] != "running" else "> "
    head = Content.assemble((fold, MUTED), (f"{run.stage.value:<{STAGE_CELLS}}", "bold"), " ")
    time = f"{run.at[5:16].replace('T', ' '):<{TIME_CELLS}} "
    if width - head.cell_length - len(time) >= 14:
        head += Content.styled(time, MUTED)
    room = width - head.cell_length - 2
    words = next((wording for wording in wordings if len(wording) <= room), wordings[-1])
    return head + Content.assemble((sign, style), words)


def both_ends(text: str, cells: int) -> str:
    """A name without its folders, cut in its middle: the file it begins with and the number it ends with tell it apart."""
    if cell_len(text) > cells:
        path, colon, rest = text.partition(":")
        text = path.rpartition("/")[2] + colon + rest
    if cell_len(text) <= cells:
        return text
    start = set_cell_size(text, cells // 2 - 1)
    end = text
    while cell_len(end) > cells - cells // 2 - 1:
        end = end[1:]
    return f"{start}..{end}"
