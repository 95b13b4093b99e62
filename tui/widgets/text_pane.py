"""A pane of wrapped text under a fixed heading. Showing other text costs one repaint and never a layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Protocol

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from tui.styles import MUTED

WHEEL_LINES = 2


class Block(Protocol):
    """What a pane is made of: it knows its lines once it knows the width."""

    def lines(self, width: int) -> list[Content]: ...

    @property
    def plain(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`label` stands before the first line, the others are indented as far; `one_line` cuts instead of wrapping."""

    text: Content
    label: Content = field(default_factory=Content)
    one_line: bool = False

    @property
    def plain(self) -> str:
        return f"{self.label.plain}{self.text.plain}"

    def lines(self, width: int) -> list[Content]:
        indent = self.label.cell_length
        room = max(4, width - indent)
        if self.one_line:
            return [self.label + cut(self.text, room)]
        first, *rest = self.text.wrap(room) or [Content()]
        return [self.label + first, *(line.pad_left(indent) for line in rest)]


def cut(text: Content, width: int) -> Content:
    return text if text.cell_length <= width else text.truncate(width - 2) + ".."


_NOTHING = Content()
BLANK = Paragraph(Content(" "))


class TextPane(Widget, can_focus=False):
    """Its size is given by the layout, never by its text; what does not fit is scrolled, by wheel or by the screen's keys."""

    DEFAULT_CSS = """
    TextPane { width: 1fr; height: 1fr; padding: 0 1; overflow: hidden; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._heading = Content()
        self._blocks: Sequence[Block] = ()
        self._keep: int | None = None
        self._top: int | None = None
        self._visible: list[Content] | None = None
        self._laid_out_for = Size()

    @property
    def text(self) -> str:
        """What the pane holds, without styles."""
        return "\n".join([self._heading.plain, *(block.plain for block in self._blocks)])

    def show(self, heading: Content, blocks: Sequence[Block], *, keep: int | None = None) -> None:
        """Replace the text; only lines that differ are painted. `keep`: the block that must be in view."""
        self._heading, self._blocks, self._keep, self._top = heading, blocks, keep, None
        before, width = self._visible, self.content_size.width
        if before is None or self._laid_out_for != self.content_size:
            self._visible = None
            self.refresh()
            return
        after = self._visible = self._lay_out()
        changed = [
            Region(0, y, width, 1)
            for y, (old, new) in enumerate(zip_longest(before, after, fillvalue=_NOTHING))
            if not old.is_same(new)
        ]
        if changed:
            self.refresh(*changed)

    def render(self) -> Content:
        if self._visible is None or self._laid_out_for != self.content_size:
            self._visible = self._lay_out()
        return Content("\n").join(self._visible)

    def _lay_out(self) -> list[Content]:
        """The lines in view: the heading, and a window of the text that `keep` is in."""
        self._laid_out_for = self.content_size
        width, height = self.content_size
        if width < 1 or height < 2:
            return [self._heading]
        lines: list[Content] = []
        kept_line = 0
        for index, block in enumerate(self._blocks):
            if index == self._keep:
                kept_line = len(lines)
            lines += block.lines(width)
        room = height - 1
        most = max(0, len(lines) - room)
        if self._top is None:
            self._top = 0 if self._keep is None else max(0, kept_line - room // 3)
        self._top = top = min(self._top, most)
        shown = lines[top : top + room]
        if top > 0:
            shown[0] = Content.styled(f"↑ {top + 1} more", MUTED)
        if top < most:
            shown[-1] = Content.styled(f"↓ {most - top + 1} more", MUTED)
        return [cut(self._heading, width), *shown]

    def on_resize(self) -> None:
        self._top = None

    def scroll_lines(self, lines: int) -> None:
        """Downwards, or upwards if negative; as far as there is text."""
        self._top = max(0, (self._top or 0) + lines)
        self._visible = None
        self.refresh()

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(WHEEL_LINES)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-WHEEL_LINES)
