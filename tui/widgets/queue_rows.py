"""What the queue's lines show, fetched from the database a page at a time as it comes into view."""

from __future__ import annotations

import sqlite3
from array import array

from textual.cache import LRUCache

from core.store.states import State
from review import queue
from review.models import QueueRow

PAGE = 64
_GONE = QueueRow(0, "(no longer part of the project)", "", State.UNDECIDED, None, False, 0, 0, 0)


class QueueRows:
    """Rows by position. Holds a few pages; a page is one query of about 0.1 ms, whatever the size of the project."""

    def __init__(self, connection: sqlite3.Connection, ids: array[int]) -> None:
        self._connection = connection
        self._ids = ids
        self._pages: LRUCache[int, dict[int, QueueRow]] = LRUCache(24)

    def __getitem__(self, position: int) -> QueueRow:
        page = position // PAGE
        found = self._pages.get(page)
        if found is None:
            found = queue.rows(self._connection, self._ids[page * PAGE : (page + 1) * PAGE])
            self._pages[page] = found
        return found.get(self._ids[position], _GONE)

    def forget(self, position: int | None = None) -> None:
        """Fetch the page around `position` again when it is next shown; all pages without one."""
        if position is None:
            self._pages.clear()
        else:
            self._pages.discard(position // PAGE)
