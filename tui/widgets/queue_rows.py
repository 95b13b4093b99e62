"""What the queue's lines show, fetched from the database a page at a time as it comes into view."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from dataclasses import replace

from textual.cache import LRUCache

from core.store.states import State
from review import queue
from review.models import QueueRow

PAGE = 64
_GONE = QueueRow(0, "(no longer part of the project)", "", State.UNDECIDED, None, False, 0, 0, 0)
_UNREADABLE = replace(_GONE, text="(cannot be read)")


class QueueRows:
    """Rows by position. Holds a few pages; a page is one query of about 0.1 ms, whatever the size of the project.

    `on_failure`: told once when a page cannot be read. Rows are fetched while the screen is drawn, where an exception
    would end the app.
    """

    def __init__(self, connection: sqlite3.Connection, ids: array[int], on_failure: Callable[[sqlite3.Error], None]) -> None:
        self._connection = connection
        self._ids = ids
        self._on_failure = on_failure
        self._failed = False
        self._pages: LRUCache[int, dict[int, QueueRow]] = LRUCache(24)

    def __getitem__(self, position: int) -> QueueRow:
        page = position // PAGE
        found = self._pages.get(page)
        if found is None:
            found = self._pages[page] = self._read(self._ids[page * PAGE : (page + 1) * PAGE])
        return found.get(self._ids[position], _GONE)

    def _read(self, ids: array[int]) -> dict[int, QueueRow]:
        try:
            return queue.rows(self._connection, ids)
        except sqlite3.Error as error:
            if not self._failed:
                self._on_failure(error)
            self._failed = True
            return dict.fromkeys(ids, _UNREADABLE)

    def forget(self, position: int | None = None) -> None:
        """Fetch the page around `position` again when it is next shown; all pages without one."""
        if position is None:
            self._pages.clear()
        else:
            self._pages.discard(position // PAGE)
