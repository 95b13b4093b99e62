"""Team: the server that people label on, the rounds that are out, what came back, and what of it waits here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from core.store.pack_here import read_pack_here
from review.team.models import Outcome, Surface
from review.team.overview import TeamSummary
from tui import team_work
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.screens.team_loading import AgreementRead, TeamRead, load_agreement, load_summary
from tui.screens.team_pack_text import PackView, pack_lines
from tui.screens.team_text import Agreement, Target, team_lines
from tui.team_live import TeamState
from tui.widgets.line_list import LineList
from tui.widgets.team_meter import TeamMeter

if TYPE_CHECKING:
    from review.argilla.choosing import Wanted

LOOK_EVERY = 2.0
"""Seconds between looks at whether anything was committed (one PRAGMA), and at how soon the next pull is due."""


_OF_SERVERS = ("push", "pull", "stop", "automatic", "browse")


@dataclass
class Browsed(Message):
    """`is_open`: whether a browser took the address."""

    address: str
    is_open: bool


class TeamScreen(WorkbenchScreen):
    NAME = "team"
    CSS_PATH = "team.tcss"
    BINDINGS = bindings_of("team")
    DISPENSABLE = ("app.palette", "team.automatic", "team.browse")

    summary: TeamSummary | None = None
    agreement: Agreement | None = None
    pack: PackView | None = None
    _is_pack = False
    """The project of a hand-out: no team, no server."""
    _seen_version = -1
    _compared = -1
    """The latest answer that the agreement is worked out of."""

    def compose_body(self) -> Iterable[Widget]:
        yield TeamMeter()
        yield LineList[Target](lambda target: None, self.action_open, id="team")

    def on_mount(self) -> None:
        self.meter = self.query_one(TeamMeter)
        self.rows: LineList[Target] = self.query_one(LineList)
        with self.reporting("looking at the database"):
            self._is_pack = read_pack_here(self.connection) is not None
        self.meter.display = not self._is_pack
        self.workbench.team_changed.subscribe(self, self._changed)
        self._timer = self.set_interval(LOOK_EVERY, self._look)

    def on_screen_resume(self) -> None:
        if self.workbench.link.state in ("unknown", "absent", "unreachable") and not self._is_pack:
            self.workbench.check_team()
        self._look()

    # -- the server ---------------------------------------------------------------------------------------------

    def _changed(self, state: TeamState) -> None:
        """Several times a second while something runs: the meter only."""
        was_running = self.meter.state.live is not None
        self.meter.show(state, has_open_round=self._has_open_round)
        if was_running != (state.live is not None):
            self.refresh_bindings()
            self._look()

    @property
    def _has_open_round(self) -> bool:
        rounds = () if self.summary is None else self.summary.rounds
        return any(one.round.surface is Surface.ARGILLA and one.outcomes.get(Outcome.WAITING) for one in rounds)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that start something stand in the footer only while nothing runs, and those of a server not in a hand-out."""
        if self._is_pack and action in _OF_SERVERS:
            return False
        running = self.workbench.sync.is_running
        if action == "stop":
            return running
        return not (action in ("push", "pull") and running)

    # -- reading ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Read again if anything was committed since the last time."""
        if not self.is_current:
            return
        self._timer.pause()  # and go on only if it worked: one failure, one toast
        if not self._is_pack:
            self.workbench.check_team_if_set_up_anew()
        with self.reporting("looking at the database"):
            (version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if version != self._seen_version:
                self._seen_version = version
                self._read()
            self.meter.show(self.workbench.team, has_open_round=self._has_open_round)
            self._timer.resume()

    @work(thread=True, exclusive=True, group="team", description="reading the rounds", exit_on_error=False)
    def _read(self) -> None:
        found = load_summary(self.project)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @work(thread=True, exclusive=True, group="agreement", description="working out the agreement", exit_on_error=False)
    def _compare(self) -> None:
        found = load_agreement(self.project)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(TeamRead)
    def _show_summary(self, message: TeamRead) -> None:
        self.summary, self.pack = message.summary, message.pack
        self.say_connection("local ✓")
        if message.answered != self._compared:
            self._compared = message.answered
            self._compare()
        self._show()

    @on(AgreementRead)
    def _show_agreement(self, message: AgreementRead) -> None:
        self.agreement = message.agreement
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        """The cursor stays on what it stood on, or goes to the first line that leads somewhere."""
        if self.summary is None:
            return
        kept = self.rows.current
        room = self.rows.room
        lines = pack_lines(self.pack, room) if self.pack is not None else team_lines(self.summary, self.agreement, room)
        leading = [number for number, line in enumerate(lines) if line.target is not None]
        same = [number for number in leading if kept is not None and _same(lines[number].target, kept)]
        self.rows.show(lines, cursor=(same or leading or [0])[0])
        self.set_focus(self.rows if leading else None)  # no cursor where nothing leads anywhere
        self.meter.show(self.workbench.team, has_open_round=self._has_open_round)

    # -- actions ------------------------------------------------------------------------------------------------

    def action_push(self) -> None:
        from tui.screens.dialogs.push_round import PushDialog

        self.app.push_screen(PushDialog(self.project), self._push)

    def _push(self, wanted: Wanted | None) -> None:
        if wanted is not None:
            self.workbench.push_round(wanted)

    def action_pull(self) -> None:
        self.workbench.pull_rounds()

    def action_stop(self) -> None:
        self.workbench.stop_team()

    def action_automatic(self) -> None:
        if self._has_open_round:
            self.workbench.toggle_automatic_pull()
        else:
            self.app.notify("No answers are waited for: there is nothing to fetch.", title="Auto", timeout=3, markup=False)

    def action_refresh_team(self) -> None:
        self._timer.resume()
        self.workbench.check_team()
        self._read()

    def action_open(self) -> None:
        target = self.rows.current
        if target is None:
            return
        one = next((one for one in (self.summary or TeamSummary()).rounds if one.round == target.round), None)
        if one is not None and not one.needs_a_person:
            self.app.notify("Nothing of it waits here.", title=one.round.name, timeout=3, markup=False)
        else:
            self.workbench.open_review(target.filter)

    def action_browse(self) -> None:
        """Where no browser can be started (over SSH), the address is in the clipboard."""
        target = self.rows.current
        address = team_work.web_address(self.project, target.round if target is not None else None)
        self.app.copy_to_clipboard(address)
        self._open_in_browser(address)

    @work(thread=True, exclusive=True, group="browser", description="opening the browser", exit_on_error=False)
    def _open_in_browser(self, address: str) -> None:
        self.post_message(Browsed(address, team_work.open_in_browser(address)))

    @on(Browsed)
    def _say_browsed(self, message: Browsed) -> None:
        title = "In the browser" if message.is_open else "No browser could be started here"
        too = "It is in the clipboard too." if message.is_open else "It is in the clipboard."
        self.app.notify(f"{message.address}\n{too}", title=title, timeout=5, markup=False)

    # -- moving -------------------------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        """To the next line that leads somewhere; behind the last and before the first one the keys scroll."""
        step = 1 if lines > 0 else -1
        position = self.rows.cursor + step
        while 0 <= position < len(self.rows.lines):
            if self.rows.lines[position].target is not None:
                self.rows.move_to(position)
                return
            position += step
        self.rows.scroll_by(lines)

    def action_page(self, pages: int) -> None:
        self.rows.scroll_by(pages * max(1, self.rows.size.height - 1))

    def action_jump(self, where: int) -> None:
        self.rows.scroll_by(-len(self.rows.lines) if where == 0 else len(self.rows.lines))


def _same(one: Target | None, other: Target) -> bool:
    if one is None or (one.round is None) != (other.round is None):
        return False
    return one.round.id == other.round.id if one.round is not None and other.round is not None else one.filter == other.filter
