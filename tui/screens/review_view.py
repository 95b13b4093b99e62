"""What the review screen shows and how it stays true: panes, status, loading, changes by others.

One key → one handler → one paint: the panes are told directly, have sizes of their own, and no message goes round.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.worker import get_current_worker

from core.errors import DecisionError, WorkbenchError
from core.project import Project
from core.store.states import State
from core.user import User
from review.models import ReviewItem
from review.queue import Queue
from tui.screens.base import name_of
from tui.screens.dialogs.names import Names
from tui.screens.review_loading import QueueFailed, QueueLoaded, Scope, first_page, load_all
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

POLL_S = 1.0
NEARBY = 4_096
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
    ) -> None:
        """`names`: flows and slots for completion; by default those that the stored commands speak of."""
        super().__init__()
        self.project, self.user, self.names = project, user, names
        self.scope = Scope(filter_text, conversation_id)
        self.session: ReviewSession | None = None
        self.item: ReviewItem | None = None
        self._within = ""
        self._load_number = 0
        self._loading = False
        self._meanwhile: dict[int, State] = {}
        self._left = 0

    def compose(self) -> ComposeResult:
        yield TitleBar(name_of(self.project), "review")
        yield StatusLine(id="status")
        with Container(id="body"):
            with Container(id="reading"):
                yield RephrasingList(self._highlighted, id="queue")
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
        try:
            self.session = ReviewSession(self.project, self.user)
            page, complete = first_page(self.session.connection, self.scope)
        except WorkbenchError as error:
            self.complain(error)
            self.item_pane.show_message(error.title, one_line(error.what), one_line(error.remedy))
            return
        self._take(page, complete=complete, keep=None)
        if not complete:
            self.load(self.scope)
        self.set_interval(POLL_S, self.poll)

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None

    def on_screen_resume(self) -> None:
        if self.session is not None:
            self.poll()

    # -- loading ------------------------------------------------------------------------------------------------

    @property
    def loading_all(self) -> bool:
        """Whether rows are still missing from the queue."""
        return self._loading

    def load(self, scope: Scope) -> None:
        """Read the whole queue for `scope` in a thread; the screen goes on with what it has."""
        self._load_number += 1
        self._loading = True
        number, project, post = self._load_number, self.project, self.post_message

        def work() -> None:
            worker = get_current_worker()
            load_all(project, scope, number, lambda: worker.is_cancelled, post)

        self.run_worker(
            work, name=f"load {number}", group="review-load", description="Read the queue", thread=True, exclusive=True
        )  # fmt: skip
        self.show_status()

    def on_queue_loaded(self, message: QueueLoaded) -> None:
        if message.load != self._load_number or self.session is None:
            return
        self._loading = False
        message.queue.apply(self._meanwhile)
        self._meanwhile.clear()
        same = message.scope == self.scope
        self.scope = message.scope
        self._take(message.queue, complete=True, keep=self.rows.current_id)
        if not same:
            self.hint.show(f"{len(message.queue):,} match" if self.scope else "")

    def on_queue_failed(self, message: QueueFailed) -> None:
        if message.load == self._load_number:
            self._loading = False
            self.show_status()
            self.complain(message.error)

    def _take(self, queue: Queue, *, complete: bool, keep: int | None) -> None:
        """Show a queue with the cursor on the rephrasing `keep` if it is in it, else on the first open one."""
        assert self.session is not None
        self._loading = not complete
        self._left = queue.left
        kept = None if keep is None else queue.position_of(keep)
        line = self.rows.cursor_line if kept is not None else None
        first = kept if kept is not None else queue.next_open(-1)
        if not len(queue):
            self.rows.empty_text = "nothing matches; esc clears the filter" if self.scope else "no rephrasings yet"
        self.rows.show(self.session.connection, queue, first or 0, line=line)
        self.show_status()

    # -- showing ------------------------------------------------------------------------------------------------

    def _highlighted(self, rephrasing_id: int | None) -> None:
        """The cursor came to stand on a row: show it in every pane, in this same paint."""
        if self.session is None:
            return
        if rephrasing_id is None:
            self._show_empty()
            return
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
        if self.scope:
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

    def show_status(self, note: str = "") -> None:
        if self.session is None:
            return
        queue, pace = self.rows.queue, self.session.pace
        within = f"{self.item.test}" if self.scope.conversation_id is not None and self.item else ""
        self.status.show(
            Status(
                total=None if self._loading and not note else len(queue),
                left=self._left,
                session=pace.session,
                per_minute=pace.per_minute,
                eta_minutes=pace.eta_minutes(self._left),
                filter_text=self.scope.filter_text,
                within=within,
                in_range=len(self.rows.selected),
                saved_at=self.session.saved_at,
            )
        )

    def complain(self, error: WorkbenchError) -> None:
        """What went wrong and what to do next, as a toast; the screen stays as it is."""
        self.notify(one_line(f"{error.what}. {error.remedy}"), title=error.title, severity="error", markup=False)
        if isinstance(error, DecisionError) and self.session is not None:
            self.load(self.scope)  # most likely the rephrasing went away under our hands

    def say(self, content: Content | str) -> None:
        self.hint.show(content)

    # -- changes ------------------------------------------------------------------------------------------------

    def take_over(self, states: dict[int, State]) -> list[int]:
        """New states, ours or of others: into the queue, the counts and the rows. Returns the positions that changed."""
        queue = self.rows.queue
        if self._loading:
            self._meanwhile |= states
        changed: list[int] = []
        for id_, state in states.items() if len(states) <= 64 else ():
            at = find(queue, id_, self.rows.cursor)
            if at is not None:
                self._left += state.is_open - State(queue.states[at]).is_open
                queue.states[at] = int(state)
                changed.append(at)
        if len(states) > 64:
            changed = apply_many(queue, states)
            self._left = queue.left
        self.rows.invalidate(changed)
        return changed

    def poll(self) -> None:
        """Take over what other processes committed. Runs every second and costs a few microseconds if nothing was."""
        if self.session is None or not self.is_current:
            return
        try:
            changes = self.session.changes()
        except WorkbenchError as error:
            self.complain(error)
            return
        if changes is None:
            return
        self.session.forget_transcripts()
        if changes.reload:
            self.load(self.scope)
        elif changes.states:
            self.take_over(changes.states)
            self.show_again()
            self.show_status()


def find(queue: Queue, rephrasing_id: int, near: int) -> int | None:
    """Position of an id, looked for around `near` first: among a million rows the full search takes 16 ms."""
    start = max(0, near - NEARBY)
    try:
        return start + queue.ids[start : near + NEARBY].index(rephrasing_id)
    except ValueError:
        return queue.position_of(rephrasing_id)


def apply_many(queue: Queue, states: dict[int, State]) -> list[int]:
    """`Queue.apply` for thousands at once: one pass over the ids instead of a search for each."""
    changed = [at for at, id_ in enumerate(queue.ids) if id_ in states]
    for at in changed:
        queue.states[at] = int(states[queue.ids[at]])
    return changed
