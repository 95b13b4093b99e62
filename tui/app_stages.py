"""Stages in the app: from the estimate to the report, and what every screen is told while one runs."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from textual.app import App
from textual.signal import Signal

from core.project import Project
from core.stages.models import StageName
from core.store.pack_here import check_is_no_pack
from core.user import User
from tui.messages import StageEnded, StageTicked
from tui.stage_live import StageLive
from tui.stage_runner import StageRunner
from tui.stage_words import count

if TYPE_CHECKING:
    from tui.stage_preparing import Prepared

WAIT_AT_EXIT = 3.0
"""Seconds for a stage that was ended at once to store what it has."""


class StagesApp(App[None]):
    """`live`: the running stage, or how the last one of this sitting ended; None before the first.

    `stage_changed` is published with it, a few times a second while a stage runs, and once with `last` when it has ended.
    """

    project: Project
    user: User

    def __init__(self) -> None:
        super().__init__()
        self.stages = StageRunner(self.post_message)
        self.live: StageLive | None = None
        self.ended: StageEnded | None = None
        self.stage_changed: Signal[StageLive] = Signal(self, "stage")
        self._leaving = False

    def report(self, error: BaseException, doing: str) -> None:
        raise NotImplementedError

    # -- starting -----------------------------------------------------------------------------------------------

    def start_stage(self, name: StageName) -> None:
        """Show what it will cost and start it after a yes. Raises UsageError in the project of a hand-out."""
        if self.stages.is_running:
            self.notify("One stage at a time: F6 shows the one that runs.", title=name.value, severity="warning", markup=False)
            return
        with closing(self.project.open()) as connection:
            check_is_no_pack(connection, f"{name.value}d")
        from tui.screens.dialogs.estimate import EstimateDialog

        self.push_screen(EstimateDialog(self.project, name, self.user.reviewer), self._start)

    def _start(self, prepared: Prepared | None) -> None:
        if prepared is None or prepared.estimate is None or self.stages.is_running:
            return
        self.ended = None
        self.stages.start(prepared.name, prepared.estimate, prepared.make)
        self._tell(self.stages.live)
        self.switch_mode("stages")

    # -- while it runs ------------------------------------------------------------------------------------------

    def on_stage_ticked(self, message: StageTicked) -> None:
        if self.ended is None:
            self._tell(message.live)

    def on_stage_ended(self, message: StageEnded) -> None:
        self.ended = message
        self._tell(message.live)
        if self._leaving:
            self.exit()
            return
        name = message.live.stage.value
        if message.error is not None:
            self.report(message.error, name)
        elif message.report is None:
            self.notify("Ended at once. What was answered is kept.", title=name, severity="warning", markup=False)
        else:
            report = message.report
            problems = [count(len(report.failures), "failure")] if report.failures else []
            problems += [f"{len(report.left_out):,} left out"] if report.left_out else []
            says = report.stopped or ("done" if not problems else f"done, with {' and '.join(problems)}: F6 shows them")
            self.notify(says, title=name, severity="information" if report.complete else "warning", markup=False)

    def _tell(self, live: StageLive) -> None:
        self.live = live
        self.stage_changed.publish(live)

    def pause_stage(self) -> None:
        """Hold questions back, or let them go again."""
        if self.stages.is_running:
            self.stages.pause()
            self._tell(self.stages.live)

    def stop_stage(self) -> None:
        """Asked for again: at once."""
        if self.stages.is_running:
            self.stages.stop()
            self._tell(self.stages.live)

    # -- leaving ------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """A running stage is stopped first, if that is what is wanted; asked for again while it stops: at once."""
        if not self.stages.is_running:
            self.exit()
            return
        if self._leaving:
            self.stages.stop()
            return
        from tui.screens.dialogs.confirm import Confirm

        name = self.stages.live.stage.value
        question = Confirm(
            f"{name} is running. Stop it and leave?",
            "It waits for the answers on their way. What was answered is kept; the next run does only what is missing.",
            verb="Stop and leave",
        )
        self.push_screen(question, self._leave)

    def _leave(self, sure: bool | None) -> None:
        if not sure:
            return
        if not self.stages.is_running:
            self.exit()
            return
        self._leaving = True
        self.stop_stage()
        self.notify("Stopping; q again leaves at once.", title="Leaving", markup=False)

    async def on_unmount(self) -> None:
        """However the app ends, a stage stores what it has."""
        if self.stages.is_running:
            import asyncio

            self.stages.stop()
            self.stages.stop()
            await asyncio.to_thread(self.stages.join, WAIT_AT_EXIT)
