"""What the lines of the conversation list show, fetched a page at a time as they come into view."""

from __future__ import annotations

import sqlite3
from array import array

from textual.cache import LRUCache

from core.store.browse import ConversationRow, conversation_rows

PAGE = 64


class ConversationRows:
    """Rows by position. A page is one query of about 1 ms, whatever the size of the project."""

    def __init__(self, connection: sqlite3.Connection, ids: array[int]) -> None:
        self._connection = connection
        self._ids = ids
        self._pages: LRUCache[int, dict[int, ConversationRow]] = LRUCache(24)

    def __getitem__(self, position: int) -> ConversationRow:
        page = position // PAGE
        found = self._pages.get(page)
        if found is None:
            found = conversation_rows(self._connection, self._ids[page * PAGE : (page + 1) * PAGE])
            self._pages[page] = found
        id_ = self._ids[position]
        return found.get(id_) or ConversationRow(id_, "(no longer part of the project)", "", None, 0, 0, 0)
