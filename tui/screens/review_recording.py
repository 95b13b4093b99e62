"""Recording many decisions in a thread: a hundred thousand take seconds, in which the screen must stay alive."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from core.errors import WorkbenchError
from core.store.connection import database_error
from review.decisions import DecisionLog
from review.models import Recorded
from tui.screens.review_queue import ReviewQueue

AT_ONCE = 1_000
"""Up to this many are recorded on the UI thread, before the paint (about 30 ms)."""

Act = Callable[[DecisionLog], Recorded | None]
Then = Callable[[Recorded | None], None]


@dataclass
class ManyRecorded(Message):
    """A thread recorded, took back or brought back many decisions, or could not; `then` goes on from there."""

    recorded: Recorded | None
    error: WorkbenchError | None
    then: Then


class ReviewRecording(ReviewQueue):
    _working = False

    def refuses(self) -> bool:
        """One writer at a time: while a thread records, the keys that decide do nothing but say so."""
        if self._working:
            self.say("Still recording; a moment…")
        return self._working

    def record_in_thread(self, act: Act, then: Then) -> None:
        assert self.session is not None
        try:
            self.session.check_in_place()  # the thread would open what is there instead
        except WorkbenchError as error:
            self.complain(error)
            return
        self._working = True
        self.say("Recording…")
        project, reviewer, post = self.project, self.session.log.reviewer, self.post_message

        def work() -> None:
            recorded: Recorded | None = None
            failed: WorkbenchError | None = None
            try:
                connection = project.open()
                try:
                    recorded = act(DecisionLog(connection, reviewer, "app"))
                finally:
                    connection.close()
            except WorkbenchError as error:
                failed = error
            except sqlite3.Error as error:
                failed = database_error("it could not be recorded", error)
            post(ManyRecorded(recorded, failed, then))

        self.run_worker(work, name="record", group="review-record", description="Record many decisions", thread=True)

    def on_many_recorded(self, message: ManyRecorded) -> None:
        self._working = False
        self.say("")
        if message.error is not None:
            self.complain(message.error)
        elif self.session is not None:
            message.then(message.recorded)
