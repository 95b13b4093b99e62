"""What is to be handed out to the team: how many and why, and what is asked of it. Nothing is sent before a yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from core.errors import WorkbenchError
from core.project import Project
from review.argilla.choosing import Wanted
from tui.screens.dialogs.frame import Dialog, keys, plain
from tui.screens.dialogs.push_round_text import push_text
from tui.styles import BAD, MUTED
from tui.team_work import PushPlan, plan_push

SIZES = (25, 50, 100, 200, 500, 1000, 2000)
OVERLAPS = (1, 2, 3, 4, 5)
_OPTIONS = 2


@dataclass
class _Counting(Message):
    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, _Counting)


@dataclass
class _Found(Message):
    """What the worker came to: what can be sent, or why nothing can."""

    plan: PushPlan | None
    problem: WorkbenchError | None = None


class PushDialog(Dialog[Wanted]):
    """Answers with what is to be sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "push", "Push"),  # not enter: others will see it
        Binding("n", "leave", "Cancel", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("l,right,space,enter", "change(1)", show=False),
        Binding("h,left", "change(-1)", show=False),
    ]

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._cursor = 0
        self.plan: PushPlan | None = None
        """None until it is made."""
        self.limit: int | None = None
        """None: all of them."""
        self.overlap = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame") as frame:
            frame.border_title = "Hand out to the team"
            yield plain(Content.styled("Looking for what the machine is not sure of…", MUTED), id="round")
            yield plain(keys(("esc", "Cancel", "leave")), id="keys", classes="foot")

    def on_mount(self) -> None:
        self._look()

    @work(thread=True, exclusive=True, group="choosing", description="choosing what goes to the team", exit_on_error=False)
    def _look(self) -> None:
        worker = get_current_worker()

        def tell(what: str, done: int, total: int) -> None:
            self.post_message(_Counting(done, total))

        try:
            found = _Found(plan_push(self._project, tell))
        except WorkbenchError as error:
            found = _Found(None, error)
        if not worker.is_cancelled:
            self.post_message(found)

    @on(_Counting)
    def _show_counting(self, message: _Counting) -> None:
        if self.plan is None:
            text = f"Looking for what the machine is not sure of… {message.done:,} of {message.total:,}"
            self.query_one("#round", Static).update(Content.styled(text, MUTED))

    @on(_Found)
    def _show_found(self, message: _Found) -> None:
        self.plan = message.plan
        if message.plan is not None:
            self.overlap = message.plan.planned.overlap
            self._show()
        elif message.problem is not None:
            problem = message.problem
            place = f"{problem.where}: " if problem.where else ""
            text = Content.assemble((f"{place}{problem.what}", BAD), "\n\n", problem.remedy)
            self.query_one("#round", Static).update(text)
            self.query_one("#keys", Static).update(keys(("esc", "Close", "leave")))

    def _show(self) -> None:
        if self.plan is None:
            return
        self.query_one("#round", Static).update(push_text(self.plan, self.limit, self.overlap, self._cursor))
        planned = self.plan.planned
        if not planned.records:
            foot = keys(("esc", "Close", "leave"))
        elif not planned.is_new:
            foot = keys(("y", "Send the rest", "push"), ("n", "Cancel", "leave"))
        else:
            foot = keys(("y", "Push", "push"), ("j k", "Option"), ("h l", "Value"), ("n", "Cancel", "leave"))
        self.query_one("#keys", Static).update(foot)

    def action_move(self, lines: int) -> None:
        self._cursor = (self._cursor + lines) % _OPTIONS
        self._show()

    def action_change(self, by: int) -> None:
        if self.plan is None or not self.plan.planned.is_new or not self.plan.planned.records:
            return
        if self._cursor == 0:
            limits = [*(size for size in SIZES if size < self.plan.planned.records), None]
            self.limit = limits[(limits.index(self.limit) + by) % len(limits)]
        else:
            overlaps = sorted({*OVERLAPS, self.overlap})
            self.overlap = overlaps[(overlaps.index(self.overlap) + by) % len(overlaps)]
        self._show()

    def action_push(self) -> None:
        if self.plan is None or not self.plan.planned.records:
            return
        self.dismiss(Wanted(new=True, overlap=self.overlap, limit=self.limit) if self.plan.planned.is_new else Wanted())
