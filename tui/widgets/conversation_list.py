"""All conversations as a list of any length: only the lines in view are fetched and drawn (Textual's Line API)."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from core.store.browse import ConversationRow
from tui.styles import MUTED
from tui.widgets.conversation_rows import ConversationRows
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import CURSOR, fit

LEAST_FOR_FILE, LEAST_FOR_NUMBERS, FILE_SHARE = 56, 46, 0.4
"""From which width on file and all numbers are shown; the transcript's heading has them anyway."""
_STEPS, _REPHRASINGS, _OPEN = (("steps", 6), ("reph.", 7), ("open", 7))


def header(width: int, count: int) -> str:
    """The headings, aligned with the lines of a list of this width; that of the names says how many there are."""
    name, file = column_widths(width)
    numbers = "".join(f"{title:>{cells}}" for title, cells in number_columns(width))
    names = f"{count:,} conversation" + ("" if count == 1 else "s")
    return f"  {fit(names, name)}{fit('file', file)}{numbers}"


def number_columns(width: int) -> tuple[tuple[str, int], ...]:
    """Headings and cells of the numeric columns."""
    return (_STEPS, _REPHRASINGS, _OPEN) if width >= LEAST_FOR_NUMBERS else (_OPEN,)


def column_widths(width: int) -> tuple[int, int]:
    """Cells of name and file."""
    room = max(8, width - 2 - sum(cells for _, cells in number_columns(width)))
    file = int(room * FILE_SHARE) if width >= LEAST_FOR_FILE else 0
    return room - file, file


class ConversationList(ScrollView, can_focus=True, inherit_bindings=False):  # arrows move the cursor, not the view
    """`on_highlight` is called, not told by a message: list and transcript then land in one paint.

    `on_failure` is told, after the paint, why rows could not be read.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"conversations--cursor", "conversations--muted", "conversations--empty"}
    DEFAULT_CSS = """
    ConversationList {
        width: 1fr; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto;
        & > .conversations--cursor { background: $primary-muted; color: $text; text-style: bold; }
        & > .conversations--muted { color: $foreground 70%; }
        & > .conversations--empty { color: $foreground 70%; }
    }
    """

    def __init__(
        self,
        on_highlight: Callable[[int | None], None],
        on_choose: Callable[[], None],
        on_failure: Callable[[sqlite3.Error], None],
    ) -> None:
        super().__init__()
        self._on_highlight, self._on_failure = on_highlight, on_failure
        self._on_choose = on_choose
        self.ids: array[int] = array("q")
        self._rows: ConversationRows | None = None
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self.cursor = 0
        self.empty_text = ""

    @property
    def current_id(self) -> int | None:
        return self.ids[self.cursor] if self.ids else None

    def show(self, connection: sqlite3.Connection, ids: array[int], at: int | None = None) -> None:
        """Show these conversations. `at`: the id to stand on, or the nearest after it; None: the first."""
        self.ids, self._rows = ids, ConversationRows(connection, ids, self._failed)
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(ids))
        self.refresh()
        self.move_to(bisect_left(ids, at) if at is not None else 0)

    def _failed(self, error: sqlite3.Error) -> None:
        self.call_later(self._on_failure, error)

    def move_to(self, position: int) -> None:
        """Put the cursor there, bring it into view and show the conversation, in the same paint."""
        if not self.ids:
            self.cursor = 0
            self._on_highlight(None)
            return
        old, self.cursor = self.cursor, max(0, min(position, len(self.ids) - 1))
        for row in (old, self.cursor):
            if 0 <= row - self.scroll_offset.y < self.size.height:
                self.refresh_line(row)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and not top <= self.cursor < top + height:
            target = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=target, animate=False, force=True)
        self._on_highlight(self.ids[self.cursor])

    def page_by(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def on_click(self, event: events.Click) -> None:
        position = event.y + self.scroll_offset.y
        if position < len(self.ids):
            event.stop()
            self.move_to(position)
            if event.chain > 1:
                self._on_choose()

    def on_resize(self) -> None:
        self._strips.clear()
        if self.ids:
            self.move_to(self.cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if self._rows is None or position >= len(self.ids):
            text = self.empty_text.splitlines()[y - 1 : y] if y > 0 and not self.ids else []
            style = self.get_component_rich_style("conversations--empty")
            return Strip([Segment("  " + "".join(text), style)]).adjust_cell_length(width, style)
        row, at_cursor = self._rows[position], position == self.cursor
        key = (row, width, at_cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, at_cursor)
        return strip

    def _draw(self, row: ConversationRow, width: int, at_cursor: bool) -> Strip:
        # the whole component style, not `partial`: only then are `auto` colours and transparency worked out
        ground = self.get_component_rich_style("conversations--cursor") if at_cursor else self.rich_style
        muted = ground if at_cursor else self.get_component_rich_style("conversations--muted")
        name_cells, file_cells = column_widths(width)
        columns = number_columns(width)
        values = (row.user_steps, row.rephrasings, row.open)[-len(columns) :]
        numbers = [f"{value:>{cells},}" for value, (_, cells) in zip(values, columns, strict=True)]
        file = one_line(row.file)
        # of a long path the end tells more than the beginning
        while file_cells and cell_len(file) > file_cells - 1:
            file = ".." + file.lstrip(".")[1:]
        segments = [
            Segment(f"{CURSOR} " if at_cursor else "  ", ground),
            Segment(fit(one_line(row.name), name_cells - 1) + " ", ground),
            Segment(fit(file, file_cells), muted),
            Segment("".join(numbers[:-1]), muted),
            Segment(numbers[-1], ground if row.open else muted),
        ]
        return Strip(segments).adjust_cell_length(width, ground)


class ListHeader(Widget, can_focus=False):
    """The headings of a list, drawn for the width that it has at that moment."""

    DEFAULT_CSS = "ListHeader { height: 1; }"

    def __init__(self, rows: ConversationList) -> None:
        super().__init__()
        self._rows = rows

    def on_mount(self) -> None:
        self.watch(self._rows, "show_vertical_scrollbar", self._narrowed, init=False)

    def _narrowed(self) -> None:
        self.refresh()

    def render(self) -> Content:
        return Content.styled(header(self._rows.scrollable_content_region.width, len(self._rows.ids)), MUTED)
