"""How the screen's queue comes in and stays true: first page, the rest in a thread, own decisions, changes by others."""

from __future__ import annotations

from dataclasses import replace

from textual.worker import get_current_worker

from core.errors import DecisionError, WorkbenchError
from core.store.states import State
from review.orders import Order
from review.queue import Queue
from tui.messages import OrderChosen
from tui.screens.contested import contested, in_the_queue
from tui.screens.queue_search import positions
from tui.screens.review_bound import ReviewBound
from tui.screens.review_loading import QueueFailed, QueueLoaded, Scope, ScoresMade, first_page, load_all
from tui.screens.review_session import ReviewSession, readable
from tui.widgets.plain import one_line

POLL_S = 1.0


class ReviewQueue(ReviewBound):
    _load_number = 0
    _loading = False
    _meanwhile: dict[int, State]

    def begin(self) -> None:
        self._meanwhile = {}
        try:
            self.session = ReviewSession(self.project, self.user, self.pace)
            self.set_interval(POLL_S, self.poll)
            with readable():
                page, again, complete = first_page(self.session.connection, self.scope)
        except WorkbenchError as error:
            self.complain(error)
            self.item_pane.show_message(error.title, one_line(error.what), one_line(error.remedy))
            return
        self.rows.contested = again
        self._show_queue(page, page.next_open(-1) or 0, complete=complete)
        if not complete:
            self.load(self.scope)

    def on_screen_resume(self) -> None:
        if self.session is not None:
            self.poll()

    # -- loading ------------------------------------------------------------------------------------------------

    def load(self, scope: Scope, *, anew: bool = False) -> None:
        """Read the whole queue for `scope` in a thread; the screen goes on with what it has. `anew`: then start at its head."""
        self._load_number += 1
        self._loading = True
        number, project, post = self._load_number, self.project, self.post_message

        def work() -> None:
            worker = get_current_worker()
            load_all(project, scope, number, lambda: worker.is_cancelled, post, anew=anew)

        self.run_worker(
            work, name=f"load {number}", group="review-load", description="reading the queue", thread=True, exclusive=True
        )

    def on_queue_loaded(self, message: QueueLoaded) -> None:
        if message.load != self._load_number or self.session is None:
            return
        queue, rows = message.queue, self.rows
        for at in positions(queue, self._meanwhile, rows.cursor):
            queue.states[at] = int(self._meanwhile[queue.ids[at]])
        rows.contested = (message.contested - self._meanwhile.keys()) | (rows.contested & self._meanwhile.keys())
        self._end_load()
        same, self.scope = message.scope == self.scope, message.scope
        self.load_bound()
        if message.anew:
            self._show_queue(queue, queue.next_open(-1) or 0)
            self.say(f"{message.scope.order.capitalize()} order, from its first open one.")
            return
        kept = None if rows.current_id is None else queue.position_of(rows.current_id)
        anchor = None if rows.range_from is None else queue.position_of(rows.queue.ids[rows.range_from])
        if kept is not None:
            self._show_queue(queue, kept, line=rows.cursor_line)
            if same and anchor is not None:
                rows.range_from = anchor
        else:  # what the cursor stood on is gone: to the next open one, from there or from the top
            self._show_queue(queue, queue.next_open(rows.cursor - 1 if same else -1) or 0)
        if not same:
            self.say(f"{len(queue):,} match; esc shows all again" if self.scope else "")

    def on_queue_failed(self, message: QueueFailed) -> None:
        if message.load == self._load_number:
            self._end_load()
            self.complain(message.error)

    def on_scores_made(self, message: ScoresMade) -> None:
        if message.load == self._load_number:
            self.load(self.scope)

    def _end_load(self) -> None:
        self._loading = False
        self._meanwhile.clear()

    def _show_queue(self, queue: Queue, cursor: int, *, complete: bool = True, line: int | None = None) -> None:
        assert self.session is not None
        self.complete = complete
        self.left = queue.left
        if not len(queue):
            nothing = "nothing matches; esc clears the filter" if self.scope else "no rephrasings yet"
            self.rows.empty_text = nothing if complete else "reading…"
        self.rows.show(self.session.connection, queue, cursor, line=line)
        self.show_status()

    # -- order --------------------------------------------------------------------------------------------------

    def action_order(self) -> None:
        if self.session is None:
            return
        from tui.screens.dialogs.choose_order import ChooseOrder

        try:
            with readable():
                (unscored,) = self.session.connection.execute(
                    "SELECT (SELECT count(*) FROM rephrasing WHERE active = 1) - (SELECT count(*) FROM ambiguity a"
                    " JOIN rephrasing r ON r.id = a.rephrasing_id WHERE r.active = 1)"
                ).fetchone()
        except WorkbenchError as error:
            self.complain(error)
            return
        self.app.push_screen(ChooseOrder(self.scope.order, unscored=unscored), self._ordered)

    def _ordered(self, order: Order | None) -> None:
        if order is None:
            return
        self.post_message(OrderChosen(order))
        self.say("Scoring what has no score yet, and sorting…" if order is Order.UNCERTAIN else "Sorting…")
        self.load(replace(self.scope, order=order), anew=True)

    # -- changes ------------------------------------------------------------------------------------------------

    def complain(self, error: WorkbenchError) -> None:
        super().complain(error)
        if isinstance(error, DecisionError) and self.session is not None:
            self.load(self.scope)  # most likely the rephrasing went away under our hands

    def take_over(self, states: dict[int, State]) -> list[int]:
        """New states, ours or of others: into the queue, the counts and the rows. Returns the positions that changed."""
        queue = self.rows.queue
        again = self._contested(states)
        self.rows.contested = (self.rows.contested - states.keys()) | again
        states = in_the_queue(states, again)
        if self._loading:
            self._meanwhile |= states
        changed = positions(queue, states, self.rows.cursor)
        for at in changed:
            state = states[queue.ids[at]]
            self.left += state.is_open - State(queue.states[at]).is_open
            queue.states[at] = int(state)
        self.rows.invalidate(changed)
        self.count_bound(states.keys())
        return changed

    def _contested(self, states: dict[int, State]) -> set[int]:
        """Those of them that the team says otherwise of: one look-up by index, in a project without a team too."""
        assert self.session is not None
        try:
            with readable():
                return contested(self.session.connection, states.keys())
        except WorkbenchError as error:
            self.complain(error)
            return set()

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
