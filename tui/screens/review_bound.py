"""The bound on what is wrong in the accepted set, in the status line while the reviewer works in the random order.

What it counts (review/accepted_set.py) is read in a thread after the queue, and kept true decision by decision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from textual.message import Message
from textual.worker import get_current_worker

from core.errors import WorkbenchError
from core.store.connection import database_error
from review import accepted_set
from review.accepted_set import AcceptedSet
from review.orders import Order
from tui.screens.queue_search import find
from tui.screens.review_session import readable
from tui.screens.review_view import ReviewView

MOST = 1_000
"""More changed rephrasings than this are taken over by reading the set again."""


@dataclass
class SetLoaded(Message):
    """The accepted set was read. `reading` numbers the attempts: only the latest counts."""

    reading: int
    found: AcceptedSet


@dataclass
class SetFailed(Message):
    """The accepted set could not be read."""

    reading: int
    error: WorkbenchError


class ReviewBound(ReviewView):
    _accepted: AcceptedSet | None = None
    _reading = 0
    _changed: set[int] | None = None
    """What changed while the set is being read; None: it is not."""

    def load_bound(self) -> None:
        """Read the set, or forget it where the order is not random: decisions in another are no sample."""
        self._reading += 1
        if self.scope.order is not Order.RANDOM:
            self.workers.cancel_group(self, "review-bound")
            self._accepted = self._changed = self.bound = None
            return
        self._changed = set()
        number, project, post = self._reading, self.project, self.post_message

        def work() -> None:
            worker = get_current_worker()
            try:
                connection = project.open()
                try:
                    found = accepted_set.load(connection, cancelled=lambda: worker.is_cancelled)
                finally:
                    connection.close()
            except WorkbenchError as error:
                post(SetFailed(number, error))
            except sqlite3.Error as error:
                post(SetFailed(number, database_error("the accepted set could not be read", error)))
            else:
                if not worker.is_cancelled:
                    post(SetLoaded(number, found))

        self.run_worker(
            work, name=f"bound {number}", group="review-bound", description="reading the bound", thread=True, exclusive=True
        )

    def on_set_loaded(self, message: SetLoaded) -> None:
        if message.reading != self._reading or self.session is None:
            return
        changed, self._changed = self._changed, None
        self._accepted = message.found
        self.count_bound(changed or ())
        self._show_bound()
        self.show_status()
        self._say_where_it_stands_still()

    def _show_bound(self) -> None:
        standing = None if self._accepted is None else self._accepted.standing()
        self.bound = None if standing is None else standing.bound()
        self.sampled = standing is not None and standing.seen > 0

    def _say_where_it_stands_still(self) -> None:
        """Once for each filter: what it leaves out is not decided here, and the sample goes on from the first open one."""
        found = self._accepted
        if found is None or not self.scope or not self.complete or found.run >= len(found):
            return
        if find(self.rows.queue, found.ids[found.run], self.rows.cursor) is None:
            self.say("The filter leaves out the head of the random order: the bound stands still. Esc shows all.")

    def on_set_failed(self, message: SetFailed) -> None:
        if message.reading == self._reading:
            self._accepted = self._changed = self.bound = None
            self.complain(message.error)

    def count_bound(self, ids: Collection[int]) -> None:
        """These were decided, edited or corrected, by whomever."""
        if self._changed is not None:
            self._changed.update(ids)
        if self._accepted is None or self.session is None or not ids:
            return
        if len(ids) > MOST:
            self.load_bound()
            return
        try:
            with readable():
                now = accepted_set.places_now(self.session.connection, ids)
        except WorkbenchError as error:
            self._accepted = self.bound = None
            self.complain(error)
            return
        if self._accepted.take_over(now):
            self._show_bound()
        else:
            self.load_bound()
