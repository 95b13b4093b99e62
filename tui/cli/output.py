"""Printing for the commands: JSON and plain aligned tables on stdout, narration and progress on stderr."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

_MOST_PADDED: Final = 200
_LEAST_CUT: Final = 60


def print_json(data: Any) -> None:
    """One JSON document, readable and in UTF-8."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def print_lines(lines: Iterable[str]) -> None:
    """Lines that hold text from data: control characters in it must not steer the terminal."""
    for line in lines:
        print(_clean(line))


def narrate(text: str) -> None:
    print(text, file=sys.stderr)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints `table_lines`: on a terminal what is too long is cut, for another program everything is there."""
    most = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in table_lines(headers, rows, most_cells=most):
        print(line)


def table_lines(headers: Sequence[str], rows: Sequence[Sequence[object]], *, most_cells: int | None = None) -> Iterator[str]:
    """An aligned plain table. Wide characters count as two cells; control characters become spaces.

    `most_cells`: what is longer is cut, and says so by `…`; None: nothing is, but one long text does not push the others apart.
    """
    from rich.cells import cell_len

    cells = [[_clean(value) for value in row] for row in (headers, *rows)]
    if most_cells is not None:
        cells = [[_cut(text, max(_LEAST_CUT, most_cells)) for text in row] for row in cells]
    widths = [min(_MOST_PADDED, max(cell_len(row[column]) for row in cells)) for column in range(len(headers))]
    numeric = [bool(rows) and all(isinstance(row[column], int | float) for row in rows) for column in range(len(headers))]
    for row in cells:
        padded = [
            " " * (width - cell_len(text)) + text if right else text + " " * (width - cell_len(text))
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        yield "  ".join(padded).rstrip()


def _cut(text: str, most: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= most else set_cell_size(text, most - 1).rstrip() + "…"


def _clean(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "".join(character if character.isprintable() else " " for character in str(value))


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr if that is a terminal, silence otherwise. Yields `report(what, done, total)`."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield report
