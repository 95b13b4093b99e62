"""`workbench dataset list`: a table that fits a narrow terminal, and below each version what is special about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tui.cli.output import print_lines, table_lines

if TYPE_CHECKING:
    from core.lineage.overview import DatasetRow

_LEAST = 4
"""Cells that a name keeps, however narrow the terminal is."""
_INDENT = "  "


def print_list(rows: Sequence[DatasetRow]) -> None:
    """Exports are counted and a preflight's model is left to `dataset show`; options are cut at the terminal's width."""
    from rich.cells import cell_len

    from core.dataset.models import Part

    width = terminal_width()
    has_holdout = any(row.version.points[Part.HOLDOUT] for row in rows)
    headers = ["name", "built", "by", "train", "val", *(["holdout"] if has_holdout else []), "preflight", "exports"]
    head, *lines = table_lines(headers, [_cells(row, has_holdout) for row in rows])
    names = max(cell_len(row.version.reviewer) for row in rows)
    too_wide = 0 if width is None else max(cell_len(line) for line in (head, *lines)) - width
    if too_wide > 0:
        head, *lines = table_lines(headers, [_cells(row, has_holdout, max(names - too_wide, _LEAST)) for row in rows])
    print_lines([head])
    for row, line in zip(rows, lines, strict=True):
        print_lines([line, *(shortened(f"{_INDENT}{note}", width) for note in _notes(row))])


def terminal_width() -> int | None:
    """In cells; None where stdout is no terminal: files and pipes take lines of any length."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _cells(row: DatasetRow, has_holdout: bool, most: int | None = None) -> list[object]:
    """`most`: cells for who built it."""
    from core.dataset.models import Part

    version = row.version
    train, val, holdout = (version.points[part] for part in Part)
    preflight = "–" if row.preflight is None else "passed" if row.preflight.passed else "failed"
    sealed = [holdout] if has_holdout else []
    return [
        version.name, moment(version.at), shortened(version.reviewer, most), train, val, *sealed, preflight, len(row.exports),
    ]  # fmt: skip


def _notes(row: DatasetRow) -> Iterator[str]:
    if not row.has_folder:
        yield "its folder is gone: it can be neither exported nor checked"
    if row.options:
        yield options_text(row.options)


def shortened(text: str, width: int | None) -> str:
    """Cut to `width` cells, the last of them `…`; None: as it is."""
    from rich.cells import cell_len, set_cell_size

    if width is None or cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip(' ,')}…"


def options_text(options: Any) -> str:
    """`train_frac 0.9, seed 7`"""
    return ", ".join(f"{name} {option_text(name, value)}" for name, value in options.items())


def option_text(name: str, value: object) -> str:
    """A dataset by its name: the options hold its address."""
    from core.dataset.models import NAME_LENGTH

    if value is None:
        return "none"
    return str(value)[:NAME_LENGTH] if name == "keep_split" else str(value)


def moment(at: str) -> str:
    """To the minute, from an ISO time."""
    return at[:16].replace("T", " ")
