"""One conversation to read: wrapped once for the pane's width, drawn line by line, selectable with the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

from tui.widgets.transcript_text import Block


class TranscriptView(ScrollView, can_focus=False):
    DEFAULT_CSS = """
    TranscriptView {
        width: 1fr; height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._blocks: tuple[Block, ...] = ()
        self._lines: list[Content] = []
        self._strips: dict[int, Strip] = {}
        self._width = 0

    @property
    def text(self) -> str:
        return "\n".join(line.plain for line in self._lines)

    def show(self, blocks: Iterable[Block]) -> None:
        """Show another text, from its beginning."""
        self._blocks = tuple(blocks)
        self.scroll_to(y=0, animate=False, force=True)
        self._wrap()

    def _wrap(self) -> None:
        self._width = self.scrollable_content_region.width
        self._lines = [line for block in self._blocks for line in block.lines(self._width)] if self._width else []
        self._strips.clear()
        self.virtual_size = Size(self._width, len(self._lines))
        self.refresh()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._wrap()

    def scroll_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(self._width, self.rich_style)
        strip = self._strips.get(number)
        if strip is None:
            line = self._selected(number)
            drawn = Visual.to_strips(self, line, self._width, 1, self.visual_style, apply_selection=False, pad=True)
            strip = self._strips[number] = drawn[0] if drawn else Strip.blank(self._width, self.rich_style)
        return strip.apply_offsets(0, number)

    def _selected(self, number: int) -> Content:
        line = self._lines[number]
        span = None if self.text_selection is None else self.text_selection.get_span(number)
        if span is None:
            return line
        start, end = span
        return line.stylize("$screen-selection-foreground on $screen-selection-background", start, None if end == -1 else end)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self._strips.clear()
        self.refresh()
