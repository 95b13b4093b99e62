"""One line under the panes for what just happened and what can follow: never a message that has to be closed."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from review.models import REJECT_REASONS
from tui.styles import KEY


class HintLine(Widget, can_focus=False):
    """While it asks for a reason it takes as many lines as the reasons need."""

    DEFAULT_CSS = """
    HintLine {
        height: 1; padding: 0 1; color: $text-muted;
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
        content = content if isinstance(content, Content) else Content(content)
        if content.is_same(self._content):
            return
        self._content = content
        self.refresh()

    def ask(self, on: bool) -> None:
        """Show the keys of the reasons. The one place that lays the screen out again; not part of the fast loop."""
        if on:
            self._content = _question(self.content_size.width)
        self.set_class(on, "-asking")
        self.refresh(layout=True)

    def render(self) -> Content:
        return self._content if self.has_class("-asking") else self._content.truncate(max(1, self.content_size.width))


def _question(width: int) -> Content:
    """Wrapped between the reasons, not within one."""
    lines = [Content.styled("Why?", "bold")]
    for key, reason in (*REJECT_REASONS, ("o", "other…"), ("esc", "none")):
        part = Content.assemble((key, KEY), f" {reason}")
        if lines[-1].cell_length + 2 + part.cell_length > width:
            lines.append(Content("    "))
        lines[-1] = lines[-1] + "  " + part
    return Content("\n").join(lines)
