"""What the lines of the conversation list show, fetched a page at a time as they come into view."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable

from textual.cache import LRUCache

from core.store.browse import ConversationRow, conversation_rows

PAGE = 64


class ConversationRows:
    """Rows by position. A page is one query of about 1 ms, whatever the size of the project.

    `on_failure`: told once when a page cannot be read; see `tui.widgets.queue_rows`.
    """

    def __init__(self, connection: sqlite3.Connection, ids: array[int], on_failure: Callable[[sqlite3.Error], None]) -> None:
        self._connection = connection
        self._ids = ids
        self._on_failure = on_failure
        self._failed = False
        self._pages: LRUCache[int, dict[int, ConversationRow]] = LRUCache(24)

    def __getitem__(self, position: int) -> ConversationRow:
        page = position // PAGE
        found = self._pages.get(page)
        if found is None:
            found = self._pages[page] = self._read(self._ids[page * PAGE : (page + 1) * PAGE])
        id_ = self._ids[position]
        return found.get(id_) or _without_content(id_, "(no longer part of the project)")

    def _read(self, ids: array[int]) -> dict[int, ConversationRow]:
        try:
            return conversation_rows(self._connection, ids)
        except sqlite3.Error as error:
            if not self._failed:
                self._on_failure(error)
            self._failed = True
            return {id_: _without_content(id_, "(cannot be read)") for id_ in ids}


def _without_content(id_: int, name: str) -> ConversationRow:
    return ConversationRow(id_, name, "", None, 0, 0, 0)
