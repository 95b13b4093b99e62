"""The review queue as a list of any length: only the lines in view are fetched and drawn (Textual's Line API).

A line reads: cursor or range mark, decision, machine verdict, user step (on the first line of each step), text.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Collection
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.store.states import State
from review.models import QueueRow
from review.queue import Queue
from tui.widgets.marks import CONTESTED_MARK, STATE_MARKS, VERDICT_MARKS
from tui.widgets.plain import one_line
from tui.widgets.queue_rows import QueueRows

CURSOR, IN_RANGE = "❯", "┆"
_STATE_CLASSES = {state: f"queue--{state.label}" for state in State}


class RephrasingList(ScrollView, can_focus=True, inherit_bindings=False):
    """`on_highlight` is called, not told by a message: list and detail then land in one paint.

    `on_failure` is told, after the paint, why rows could not be read.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"queue--cursor", "queue--range", "queue--step", "queue--empty"} | set(
        _STATE_CLASSES.values()
    )
    DEFAULT_CSS = """
    RephrasingList {
        width: 1fr; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto;
        & > .queue--cursor { background: $primary-muted; color: $foreground; text-style: bold; }
        & > .queue--range { background: $primary 15%; color: $foreground; }
        & > .queue--step { color: $foreground 70%; }
        & > .queue--empty { color: $foreground 70%; }
        & > .queue--undecided { color: $foreground; }
        & > .queue--accept { color: $text-success; }
        & > .queue--reject { color: $text-error; }
        & > .queue--skip { color: $foreground 70%; }
        & > .queue--flag { color: $text-warning; }
        & > .queue--stale { color: $text-warning; }
        &:ansi > .queue--cursor { background: ansi_default; color: ansi_default; text-style: bold reverse; }
        &:ansi > .queue--range { background: ansi_default; color: ansi_default; text-style: reverse; }
    }
    """

    def __init__(
        self,
        on_highlight: Callable[[int | None], None],
        on_failure: Callable[[sqlite3.Error], None],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._on_highlight, self._on_failure = on_highlight, on_failure
        self.queue = Queue(array("q"), bytearray())
        self.contested: set[int] = set()
        """Ids of decided ones that are open again (`tui.screens.contested`)."""
        self._rows: QueueRows | None = None
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._styles_known: dict[str, Style] = {}
        self.cursor = 0
        self.range_from: int | None = None
        self.empty_text = ""

    # -- what is shown ------------------------------------------------------------------------------------------

    def show(self, connection: sqlite3.Connection, queue: Queue, cursor: int, *, line: int | None = None) -> None:
        """Show another queue. `line`: on which line of the view the cursor's row should come to stand."""
        self.queue, self._rows = queue, QueueRows(connection, queue.ids, self._failed)
        self.range_from = None
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(queue))
        self.cursor = self._clamp(cursor)
        if line is not None:
            self._scroll_now(self.cursor - line)
        self.refresh()
        self.move_to(self.cursor)

    @property
    def current_id(self) -> int | None:
        return self.queue.ids[self.cursor] if self.queue.ids else None

    @property
    def cursor_line(self) -> int:
        """On which line of the view the cursor stands."""
        return self.cursor - self.scroll_offset.y

    @property
    def selected(self) -> range:
        """Positions in the marked range; empty without one."""
        if self.range_from is None:
            return range(0)
        return range(min(self.range_from, self.cursor), max(self.range_from, self.cursor) + 1)

    def mark_from_here(self, on: bool) -> None:
        self.range_from = self.cursor if on and len(self.queue) else None
        self.refresh()

    def invalidate(self, positions: Collection[int]) -> None:
        """Draw these rows again from the database."""
        if self._rows is None:
            return
        if len(positions) > self.size.height:
            self._rows.forget()
            self.refresh()
        else:
            for position in positions:
                self._rows.forget(position)
                self._refresh_row(position)

    def grew_or_shrank(self) -> None:
        """Rows were put into the queue or taken out of it."""
        if self._rows is not None:
            self._rows.forget()
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(self.queue))
        self.cursor = self._clamp(self.cursor)
        self.refresh()

    def _failed(self, error: sqlite3.Error) -> None:
        self.call_later(self._on_failure, error)

    # -- moving -------------------------------------------------------------------------------------------------

    def move_to(self, position: int, *, ahead: bool = False) -> None:
        """Put the cursor there, bring it into view and show the detail, in the same paint.

        `ahead`: when it leaves the view, show a view further on instead of one line more. The fast loop does so: it reads
        on downwards, and a list that moves on every key would be painted whole on every key.
        """
        if not len(self.queue):
            self.cursor = 0
            self._on_highlight(None)
            return
        old, self.cursor = self.cursor, self._clamp(position)
        if self.range_from is not None:
            self.refresh()
        else:
            self._refresh_row(old)
            self._refresh_row(self.cursor)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and not top <= self.cursor < top + height:
            near = top - height <= self.cursor < top + 2 * height
            if near and not ahead:
                self._scroll_now(self.cursor if self.cursor < top else self.cursor - height + 1)
            else:
                self._scroll_now(self.cursor - (height // 4 if self.cursor > old else height - height // 4))
        self._on_highlight(self.queue.ids[self.cursor])

    def move_by(self, rows: int) -> None:
        self.move_to(self.cursor + rows)

    def page_by(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def _scroll_now(self, y: int) -> None:
        self.scroll_to(y=max(0, y), animate=False, force=True)

    def _clamp(self, position: int) -> int:
        return max(0, min(position, len(self.queue) - 1))

    def _refresh_row(self, position: int) -> None:
        if 0 <= position - self.scroll_offset.y < self.size.height:
            self.refresh_line(position)

    def on_click(self, event: events.Click) -> None:
        position = event.y + self.scroll_offset.y
        if position < len(self.queue):
            event.stop()
            self.move_to(position)

    def on_resize(self) -> None:
        self._strips.clear()
        if len(self.queue):
            top, height = self.scroll_offset.y, self.scrollable_content_region.height
            if height and not top <= self.cursor < top + height:
                self._scroll_now(self.cursor - height // 3)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles_known.clear()

    # -- drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if self._rows is None or position >= len(self.queue):
            text = self.empty_text if y == 1 and not len(self.queue) else ""
            return self._strip([Segment(f"  {text}", self._style("queue--empty"))], width)
        row = self._rows[position]
        first = position == 0 or self._rows[position - 1].step_id != row.step_id
        state = State(self.queue.states[position])
        at_cursor, in_range = position == self.cursor, position in self.selected
        sign = CONTESTED_MARK if row.id in self.contested else STATE_MARKS[state]
        key = (row.id, row.text, row.edited, row.verdict, state, sign, width, first or y == 0, at_cursor, in_range)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, state, sign, width, first or y == 0, at_cursor, in_range)
        return strip

    def _draw(
        self, row: QueueRow, state: State, sign: str, width: int, with_step: bool, at_cursor: bool, in_range: bool
    ) -> Strip:
        ground = self._style("queue--cursor" if at_cursor else "queue--range" if in_range else "")
        mark = Style(color=self._style(_STATE_CLASSES[state]).color)
        muted = Style(color=self._style("queue--step").color)
        decided = not state.is_open and not at_cursor
        pointer = CURSOR if at_cursor else IN_RANGE if in_range else " "
        step = f"{row.user_step:>3}" if with_step else "   "
        edited = "*" if row.edited else " "
        return self._strip(
            [
                Segment(pointer, ground),
                Segment(sign, ground + mark),
                # the verdict may be on the words before an edit: then there is none
                Segment(
                    f"{' ' if row.edited and row.verdict is None else VERDICT_MARKS.get(row.verdict, '?')}{step} {edited}",
                    ground if at_cursor else ground + muted,
                ),
                Segment(fit(one_line(row.text), width - 8), ground + muted if decided else ground),
            ],
            width,
        )

    def _style(self, name: str) -> Style:
        """Styles as Rich knows them; working one out takes 0.1 ms, so they are kept until the theme changes."""
        found = self._styles_known.get(name)
        if found is None:
            found = self._styles_known[name] = self.get_component_rich_style(name) if name else self.rich_style
        return found

    def _strip(self, segments: list[Segment], width: int) -> Strip:
        return Strip(segments).adjust_cell_length(width, segments[-1].style)


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells; what is cut off leaves `..` (`…` is two cells wide on some CJK terminals)."""
    if width <= 4 or cell_len(text) <= width:
        return set_cell_size(text, max(0, width))
    return set_cell_size(text, width - 2) + ".."
