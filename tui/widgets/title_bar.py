"""The first line of every screen: the project, the screens, and whether what the app is connected to answers."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.styles import MUTED
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import fit

SCREENS = (
    ("overview", "Overview"),
    ("conversations", "Conversations"),
    ("review", "Review"),
    ("settings", "Settings"),
    ("coverage", "Coverage"),
)
LONGEST_NAME = 28


class TitleBar(Widget, can_focus=False):
    """`screen_name`: the screen it stands on. A screen's name can be clicked."""

    DEFAULT_CSS = "TitleBar { dock: top; height: 1; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self, project_name: str, screen_name: str) -> None:
        super().__init__()
        self._project_name = one_line(project_name)
        self._screen_name = screen_name
        self._connection = "local ✓"

    def show_connection(self, text: str) -> None:
        """What the app is connected to and how that is: `local ✓`, `local: counting`."""
        if text != self._connection:
            self._connection = text
            self.refresh()

    def render(self) -> Content:
        width = self.content_size.width
        numbered = width >= 100
        tabs = [self._tab(number, name, title, numbered) for number, (name, title) in enumerate(SCREENS, start=1)]
        middle = Content("  ").join(tabs)
        room = width - middle.cell_length - len(self._connection) - 4
        name = Content.styled(fit(self._project_name, min(LONGEST_NAME, room)).rstrip() if room > 4 else "", "bold $foreground")
        left = Content.assemble(name, "  ", middle) if name.plain else middle
        space = max(1, width - left.cell_length - len(self._connection))
        return Content.assemble(left, " " * space, self._connection).truncate(max(1, width))

    def _tab(self, number: int, name: str, title: str, numbered: bool) -> Content:
        key = f"F{number} " if numbered else ""
        if name == self._screen_name:
            return Content.assemble((key, MUTED), (title, "bold underline $text-primary"))
        click = Style.from_meta({"@click": f"app.go('{name}')"})
        return Content.assemble((key, MUTED), (title, click))
