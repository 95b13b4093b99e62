"""Runs of stages and what failed in them: drawn line by line (Textual's Line API), moved through by the screen's keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from core.store.stage_runs import StageRun
from tui.styles import MUTED
from tui.widgets.stage_rows import Key, Row, line_of, problem_count, tree_rows

CURSOR = "❯"
NOTHING = "No stage has run here yet."


class StageList(ScrollView, can_focus=True, inherit_bindings=False):  # arrows move the cursor, not the view
    """`on_highlight` is called with the line at the cursor, in the same paint; `on_choose` on a second click on it."""

    DEFAULT_CSS = """
    StageList { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; }
    """

    def __init__(self, on_highlight: Callable[[Row | None], None], on_choose: Callable[[], None]) -> None:
        super().__init__()
        self._on_highlight = on_highlight
        self._on_choose = on_choose
        self.runs: tuple[StageRun, ...] | None = None
        self.running = False
        """Whether the newest run goes on, in this app."""
        self.rows: Sequence[Row] = ()
        self.opened: set[int] = set()
        self.cursor = 0

    @property
    def current(self) -> Row | None:
        return self.rows[self.cursor] if self.rows else None

    def show(self, runs: tuple[StageRun, ...], *, running: bool) -> None:
        """Show what was read anew. The cursor stays on its line; a run that is new is shown open, and gets the cursor."""
        known = {run.id for run in self.runs or ()} if self.runs is not None else None
        key = self.current.key if self.current else None
        newest = runs[0] if runs else None
        was_running, self.running, self.runs = self.running, running, runs
        if newest is not None and (known is None or newest.id not in known or (was_running and not running)):
            self.opened.add(newest.id)
            if known is not None and newest.id not in known:
                key = (newest.id, -1)
        self._rebuild(key)

    def open(self, run_id: int, on: bool) -> None:
        """Show or hide what failed in a run; the cursor stays, or goes to the run if its line is hidden."""
        key = self.current.key if self.current else None
        (self.opened.add if on else self.opened.discard)(run_id)
        self._rebuild((run_id, -1) if not on and key is not None and key[0] == run_id else key)

    def go_to(self, key: Key) -> None:
        """Put the cursor on an item, opening its run."""
        self.opened.add(key[0])
        self._rebuild(key)

    def _rebuild(self, key: Key | None) -> None:
        self.rows = tree_rows(self.runs or (), self.opened)
        self.virtual_size = Size(self.size.width, len(self.rows))
        self.refresh()
        self.move_to(next((number for number, row in enumerate(self.rows) if row.key == key), 0))

    def move_to(self, position: int) -> None:
        if not self.rows:
            self.cursor = 0
            self._on_highlight(None)
            return
        old, self.cursor = self.cursor, max(0, min(position, len(self.rows) - 1))
        for row in (old, self.cursor):
            if 0 <= row - self.scroll_offset.y < self.size.height:
                self.refresh_line(row)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and not top <= self.cursor < top + height:
            target = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=target, animate=False, force=True)
        self._on_highlight(self.rows[self.cursor])

    def page_by(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def on_click(self, event: events.Click) -> None:
        position = event.y + self.scroll_offset.y
        if position < len(self.rows):
            event.stop()
            again = position == self.cursor
            self.move_to(position)
            if again:
                self._on_choose()

    def on_resize(self) -> None:
        if self.rows:
            self.virtual_size = Size(self.size.width, len(self.rows))
            self.move_to(self.cursor)

    def render_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if position >= len(self.rows):
            line = Content.styled(f"  {NOTHING}" if y == 1 and self.runs == () else "", MUTED)
        else:
            line = self._line(self.rows[position], width, position == self.cursor)
        drawn = Visual.to_strips(self, line.truncate(max(1, width)), width, 1, self.visual_style, pad=True)
        return drawn[0] if drawn else Strip.blank(width, self.rich_style)

    def _line(self, row: Row, width: int, at_cursor: bool) -> Content:
        lead = Content.styled(f"{CURSOR} " if at_cursor else "  ", "bold")
        is_open = row.run.id in self.opened and problem_count(row.run) > 0
        running = self.running and self.runs is not None and row.run is self.runs[0]
        line = lead + line_of(row, max(4, width - lead.cell_length), is_open=is_open, running=running)
        line = line.pad_right(max(0, width - line.cell_length))
        return line.stylize("on $primary-muted") if at_cursor else line
