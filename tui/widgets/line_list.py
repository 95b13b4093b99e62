"""Lines to move through, of which some lead somewhere: drawn one by one (Textual's Line API), as many as there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

CURSOR = "❯"
LEAD_CELLS = 2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """`target`: what it stands for; None: text between."""

    content: Content = field(default_factory=Content)
    target: T | None = None


class LineList(ScrollView, Generic[T], can_focus=True, inherit_bindings=False):  # arrows move the cursor, not the view
    """`on_highlight` is called with the target of the line at the cursor, in the same paint; `on_choose` on a second click.

    The cursor shows while the list has the focus; `always`: also while it has not, muted.
    """

    DEFAULT_CSS = """
    LineList { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto;
               scrollbar-gutter: stable; }
    """

    def __init__(
        self,
        on_highlight: Callable[[T | None], None],
        on_choose: Callable[[], None],
        *,
        always: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._on_highlight, self._on_choose, self._always = on_highlight, on_choose, always
        self.lines: Sequence[Line[T]] = ()
        self.cursor = 0

    @property
    def current(self) -> T | None:
        return self.lines[self.cursor].target if self.lines else None

    @property
    def room(self) -> int:
        """Cells of a line, behind the cursor's. Those of the scrollbar are kept free: lines fit before and after it shows."""
        return max(1, self.scrollable_content_region.width - LEAD_CELLS)

    @property
    def text(self) -> str:
        return "\n".join(line.content.plain for line in self.lines)

    def show(self, lines: Sequence[Line[T]], *, cursor: int = 0) -> None:
        """Show other lines, from the top if the cursor is there."""
        self.lines = lines
        self.cursor = 0
        self.virtual_size = Size(self.size.width, len(lines))
        if not cursor:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()
        self.move_to(cursor)

    def move_to(self, position: int) -> None:
        if not self.lines:
            self.cursor = 0
            self._on_highlight(None)
            return
        old, self.cursor = self.cursor, max(0, min(position, len(self.lines) - 1))
        for line in (old, self.cursor):
            if 0 <= line - self.scroll_offset.y < self.size.height:
                self.refresh_line(line)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and not top <= self.cursor < top + height:
            target = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=target, animate=False, force=True)
        self._on_highlight(self.lines[self.cursor].target)

    def page_by(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(1, self.scrollable_content_region.height - 1))

    def scroll_by(self, lines: int) -> None:
        """The view alone; the cursor stays on its line."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        position = event.y + self.scroll_offset.y
        if position < len(self.lines):
            event.stop()
            again = position == self.cursor
            self.move_to(position)
            if again:
                self._on_choose()

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.lines))
        if self.lines:
            self.move_to(self.cursor)

    def render_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if position >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        drawn = Visual.to_strips(self, self._line(position, width), width, 1, self.visual_style, pad=True)
        return drawn[0] if drawn else Strip.blank(width, self.rich_style)

    def _line(self, position: int, width: int) -> Content:
        marked = position == self.cursor and (self.has_focus or self._always)
        lead = Content.styled(f"{CURSOR if marked else ' '} ", "bold" if self.has_focus else "")
        line = (lead + self.lines[position].content).truncate(max(1, width), ellipsis=True)
        if not marked:
            return line
        line = line.pad_right(max(0, width - line.cell_length))
        return line.stylize("on $primary-muted" if self.has_focus else "on $foreground 10%")
