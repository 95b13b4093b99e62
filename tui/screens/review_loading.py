"""Reading the queue: a first page at once, all of it in a thread with a connection of its own."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from core.errors import WorkbenchError
from core.project import Project
from core.store.connection import database_error
from review import queue
from review.filters import Filter, Term, parse_filter
from review.queue import Queue

FIRST_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class InConversation(Filter):
    """A filter on the rephrasings of one conversation."""

    conversation_id: int = 0

    def __bool__(self) -> bool:
        return True

    def for_rephrasings(self) -> tuple[str, list[str | int]]:
        condition, parameters = Filter.for_rephrasings(self)
        return f"r.conversation_id = ? AND ({condition})", [self.conversation_id, *parameters]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the queue is to hold: a filter line as typed, and one conversation or all."""

    filter_text: str = ""
    conversation_id: int | None = None

    def __bool__(self) -> bool:
        return bool(self.filter_text) or self.conversation_id is not None

    def filter(self, *more: Term) -> Filter:
        """Raises UsageError for a filter line that cannot be understood."""
        terms = parse_filter(self.filter_text).terms + more
        return Filter(terms) if self.conversation_id is None else InConversation(terms, self.conversation_id)


@dataclass
class QueueLoaded(Message):
    """The whole queue was read. `load` numbers the attempts: only the latest counts."""

    load: int
    scope: Scope
    queue: Queue


@dataclass
class QueueFailed(Message):
    """The queue could not be read."""

    load: int
    scope: Scope
    error: WorkbenchError


def first_page(connection: sqlite3.Connection, scope: Scope) -> tuple[Queue, bool]:
    """Enough to start with, and whether it is all there is.

    In a large project that is reviewed half through, the page starts at the first open rephrasing, so that the first
    key press cannot hit one that was decided long ago.
    """
    filter_ = scope.filter()
    if scope.filter_text:  # finding even one match may take a second among a million
        return Queue(array("q"), bytearray()), False
    page = queue.load(connection, filter_, limit=FIRST_PAGE)
    if len(page) < FIRST_PAGE:
        return page, True
    if page.next_open(-1) is None:
        still_open = queue.load(connection, scope.filter(Term("state", "open")), limit=FIRST_PAGE)
        page = still_open if len(still_open) else page
    return page, False


def load_all(
    project: Project, scope: Scope, number: int, cancelled: Callable[[], bool], post: Callable[[Message], bool]
) -> None:
    """In a worker thread: read the whole queue and post it, or why it could not be read."""
    try:
        connection = project.open()
        try:
            loaded = queue.load(connection, scope.filter(), cancelled=cancelled)
        finally:
            connection.close()
    except WorkbenchError as error:
        if not cancelled():
            post(QueueFailed(number, scope, error))
        return
    except sqlite3.Error as error:
        post(QueueFailed(number, scope, database_error("the queue could not be read", error)))
        return
    if not cancelled():
        post(QueueLoaded(number, scope, loaded))
