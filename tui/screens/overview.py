"""Overview: the next action, what else waits, and the pipeline with its counts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from core.errors import ProjectError
from core.pipeline.next_action import has_annotator
from core.pipeline.status import ProjectStatus, project_status
from core.project import Project
from core.stages.models import StageName
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.screens.overview_text import pipeline
from tui.styles import MUTED
from tui.widgets.choice_list import Choice, ChoiceList

LOOK_EVERY = 2.0
"""Seconds between looks at whether another process (or screen) has committed: one PRAGMA, 0.01 ms."""

ROOMY_FROM = 34
"""Lines of the terminal from which stages stand apart."""
_IN_APP = ("review", "flagged", "skipped", "disagree", "conflict")
_STAGES = {stage.value for stage in StageName}


@dataclass
class Counted(Message):
    status: ProjectStatus


class OverviewScreen(WorkbenchScreen):
    NAME = "overview"
    CSS_PATH = "overview.tcss"
    BINDINGS = bindings_of("overview")

    status: ProjectStatus | None = None
    _seen_version = -1

    def compose_body(self) -> Iterable[Widget]:
        with VerticalScroll(can_focus=False):
            yield Static("Next", classes="heading", markup=False)
            yield ChoiceList(self._do, id="choices")
            yield Static("Pipeline", classes="heading", markup=False)
            yield Static("counting…", id="pipeline", markup=False)

    def on_mount(self) -> None:
        self.choices = self.query_one(ChoiceList)
        self.choices.show([Choice("counting", Content.styled("counting…", MUTED))])
        self._timer = self.set_interval(LOOK_EVERY, self._look)

    def on_screen_resume(self) -> None:
        self._look()

    def _look(self) -> None:
        """Count again if anything was committed since the last count."""
        if not self.is_current:
            return
        self._timer.pause()  # and go on only if it worked: one failure, one toast
        with self.reporting("looking at the database"):
            (version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if version != self._seen_version:
                self._seen_version = version
                self.action_refresh_counts()
            self._timer.resume()

    def action_refresh_counts(self) -> None:
        self._timer.resume()
        self.say_connection("local: counting")
        self._count()

    @work(thread=True, exclusive=True, group="status", description="counting", exit_on_error=False)
    def _count(self) -> None:
        with closing(self.project.open()) as connection:
            status = project_status(connection, has_annotator=_has_annotator(self.project))
        if not get_current_worker().is_cancelled:
            self.post_message(Counted(status))

    def on_counted(self, message: Counted) -> None:
        was_pack = self._is_pack
        self.status = status = message.status
        if self._is_pack != was_pack:
            self.refresh_bindings()
        self.say_connection("local ✓")
        proposed = status.next_action
        choices = [Choice("next", Content.styled(_capital(proposed.sentence), "bold"), proposed.command)]
        width = max((len(f"{one.count:,}") for one in status.waiting), default=0)
        choices += [
            Choice(one.id, Content.assemble((f"{one.count:>{width},}", ""), (f"  {one.sentence}", MUTED)))
            for one in status.waiting
        ]
        self.choices.show(choices)
        self._show_pipeline()

    def on_resize(self) -> None:
        self._show_pipeline()

    def _show_pipeline(self) -> None:
        if self.status is not None:
            pane = self.query_one("#pipeline", Static)
            width = pane.content_size.width or self.size.width - 4
            pane.update(pipeline(self.status, width, roomy=self.size.height >= ROOMY_FROM))

    def action_move(self, rows: int) -> None:
        """Behind the last and before the first choice the keys scroll."""
        pane = self.query_one(VerticalScroll)
        if not self.choices.move(rows):
            pane.scroll_to(y=pane.scroll_y + rows, animate=False)

    def action_next(self) -> None:
        choice = self.choices.current
        if choice is not None:
            self._do(choice)

    @property
    def _is_pack(self) -> bool:
        return self.status is not None and self.status.pack is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No stage stands in the footer where none can run."""
        return not (action == "start" and self._is_pack)

    def action_start(self, stage: str) -> None:
        self.workbench.start_stage(StageName(stage))

    def _do(self, choice: Choice) -> None:
        if self.status is None:
            return
        if choice.id == "next":
            proposed = self.status.next_action
            if proposed.id in _IN_APP:
                self.workbench.open_review(proposed.filter)
            elif proposed.id == "coverage":
                self.workbench.action_go("coverage")
            elif proposed.id in _STAGES:
                self.action_start(proposed.id)
            else:
                self.workbench.notify(f"In a terminal: {proposed.command}", title=_capital(proposed.sentence), markup=False)
            return
        waiting = next(one for one in self.status.waiting if one.id == choice.id)
        if waiting.id == "unjudged":
            self.action_start(StageName.VALIDATE.value)
        elif waiting.id == "left_out":
            self.workbench.action_go("stages")
        elif waiting.screen == "review":
            self.workbench.open_review(waiting.filter)
        elif waiting.screen == "coverage":
            self.workbench.action_go("coverage")
        elif waiting.screen == "team":
            self.workbench.action_go("team")
        else:
            self.workbench.open_conversations(waiting.filter)


def _has_annotator(project: Project) -> bool:
    """As `workbench.toml` is now; the app says by itself what is wrong with it."""
    try:
        return has_annotator(Project(project.root))
    except ProjectError:
        return False


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
