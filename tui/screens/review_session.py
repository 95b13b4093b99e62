"""The reviewer's side of the database: decisions recorded, taken back and brought back, and what others changed.

One connection, used on the UI thread only. Every method that decides returns after the commit.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from textual.cache import LRUCache

from core.commands import Dialect
from core.project import Project
from core.store.connection import check_in_place, database_error
from core.user import User
from review import items, queue
from review.decisions import DecisionLog
from review.models import Decision, Recorded, ReviewItem, TranscriptTurn
from tui.screens.review_changes import Changes, changes_since, latest_decision, latest_ingest, written_by_stages
from tui.screens.review_pace import Pace

BUSY_MS = 2_000
"""How long a key press waits for another process's transaction. Longer, and the screen would seem dead."""
RELOAD_EVERY = 5.0
"""Seconds between two readings of the queue while a stage adds to it. It writes several times a second."""


class ReviewSession:
    """`pace` outlives the session: a review screen that is opened anew goes on counting.

    Raises:
        StoreError: the database cannot be opened or read.
    """

    def __init__(self, project: Project, user: User, pace: Pace) -> None:
        self.project = project
        self.pace = pace
        self.connection = project.open()
        self.log = DecisionLog(self.connection, user.reviewer, "app")
        self.rejected: int | None = None
        self._transcripts: LRUCache[int, tuple[TranscriptTurn, ...]] = LRUCache(16)
        with readable():
            self.connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._version = queue.data_version(self.connection)
            self._seen_decision = latest_decision(self.connection)
            self._seen_ingest = latest_ingest(self.connection)
            self._seen_stages = written_by_stages(self.connection)
        self._reload_from = 0.0

    @cached_property
    def dialect(self) -> Dialect:
        return items.project_dialect(self.connection)

    def check_in_place(self) -> None:
        """Raises StoreError if the database was removed or replaced: what is read and decided then would be lost."""
        check_in_place(self.connection)

    def close(self) -> None:
        self.connection.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def item(self, rephrasing_id: int) -> ReviewItem:
        with readable():
            return items.load_item(self.connection, rephrasing_id, self.dialect)

    def transcript(self, conversation_id: int) -> tuple[TranscriptTurn, ...]:
        found = self._transcripts.get(conversation_id)
        if found is None:
            with readable():
                found = self._transcripts[conversation_id] = items.load_transcript(self.connection, conversation_id)
        return found

    def forget_transcripts(self) -> None:
        self._transcripts.clear()

    # -- deciding -----------------------------------------------------------------------------------------------

    def decide(self, ids: Sequence[int], decision: Decision) -> Recorded:
        """Raises DecisionError or StoreError; then nothing was recorded."""
        with recording():
            recorded = self.log.decide(ids, decision)
        self.pace.record(len(ids))
        self.note(recorded, rejected=ids[0] if decision is Decision.REJECT else None)
        return recorded

    def note(self, recorded: Recorded, *, rejected: int | None = None) -> None:
        """Remember what the status line says of the latest action, and which rejection a reason would go to."""
        self.rejected = rejected
        self.pace.saved_at = f"{datetime.fromisoformat(recorded.at).astimezone():%H:%M:%S}"

    def give_reason(self, rephrasing_id: int, reason: str) -> Recorded:
        """Give a rejection of this reviewer a reason; undo takes back both. Raises DecisionError or StoreError."""
        with recording():
            recorded = self.log.give_reason(rephrasing_id, reason)
        self.note(recorded, rejected=rephrasing_id)
        return recorded

    def edit(self, rephrasing_id: int, text: str) -> Recorded:
        with recording():
            return self._by_hand(self.log.edit(rephrasing_id, text))

    def add(self, step_id: int, text: str) -> Recorded:
        with recording():
            return self._by_hand(self.log.add(step_id, text))

    def correct(self, step_id: int, commands: str) -> Recorded:
        with recording():
            recorded = self.log.correct(step_id, commands)
        self.note(recorded)
        return recorded

    def _by_hand(self, recorded: Recorded) -> Recorded:
        self.pace.record()
        self.note(recorded)
        return recorded

    def undo(self) -> Recorded | None:
        """Take back this reviewer's latest action; None if there is none. Raises StoreError."""
        with recording():
            recorded = self.log.undo()
        if recorded is not None:
            self.note_turn(recorded, forward=False)
        return recorded

    def redo(self) -> Recorded | None:
        """Bring back what was undone last; None if nothing can be. Raises StoreError."""
        with recording():
            recorded = self.log.redo()
        if recorded is not None:
            self.note_turn(recorded, forward=True)
        return recorded

    def note_turn(self, recorded: Recorded, *, forward: bool) -> None:
        count = self._rephrasings_in(recorded.group_id)
        if forward:
            self.pace.record(count)
        else:
            self.pace.take_back(count)
        self.note(recorded)

    def size_of_next(self, *, forward: bool) -> int:
        """How many rephrasings the next undo or redo touches."""
        status, order = (1, "ASC") if forward else (0, "DESC")
        with readable():
            row = self.connection.execute(
                f"SELECT id FROM decision_group WHERE reviewer = ? AND status = ? ORDER BY id {order} LIMIT 1",
                (self.log.reviewer, status),
            ).fetchone()
        return 0 if row is None else self._rephrasings_in(row[0])

    def _rephrasings_in(self, group: int) -> int:
        with readable():
            (count,) = self.connection.execute(
                "SELECT count(DISTINCT rephrasing_id) FROM decision WHERE group_id = ?", (group,)
            ).fetchone()
        return int(count)

    def verdicts(self, ids: Sequence[int]) -> dict[str | None, int]:
        """How many of these have which verdict; an edited text has none. A million take about a second."""
        with readable():
            return queue.verdicts(self.connection, ids)

    # -- others -------------------------------------------------------------------------------------------------

    def changes(self) -> Changes | None:
        """What other processes committed since the last call; None if nothing. Cheap when nothing was.

        Raises:
            StoreError: the database cannot be read, or is no longer in its place.
        """
        self.check_in_place()
        with readable():
            version = queue.data_version(self.connection)
            if version == self._version:
                return None
            ingest, stages, now = latest_ingest(self.connection), written_by_stages(self.connection), time.monotonic()
            is_due = stages != self._seen_stages and now >= self._reload_from
            everything = is_due or ingest != self._seen_ingest
            found = changes_since(self.connection, self._seen_decision, everything=everything)
        self._seen_ingest, self._seen_decision = ingest, found.seen
        if everything or stages == self._seen_stages:
            self._version, self._seen_stages = version, stages  # else it is looked at again, until it is due
        if everything:
            self._reload_from = now + RELOAD_EVERY
        return found


@contextmanager
def recording() -> Iterator[None]:
    """What the database says when it cannot write, as an error a user can act on."""
    try:
        yield
    except sqlite3.Error as error:
        raise database_error("it could not be recorded", error) from error


@contextmanager
def readable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise database_error("the database could not be read", error) from error
