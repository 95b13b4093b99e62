"""Conversations: all of them in a list, the one at the cursor to read beside it."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from core.project import Project
from core.store.browse import conversation_ids, show_conversation
from core.user import User
from review.filters import parse_filter
from tui.actions import bindings_of
from tui.screens.base import WorkbenchScreen
from tui.widgets.conversation_list import ConversationList, ListHeader
from tui.widgets.filter_line import FilterLine
from tui.widgets.transcript_text import blocks
from tui.widgets.transcript_view import TranscriptView

FIRST_PAGE = 200
NOTHING_INGESTED = "No conversations yet.\nRead some in a terminal:\n  workbench ingest e2e_tests/"
NOTHING_FOUND = "No conversation matches.\nesc clears the filter."


@dataclass
class Listed(Message):
    """The ids that match a filter."""

    ids: array[int]
    filter_text: str
    version: int


class ConversationsScreen(WorkbenchScreen):
    """`conversation_id`: the one to stand on; the filter is given up if it hides that one."""

    NAME = "conversations"
    CSS_PATH = "conversations.tcss"
    BINDINGS = bindings_of("conversations")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    def __init__(self, project: Project, user: User, filter_text: str = "", conversation_id: int | None = None) -> None:
        super().__init__(project, user)
        self._start_filter = filter_text
        self._wanted = conversation_id
        self._seen_version = -1

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            with Vertical(id="browse"):
                yield FilterLine(self._search, self._start_filter)
                self.list = ConversationList(self._show, self.action_review, self._unreadable)
                yield ListHeader(self.list)
                yield self.list
            yield TranscriptView()

    def on_mount(self) -> None:
        self.list.focus()
        with self.reporting("reading the list"):
            self._search(self._start_filter)

    def on_screen_resume(self) -> None:
        """What was decided or ingested meanwhile must show."""
        with self.reporting("looking at the database"):
            (version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if self._seen_version not in (-1, version):
                self._wanted = self.list.current_id
                self._search(self.query_one(FilterLine).text)
            self._seen_version = version

    # -- the list -----------------------------------------------------------------------------------------------

    def _search(self, text: str) -> None:
        """Raises UsageError for a filter that cannot be understood."""
        where, parameters = parse_filter(text).for_conversations()
        self.say_connection("local: searching" if text else "local: reading")
        if not text and self._wanted is None:  # a first page at once, the rest when it is there
            first = conversation_ids(self.connection, limit=FIRST_PAGE)
            self.list.show(self.connection, first, self.list.current_id)
        self._read(text, where, tuple(parameters))

    @work(thread=True, exclusive=True, group="list", description="reading the list", exit_on_error=False)
    def _read(self, text: str, where: str, parameters: tuple[str | int, ...]) -> None:
        worker = get_current_worker()
        with closing(self.project.open()) as connection:
            # a search that was overtaken by another stops within a few thousand steps of the database
            connection.set_progress_handler(lambda: int(worker.is_cancelled), 10_000)
            try:
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                ids = conversation_ids(connection, where, parameters)
            except sqlite3.OperationalError:
                if worker.is_cancelled:
                    return
                raise
        if not worker.is_cancelled:
            self.post_message(Listed(ids, text, version))

    def on_listed(self, message: Listed) -> None:
        if self._wanted is not None and self._wanted not in message.ids and message.filter_text:
            self.query_one(FilterLine).clear()
            return
        self.say_connection("local ✓")
        self.list.empty_text = NOTHING_FOUND if message.filter_text else NOTHING_INGESTED
        at = self._wanted if self._wanted is not None else self.list.current_id
        self._wanted = None
        self.list.show(self.connection, message.ids, at)
        self.query_one(ListHeader).refresh()

    def _show(self, conversation_id: int | None) -> None:
        """Read and show one conversation, within the same paint as the cursor's move (about 1 ms)."""
        view = self.query_one(TranscriptView)
        if conversation_id is None:
            view.show(())
            return
        with self.reporting("reading a conversation"):
            view.show(blocks(show_conversation(self.connection, conversation_id)))

    def _unreadable(self, error: sqlite3.Error) -> None:
        self.say_connection("local ✗")
        self.workbench.report(error, "reading the list")

    # -- actions ------------------------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        self.list.move_to(self.list.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.list.page_by(pages)

    def action_jump(self, where: int) -> None:
        self.list.move_to(0 if where == 0 else len(self.list.ids) - 1)

    def action_scroll(self, lines: int) -> None:
        self.query_one(TranscriptView).scroll_by(lines)

    def action_filter(self) -> None:
        self.query_one(FilterLine).open()

    @on(Input.Submitted)
    def _keep_filter(self) -> None:
        if self.query_one(FilterLine).close(keep=True):
            self.list.focus()

    def action_leave_filter(self) -> None:
        self.query_one(FilterLine).close(keep=False)
        self.list.focus()

    def action_clear(self) -> None:
        self.query_one(FilterLine).clear()

    def action_review(self) -> None:
        current = self.list.current_id
        if current is None:
            return
        if show_conversation(self.connection, current).rephrasings:
            self.workbench.open_review(conversation_id=current)
        else:
            self.workbench.warn("This conversation has no rephrasings to review.", "Review")

    def action_copy(self) -> None:
        current = self.list.current_id
        if current is not None:
            self.app.copy_to_clipboard("\n".join(show_conversation(self.connection, current).as_lines()))
            self.app.notify("The transcript is in the clipboard.", timeout=2, markup=False)
