"""One line under the panes for what just happened and what can follow: never a message that has to be closed."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from review.models import REJECT_REASONS
from tui.styles import KEY


class HintLine(Widget, can_focus=False):
    """What is longer than the line takes as many as it needs, and so do the reasons it asks for."""

    DEFAULT_CSS = """
    HintLine {
        height: 1; padding: 0 1; color: $text-muted;
        &.-long { height: auto; max-height: 4; }
        &.-asking { height: auto; color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._content = Content()

    @property
    def text(self) -> str:
        return self._content.plain

    def show(self, content: Content | str = "") -> None:
        """What is too long for one line lays the screen out again, and so does what follows it.

        The fast loop keeps its words short.
        """
        content = content if isinstance(content, Content) else Content(content)
        if content.is_same(self._content):
            return
        self._content = content
        was_long, is_long = self.has_class("-long"), content.cell_length > self.room
        self.set_class(is_long, "-long")
        self.refresh(layout=was_long or is_long)

    @property
    def room(self) -> int:
        """Cells of one line."""
        return max(1, self.content_size.width)

    def ask(self, on: bool) -> None:
        """Show the keys of the reasons. Lays the screen out again; not part of the fast loop."""
        if on:
            self._content = _question(self.room)
        self.set_class(on, "-asking")
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content


def _question(width: int) -> Content:
    """Wrapped between the reasons, not within one."""
    lines = [Content.styled("Why?", "bold")]
    for key, reason in (*REJECT_REASONS, ("o", "other…"), ("esc", "none")):
        part = Content.assemble((key, KEY), f" {reason}")
        if lines[-1].cell_length + 2 + part.cell_length > width:
            lines.append(Content("    "))
        lines[-1] = lines[-1] + "  " + part
    return Content("\n").join(lines)
