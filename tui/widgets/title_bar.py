"""The first line of every screen: the project, the screens, what runs, and whether what it is connected to answers."""

from __future__ import annotations

from itertools import product

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.app_stages import StagesApp
from tui.app_team import TeamApp
from tui.stage_live import StageLive
from tui.stage_words import compact
from tui.styles import BAD, GOOD, MUTED
from tui.team_live import TeamState
from tui.team_live import compact as compact_team
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
    ("team", "Team"),
)
LONGEST_NAME = 28
LEAST_RIGHT, LEAST_BESIDE = 9, 24
"""Cells that the screens leave for what stands at the right, and for that and the project's name."""
WELL = ("team ✓",)
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
        self._team: tuple[str, ...] = ()
        self._team_is_broken = False

    def on_mount(self) -> None:
        app = self.app
        if isinstance(app, TeamApp):
            app.team_changed.subscribe(self, self._show_team)
            self._show_team(app.team)
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

    def _show_team(self, state: TeamState) -> None:
        """How far the work with the team's server is; while none runs, whether the server answers."""
        words = {"connected": WELL, "unreachable": ("team ✗",)}.get(state.link.state, ())
        wordings = words if state.live is None else compact_team(state.live)
        is_broken = state.live is None and state.link.is_broken
        if (wordings, is_broken) != (self._team, self._team_is_broken):
            self._team, self._team_is_broken = wordings, is_broken
            self.refresh()

    def show_connection(self, text: str) -> None:
        """What the app is connected to and how that is: `local ✓`, `local: counting`."""
        if text != self._connection:
            self._connection = text
            self.refresh()

    def render(self) -> Content:
        width = self.content_size.width
        middle = self._middle(width)
        name = fit(self._project_name, LONGEST_NAME).rstrip()
        right = self._right(width - middle.cell_length - 2)
        if self._team == WELL and middle.cell_length + right.cell_length + len(name) + 4 > width:
            right = self._right(width - middle.cell_length - 2, team=())  # that all is well gives way to the name
        room = width - middle.cell_length - right.cell_length - 4
        shown = Content.styled(
            fit(self._project_name, min(LONGEST_NAME, room)).rstrip() if room > 4 else "", "bold $foreground"
        )
        left = Content.assemble(shown, "  ", middle) if shown.plain else middle
        space = max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * space, right).truncate(max(1, width))

    def _middle(self, width: int) -> Content:
        """The screens, with their keys where there is room for them and the project's name, or for all of what runs."""
        running = [wordings[0] for wordings in (self._stage, self._team) if wordings and wordings != WELL]
        beside = sum(len(wording) + 2 for wording in running) or LEAST_BESIDE
        tabs = Content()
        for with_keys, gap, least in ((True, "  ", beside), (True, " ", beside), (False, "  ", LEAST_RIGHT), (False, " ", 0)):
            tabs = Content(gap).join([self._tab(number, *screen, with_keys) for number, screen in enumerate(SCREENS, start=1)])
            if tabs.cell_length + least <= width:
                break
        return tabs

    def _right(self, room: int, team: tuple[str, ...] | None = None) -> Content:
        """What runs, in the longest wordings that there is room for. That all is well with the database gives way to it."""
        connection = Content(self._connection)
        others = [connection, Content()] if self._connection == CONNECTED else [connection]
        style = BAD if self._team_is_broken else MUTED if self._team == WELL else GOOD
        stages = [self._part(wording, GOOD, "stages") for wording in self._stage] or [Content()]
        teams = [self._part(wording, style, "team") for wording in (self._team if team is None else team)] or [Content()]
        for parts in product(stages, teams, others):
            found = Content("  ").join([part for part in parts if part.plain])
            if found.plain and found.cell_length <= room:
                return found
        return next((part for part in (stages[-1], teams[-1]) if part.plain and part.cell_length <= room), connection)

    def _part(self, words: str, style: str, screen: str) -> Content:
        return Content.styled(words, f"bold {style}").stylize(Style.from_meta({"@click": f"app.go('{screen}')"}))

    def _tab(self, number: int, name: str, title: str, with_key: bool) -> Content:
        key = f"F{number} " if with_key else ""
        if name == self._screen_name:
            return Content.assemble((key, MUTED), (title, "bold underline $text-primary"))
        click = Style.from_meta({"@click": f"app.go('{name}')"})
        return Content.assemble((key, MUTED), (title, click))
