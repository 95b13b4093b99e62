"""Flows with bars, their steps below them: drawn line by line (Textual's Line API), moved through by the screen's keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from core.coverage.report import CoverageReport
from tui.styles import BAD, DOUBTFUL, GOOD, MUTED
from tui.widgets.coverage_rows import Row, tree_rows
from tui.widgets.plain import one_line

CURSOR = "❯"
BAR_CELLS, LEAST_FOR_COUNTS = 10, 44
"""Where there is little room, the bar goes before the counts, which the text at the right has too."""
COUNT_CELLS = 9
"""Of ` 123/123`."""


class CoverageTree(ScrollView, can_focus=True, inherit_bindings=False):  # arrows move the cursor, not the view
    """`on_highlight` is called with the line at the cursor, in the same paint; `on_choose` on a second click on it."""

    DEFAULT_CSS = """
    CoverageTree { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; }
    """

    def __init__(self, on_highlight: Callable[[Row | None], None], on_choose: Callable[[], None]) -> None:
        super().__init__()
        self._on_highlight = on_highlight
        self._on_choose = on_choose
        self._report: CoverageReport | None = None
        self._flow_limit = 0.0
        self.rows: Sequence[Row] = ()
        self.opened: set[str] = set()
        self.cursor = 0

    @property
    def current(self) -> Row | None:
        return self.rows[self.cursor] if self.rows else None

    def show(self, report: CoverageReport, flow_limit: float) -> None:
        """Show a report; open flows stay open and the cursor stays on its line. `flow_limit`: percent a flow should have."""
        self._report, self._flow_limit = report, flow_limit
        self._rebuild(self.current.key if self.current else ("", ""))

    def open(self, flow: str, on: bool) -> None:
        """Show or hide the steps of a flow; the cursor stays, or goes to the flow if its line is hidden."""
        key = self.current.key if self.current else ("", "")
        (self.opened.add if on else self.opened.discard)(flow)
        self._rebuild((flow, "") if not on and key[0] == flow else key)

    def go_to(self, key: tuple[str, str]) -> None:
        """Put the cursor on a flow or step, opening its flow."""
        if key[1]:
            self.opened.add(key[0])
        self._rebuild(key)

    def _rebuild(self, key: tuple[str, str]) -> None:
        if self._report is None:
            return
        self.rows = tree_rows(self._report, self.opened)
        self.virtual_size = Size(self.size.width, len(self.rows))
        self.refresh()
        self.move_to(next((number for number, row in enumerate(self.rows) if row.key == key), 0))

    def move_to(self, position: int) -> None:
        if not self.rows:
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
        if self._report is None or position >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        line = self._line(self.rows[position], width, position == self.cursor)
        drawn = Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)
        return drawn[0] if drawn else Strip.blank(width, self.rich_style)

    def _line(self, row: Row, width: int, at_cursor: bool) -> Content:
        lead = Content.styled(f"{CURSOR} " if at_cursor else "  ", "bold")
        room = max(4, width - lead.cell_length)
        content = self._step_line(row, room) if row.step is not None else self._flow_line(row, room)
        line = (lead + content).truncate(max(1, width))
        line = line.pad_right(max(0, width - line.cell_length))
        return line.stylize("on $primary-muted") if at_cursor else line

    def _flow_line(self, row: Row, room: int) -> Content:
        assert self._report is not None
        if row.flow is None:
            name, steps, missing = "all flows", self._report.steps, self._report.missing()
            mark, percent, limit = "", self._report.percent(), None
        else:
            name, steps, missing = one_line(row.flow.name), len(row.flow.steps), len(row.flow.missing())
            mark = "▾ " if row.flow.id in self.opened else "▸ "
            percent, limit = row.flow.percent(), self._flow_limit
        counts = f"{f'{steps - missing}/{steps}':>{COUNT_CELLS}}" if room >= LEAST_FOR_COUNTS else ""
        right = Content.assemble(
            *bar_parts(percent, BAR_CELLS if counts else BAR_CELLS - 2, limit),
            (f"{int(percent):>4} %", "bold"),
            (counts, MUTED),
        )
        left = Content.assemble((mark, MUTED), (name, "bold" if row.flow is None else ""))
        return _beside(left, right, room)

    def _step_line(self, row: Row, room: int) -> Content:
        assert row.step is not None
        step = row.step
        indent = "  " * (2 + min(step.depth, 4))
        mark = ("✗ ", BAD) if row.is_missing else ("✓ ", GOOD)
        left = Content.assemble(indent, mark, (f"{step.kind} ", MUTED), one_line(step.what))
        return _beside(left, Content.styled(step.lines, MUTED), room)


def bar_parts(percent: float, cells: int, limit: float | None = None) -> list[tuple[str, str]]:
    """A bar as styled parts; its colour says whether the limit is reached, `!` says that it is not."""
    full = int(percent * cells / 100)
    style = GOOD if limit is None or percent >= limit else BAD if percent == 0 else DOUBTFUL
    missed = limit is not None and percent < limit
    return [("! " if missed else "  ", style), ("━" * full, style), ("─" * (cells - full), MUTED)]


def _beside(left: Content, right: Content, room: int) -> Content:
    """`right` at the end of the line, `left` cut to what is left."""
    space = room - right.cell_length - 1
    if space < 4:
        return left.truncate(room)
    if left.cell_length > space:
        left = left.truncate(space - 2) + ".."
    return left + " " * (room - left.cell_length - right.cell_length) + right
