"""The team's server in the app: what is known of it, the work with it, and what every screen is told of both."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual.signal import Signal

from core.errors import ProjectError, WorkbenchError
from tui.app_log import log_failure
from tui.app_stages import StagesApp
from tui.messages import TeamEnded, TeamTicked
from tui.team_live import Link, TeamState, Work
from tui.team_sync import Task, TeamSync
from tui.widgets.plain import one_line

if TYPE_CHECKING:
    from review.argilla.choosing import Wanted

FIRST_PULL_AFTER = 20.0
PULL_EVERY = 300.0
"""Seconds between two automatic pulls."""
LOOK_EVERY = 15.0
"""Seconds between two looks at whether a pull is due."""
WAIT_AT_EXIT = 1.0
"""Seconds for a transaction to be finished; what is not committed by then is rolled back and comes again with the next pull."""

_TITLES: dict[Work, str] = {"check": "Argilla", "push": "Push", "pull": "Pull"}


class TeamApp(StagesApp):
    """`team_changed` is published with the state whenever it changes: several times a second while something runs."""

    def __init__(self) -> None:
        super().__init__()
        self.sync = TeamSync(self.post_message)
        self.checks = TeamSync(self.post_message)
        """Beside: whether the server answers must not keep anybody from pushing or pulling."""
        self.link = Link()
        self.pulls_automatically = True
        self.team_changed: Signal[TeamState] = Signal(self, "team")
        self._pull_at = time.monotonic() + FIRST_PULL_AFTER
        self._stamp: tuple[int, ...] = ()
        """Of the settings that the server was asked with."""

    @property
    def team(self) -> TeamState:
        left = max(0.0, self._pull_at - time.monotonic())
        next_pull = f"{left / 60:.0f} min" if left >= 90 else f"{max(1, round(left / 10)) * 10} s"
        return TeamState(self.link, self.sync.live, self.pulls_automatically, next_pull)

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._pull_if_due)

    # -- starting -----------------------------------------------------------------------------------------------

    def check_team(self) -> None:
        """Ask the server who we are; what it says is shown on the Team screen."""
        from tui.team_work import NOT_SET_UP, check, is_set_up, settings_stamp

        self._stamp = settings_stamp(self.project)
        if not is_set_up(self.project):
            self.link = NOT_SET_UP
        elif not self.checks.is_running:
            self.link = Link("checking", url=self.link.url, since=self.link.since if self.link.is_broken else "")
            self.checks.start("check", partial(check, self.project))
        self._tell_team()

    def check_team_if_set_up_anew(self) -> None:
        """Ask again when the settings were written: two looks at files, for a screen that is looked at."""
        from tui.team_work import settings_stamp

        if settings_stamp(self.project) != self._stamp:
            self.check_team()

    def push_round(self, wanted: Wanted) -> None:
        from tui.team_work import push

        if self._is_free("Push"):
            self._sync("push", partial(push, self.project, wanted))

    def pull_rounds(self) -> None:
        from tui.team_work import NOT_SET_UP, is_set_up, pull

        if not is_set_up(self.project):
            self.check_team()
            self.notify(NOT_SET_UP.remedy, title=f"Pull: {NOT_SET_UP.problem}", severity="warning", markup=False)
        elif self._is_free("Pull"):
            self._sync("pull", partial(pull, self.project))

    def stop_team(self) -> None:
        if self.sync.is_running:
            self.sync.stop()
            self._tell_team()

    def toggle_automatic_pull(self) -> None:
        self.pulls_automatically = not self.pulls_automatically
        self._tell_team()

    def _is_free(self, title: str) -> bool:
        if self.sync.is_running:
            self.notify("One at a time: F8 shows what runs.", title=title, severity="warning", markup=False)
        return not self.sync.is_running

    def _sync(self, work: Work, task: Task, *, automatic: bool = False) -> None:
        self.sync.start(work, task, automatic=automatic)
        self._tell_team()

    def _pull_if_due(self) -> None:
        """A failure is told once, when it begins; after that the Team screen and the title line say how it stands."""
        from tui.team_work import has_open_round, pull

        if not self.pulls_automatically or self.sync.is_running or time.monotonic() < self._pull_at:
            return
        self._pull_at = time.monotonic() + PULL_EVERY
        if has_open_round(self.project):
            self._sync("pull", partial(pull, self.project), automatic=True)

    # -- while it runs ------------------------------------------------------------------------------------------

    def on_team_ticked(self, message: TeamTicked) -> None:
        self._tell_team()

    def on_team_ended(self, message: TeamEnded) -> None:
        title, was_broken = _TITLES[message.work], self.link.is_broken
        if message.work == "pull":
            self._pull_at = time.monotonic() + PULL_EVERY
        if message.outcome is not None:
            self.link, outcome = message.outcome.link, message.outcome
            if outcome.words and (outcome.is_news or not message.automatic):
                severity: Literal["information", "warning"] = "information" if outcome.is_good else "warning"
                self._say_outcome(outcome.words, title, severity)
        elif message.error is not None:
            self.link = self._after(message.error)
            if message.work == "check" or (message.automatic and was_broken):
                log_failure(self.project.state_folder, message.error, message.work)
            else:
                self.report(message.error, message.work)
        self._tell_team()

    def _say_outcome(self, words: str, title: str, severity: Literal["information", "warning"]) -> None:
        """In Review on its line for what just happened, also under a dialog: a toast would lie over what is being read."""
        from tui.screens.review_view import ReviewView

        below = next((screen for screen in reversed(self.screen_stack) if not screen.is_modal), None)
        if isinstance(below, ReviewView):
            below.say(f"{title}: {one_line(words)}")
        else:
            self.notify(words, title=title, severity=severity, markup=False)

    def _after(self, error: Exception) -> Link:
        """The server as it is after a failure. That none is set up is no failure of one."""
        from tui.team_work import NOT_SET_UP, is_set_up

        return NOT_SET_UP if isinstance(error, ProjectError) and not is_set_up(self.project) else _after(self.link, error)

    def _tell_team(self) -> None:
        self.team_changed.publish(self.team)

    # -- leaving ------------------------------------------------------------------------------------------------

    async def on_unmount(self) -> None:
        """However the app ends, the transaction that is under way is finished."""
        if self.sync.is_running:
            import asyncio

            self.sync.stop()
            await asyncio.to_thread(self.sync.join, WAIT_AT_EXIT)


def _after(link: Link, error: Exception) -> Link:
    """The server as it is after a failure; the time is that of the first one in a row.

    What went wrong here (a locked database, a wrong guidelines file) says nothing of a server that was connected.
    """
    if link.state == "connected" and not isinstance(error, ProjectError) and getattr(error, "fault", None) is None:
        return link
    since = link.since if link.state in ("unreachable", "checking") and link.since else f"{datetime.now().astimezone():%H:%M}"
    what, remedy = f"{type(error).__name__}: {error}", "See the app's log."
    if isinstance(error, WorkbenchError):
        what, remedy = f"{error.where}: {error.what}" if error.where else error.what, error.remedy
    return Link("unreachable", link.url, link.workspace, since=since, problem=what, remedy=remedy)
