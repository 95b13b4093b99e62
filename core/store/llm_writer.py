"""The thread that stores answers: all that have come while one commit was flushed go into the next one.

A flush to disk takes milliseconds, in which an event loop would stand still; and one for each answer would be as many as
the model answers a second.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Final

from core.errors import StoreError
from core.store.connection import database_error, transaction
from core.store.llm_calls import CallRow, insert_call, packed

_MOST_AT_ONCE: Final = 500
_GATHER: Final = 0.008
"""Seconds in which further answers join a commit. Beside 20 ms and more that an answer takes, nobody notices; they save most
flushes, and leave the database to the decisions of people in between."""

_Pending = tuple[CallRow, asyncio.Future[CallRow]]


class CallWriter:
    """Takes rows from one event loop. `keep` returns when its row is on disk."""

    def __init__(self, open_connection: Callable[[], sqlite3.Connection]) -> None:
        self._open = open_connection
        self._queue: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="llm-writer", daemon=True)
        self._broken: StoreError | None = None
        self._closed = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def check(self) -> None:
        """Raises StoreError where an earlier row could not be stored: nothing that costs money may be asked any more."""
        if self._broken is not None:
            raise self._broken

    async def keep(self, row: CallRow) -> CallRow:
        """Store `row`, whether or not the caller is cancelled meanwhile. Returns the row that stands (see `insert_call`).

        Raises:
            StoreError: it could not be stored: the disk is full, another process held the database too long, ….
        """
        self.check()
        stored: asyncio.Future[CallRow] = self._loop.create_future()
        self._queue.put((row, stored))
        return await stored

    async def close(self) -> None:
        """Returns when all that was given is stored, or could not be."""
        self._queue.put(None)
        while not self._closed.is_set():  # in steps: a thread cannot be awaited, and a full disk may take its time
            await asyncio.sleep(0.002)
        self._thread.join()

    def _run(self) -> None:
        try:
            connection = self._open()
        except StoreError as error:
            self._fail_all(error)
        else:
            try:
                self._serve(connection)
            finally:
                connection.close()
        self._closed.set()

    def _serve(self, connection: sqlite3.Connection) -> None:
        while True:
            batch, is_last = self._next_batch()
            if batch and self._broken is None:
                self._store(connection, batch)
            elif batch:
                self._tell(lambda batch=batch: self._refuse(batch))  # type: ignore[misc]
            if is_last:
                return

    def _next_batch(self) -> tuple[list[_Pending], bool]:
        batch: list[_Pending] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) >= _MOST_AT_ONCE:
                return batch, False
            try:
                # The first waits a moment for company; what has gathered by then is taken without waiting again.
                item = self._queue.get(timeout=_GATHER) if len(batch) == 1 else self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _store(self, connection: sqlite3.Connection, batch: list[_Pending]) -> None:
        try:
            values = [packed(row) for row, _ in batch]
            with transaction(connection):
                rows = [insert_call(connection, row, ready) for (row, _), ready in zip(batch, values, strict=True)]
        except sqlite3.Error as error:
            self._broken = database_error("an answer could not be stored", error)
        except StoreError as error:
            self._broken = error
        except Exception as error:  # whoever waits must hear of it, whatever it is
            self._broken = StoreError(f"an answer could not be stored ({type(error).__name__}: {error})")
        if self._broken is not None:
            self._tell(lambda: self._refuse(batch))
        else:
            self._tell(lambda: _resolve(batch, rows))

    def _fail_all(self, error: StoreError) -> None:
        self._broken = error
        while (item := self._queue.get()) is not None:
            self._tell(lambda item=item: self._refuse([item]))  # type: ignore[misc]

    def _refuse(self, batch: list[_Pending]) -> None:
        assert self._broken is not None
        for _, stored in batch:
            if not stored.done():
                stored.set_exception(self._broken)

    def _tell(self, what: Callable[[], None]) -> None:
        """On the loop, which may be gone: nobody waits any more then."""
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:
            return


def _resolve(batch: list[_Pending], rows: list[CallRow]) -> None:
    for (_, stored), row in zip(batch, rows, strict=True):
        if not stored.done():
            stored.set_result(row)
