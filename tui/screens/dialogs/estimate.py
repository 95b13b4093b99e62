"""What a stage will ask and what that will cost, before it asks anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from core.errors import WorkbenchError
from core.project import Project
from core.stages.models import StageName
from tui.screens.dialogs.estimate_text import estimate_text, missing_text, problem_text
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.stage_preparing import Prepared, prepare
from tui.styles import MUTED


@dataclass
class _Found(Message):
    """What the worker came to: what can be started, or why nothing can."""

    prepared: Prepared | None
    problem: WorkbenchError | None = None


class EstimateDialog(Dialog[Prepared]):
    """Answers with what is to be started. The project is read in a worker; escape does not wait for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Start"),  # not enter: it is pressed too easily before money is spent
        Binding("n", "leave", "Cancel", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, project: Project, stage: StageName, reviewer: str) -> None:
        super().__init__()
        self._project, self._stage, self._reviewer = project, stage, reviewer
        self._found: _Found | None = None
        self.text = ""
        """What it says, not wrapped."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = self._stage.value.capitalize()
            with VerticalScroll(can_focus=False):
                yield plain(Content.styled("Reading the project…", MUTED), id="estimate")
            yield plain(keys(("esc", "Cancel", "leave")), id="keys", classes="foot")

    def on_mount(self) -> None:
        self._prepare()

    @work(thread=True, exclusive=True, group="estimate", description="the estimate")
    def _prepare(self) -> None:
        try:
            found = _Found(prepare(self._project, self._stage, self._reviewer))
        except WorkbenchError as error:
            found = _Found(None, error)
        if not get_current_worker().is_cancelled:
            self.post_message(found)

    @on(_Found)
    def _show_found(self, message: _Found) -> None:
        self._found = message
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        if self._found is None:
            return
        pane = self.query_one("#estimate", Static)
        width = max(20, pane.container_size.width)
        foot = keys(("esc", "Close", "leave"))
        if self._found.problem is not None or (prepared := self._found.prepared) is None:
            text = problem_text(self._found.problem)
        elif prepared.missing or prepared.estimate is None:
            text = missing_text(prepared.missing)
        else:
            text = estimate_text(prepared.estimate, width)
            foot = keys(("y", "Start", "yes"), ("n", "Cancel", "leave"))
        self.text = text.plain
        pane.update(text)
        self.query_one("#keys", Static).update(foot)

    def action_yes(self) -> None:
        if self._found is not None and self._found.prepared is not None and self._found.prepared.estimate is not None:
            self.dismiss(self._found.prepared)

    def action_scroll(self, lines: int) -> None:
        pane = self.query_one(VerticalScroll)
        pane.scroll_to(y=pane.scroll_y + lines, animate=False)
