"""What the review screen shows: the panes and the status line.

One key → one handler → one paint: the panes are told directly, have sizes of their own, and no message goes round.
"""

from __future__ import annotations

import sqlite3
import time

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen

from core.errors import WorkbenchError
from core.project import Project
from core.store.connection import database_error
from core.user import User
from review.models import ReviewItem
from review.orders import Order
from tui.screens.base import name_of
from tui.screens.dialogs.names import Names
from tui.screens.review_loading import Scope
from tui.screens.review_pace import Pace
from tui.screens.review_session import ReviewSession
from tui.widgets.conversation_pane import ConversationPane
from tui.widgets.hint_line import HintLine
from tui.widgets.item_pane import ItemPane
from tui.widgets.key_line import KeyLine
from tui.widgets.plain import one_line
from tui.widgets.rephrasing_list import RephrasingList
from tui.widgets.siblings_pane import SiblingsPane
from tui.widgets.status_line import Status, StatusLine
from tui.widgets.title_bar import TitleBar

COMPLAINT_S = 8.0

_DISPENSABLE = (
    "review.commands", "app.quit", "app.palette", "review.next_open", "review.filter", "review.edit", "review.flag",
)  # fmt: skip


class ReviewView(Screen[None]):
    CSS_PATH = "review.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 -- Textual declares it so

    def __init__(
        self,
        project: Project,
        user: User,
        filter_text: str = "",
        conversation_id: int | None = None,
        *,
        names: Names | None = None,
        pace: Pace | None = None,
        order: Order = Order.CONVERSATION,
    ) -> None:
        """`names`: flows and slots for completion; by default those that the stored commands speak of.

        `pace`: of the decisions made before this screen was opened, to be counted on.
        """
        super().__init__()
        self.pace = pace or Pace()
        self.project, self.user, self.names = project, user, names
        self.scope = Scope(filter_text, conversation_id, order)
        self.session: ReviewSession | None = None
        self.item: ReviewItem | None = None
        self.complete = False
        """Whether all rows are in the queue."""
        self.left = 0
        """How many of them are open; counted here, because counting a million takes 1 ms."""
        self.bound: float | None = None
        """Of the wrong share of the accepted set; None: not known, or the order is another than random."""
        self.sampled = False
        """Whether anything was decided from the head of the random order on."""
        self._complaints: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        yield TitleBar(name_of(self.project), "review")
        yield StatusLine(id="status")
        with Container(id="body"):
            with Container(id="reading"):
                yield RephrasingList(self._highlighted, self._unreadable, id="queue")
                yield ConversationPane(id="conversation")
            with Vertical(id="judging"):
                yield ItemPane(id="item")
                yield SiblingsPane(id="siblings")
        yield HintLine(id="hint")
        yield KeyLine(_DISPENSABLE, id="keys")

    def on_mount(self) -> None:
        self.rows = self.query_one(RephrasingList)
        self.conversation = self.query_one(ConversationPane)
        self.item_pane = self.query_one(ItemPane)
        self.others = self.query_one(SiblingsPane)
        self.status = self.query_one(StatusLine)
        self.hint = self.query_one(HintLine)
        self.rows.focus()
        self.begin()

    def begin(self) -> None:
        """Open the database and show the first rows; the panes are there."""
        raise NotImplementedError

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None

    # -- showing ------------------------------------------------------------------------------------------------

    def _highlighted(self, rephrasing_id: int | None) -> None:
        """The cursor came to stand on a row: show it in every pane, in this same paint."""
        if self.session is None:
            return
        if rephrasing_id is None:
            self._show_empty()
            return
        if self.rows.range_from is None and (self.item is None or self.item.id != rephrasing_id):
            self.say("")  # what was said of another row; what is said of this move comes after it
        try:
            self.item = item = self.session.item(rephrasing_id)
            turns = self.session.transcript(item.conversation_id)
        except WorkbenchError as error:
            self._show_empty()
            self.complain(error)
            return
        self.item_pane.show_item(item)
        self.conversation.show_conversation(item, turns)
        self.others.show_siblings(item)
        if self.rows.range_from is not None:
            self.show_status()

    def show_again(self) -> None:
        """The row under the cursor changed."""
        self.rows.move_to(self.rows.cursor)

    def _show_empty(self) -> None:
        self.item = None
        self.conversation.show_nothing()
        self.others.show_nothing()
        if not self.complete:
            self.item_pane.show_message("Reading…")
        elif self.scope:
            self.item_pane.show_message("Nothing matches", "Esc shows the whole queue again.", "/ changes the filter.")
        else:
            self.item_pane.show_message(
                "No rephrasings yet",
                "Read annotated conversations and their rephrasings in first:",
                "",
                "  workbench ingest PATH…",
                "",
                "They appear here by themselves, in this session too.",
            )

    def show_status(self) -> None:
        if self.session is None:
            return
        queue, pace = self.rows.queue, self.pace
        within = self.item.test if self.scope.conversation_id is not None and self.item else ""
        self.status.show(
            Status(
                total=len(queue) if self.complete else None,
                left=self.left,
                session=pace.session,
                per_minute=pace.per_minute,
                eta_minutes=pace.eta_minutes(self.left),
                filter_text=self.scope.filter_text,
                within=within,
                in_range=len(self.rows.selected),
                order="" if self.scope.order is Order.CONVERSATION else self.scope.order,
                bound=self.bound,
                sampled=self.sampled,
                saved_at=pace.saved_at,
            )
        )

    def complain(self, error: WorkbenchError) -> None:
        """What went wrong and what to do next, as a toast; the screen stays as it is. One that is still up is not repeated."""
        text, now = one_line(f"{error.what}. {error.remedy}"), time.monotonic()
        if now < self._complaints.get(text, 0.0):
            return
        self._complaints[text] = now + COMPLAINT_S
        self.notify(text, title=error.title, severity="error", timeout=COMPLAINT_S, markup=False)

    def _unreadable(self, error: sqlite3.Error) -> None:
        self.complain(database_error("the database could not be read", error))

    def say(self, content: Content | str) -> None:
        """On as many lines as it needs: for what is not part of the fast loop (a line more is another layout)."""
        self.hint.show(content)
