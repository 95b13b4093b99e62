"""The first line of every screen: the project, the screens, the running stage, and whether what it is connected to answers."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.app_stages import StagesApp
from tui.stage_live import StageLive
from tui.stage_words import compact
from tui.styles import GOOD, MUTED
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import fit

SCREENS = (
    ("overview", "Overview"),
    ("conversations", "Conversations"),
    ("review", "Review"),
    ("settings", "Settings"),
    ("coverage", "Coverage"),
    ("stages", "Stages"),
    ("dataset", "Dataset"),
)
LONGEST_NAME = 28
CONNECTED = "local ✓"


class TitleBar(Widget, can_focus=False):
    """`screen_name`: the screen it stands on. A screen's name can be clicked."""

    DEFAULT_CSS = "TitleBar { dock: top; height: 1; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self, project_name: str, screen_name: str) -> None:
        super().__init__()
        self._project_name = one_line(project_name)
        self._screen_name = screen_name
        self._connection = CONNECTED
        self._stage: tuple[str, ...] = ()

    def on_mount(self) -> None:
        app = self.app
        if isinstance(app, StagesApp):
            app.stage_changed.subscribe(self, self._show_stage)
            if app.live is not None:
                self._show_stage(app.live)

    def _show_stage(self, live: StageLive) -> None:
        """How far the running stage is, in all the lengths there may be room for."""
        wordings = () if live.state == "ended" else compact(live)
        if wordings != self._stage:
            self._stage = wordings
            self.refresh()

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
        right = self._right(width - middle.cell_length - 2)
        room = width - middle.cell_length - right.cell_length - 4
        name = Content.styled(fit(self._project_name, min(LONGEST_NAME, room)).rstrip() if room > 4 else "", "bold $foreground")
        left = Content.assemble(name, "  ", middle) if name.plain else middle
        space = max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * space, right).truncate(max(1, width))

    def _right(self, room: int) -> Content:
        """The longest wording that there is room for; that all is well with the database gives way to it."""
        connection = Content(self._connection)
        for wording in self._stage:
            stage = Content.styled(wording, f"bold {GOOD}").stylize(Style.from_meta({"@click": "app.go('stages')"}))
            if stage.cell_length + 2 + connection.cell_length <= room:
                return Content.assemble(stage, "  ", connection)
            if stage.cell_length <= room and self._connection == CONNECTED:
                return stage
        return connection

    def _tab(self, number: int, name: str, title: str, numbered: bool) -> Content:
        key = f"F{number} " if numbered else ""
        if name == self._screen_name:
            return Content.assemble((key, MUTED), (title, "bold underline $text-primary"))
        click = Style.from_meta({"@click": f"app.go('{name}')"})
        return Content.assemble((key, MUTED), (title, click))
