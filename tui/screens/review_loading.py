"""Reading the queue: a first page at once, all of it in a thread with a connection of its own."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from textual.message import Message

from core.errors import WorkbenchError
from core.project import Project
from core.store.connection import database_error
from review import queue, scores
from review.filters import Filter, Term, parse_filter
from review.orders import Order
from review.queue import Queue
from tui.screens.contested import contested, open_again

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
    """What the queue is to hold: a filter line as typed, and one conversation or all. `order`: what comes first."""

    filter_text: str = ""
    conversation_id: int | None = None
    order: Order = Order.CONVERSATION

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.filter_text) or self.conversation_id is not None

    @property
    def needs_scores(self) -> bool:
        """Whether order or filter rest on ambiguity scores."""
        return self.order is Order.UNCERTAIN or self.filter().needs_scores

    def filter(self, *more: Term) -> Filter:
        """Raises UsageError for a filter line that cannot be understood."""
        terms = parse_filter(self.filter_text).terms + more
        return Filter(terms) if self.conversation_id is None else InConversation(terms, conversation_id=self.conversation_id)


@dataclass
class QueueLoaded(Message):
    """The whole queue was read. `load` numbers the attempts: only the latest counts. `anew`: to be started from its head.

    `contested`: ids in it that are open again because the team says otherwise.
    """

    load: int
    scope: Scope
    queue: Queue
    anew: bool = False
    contested: set[int] = field(default_factory=set)


@dataclass
class ScoresMade(Message):
    """Ambiguity scores that a queue rests on were missing or out of date, and are there now."""

    load: int


@dataclass
class QueueFailed(Message):
    """The queue could not be read."""

    load: int
    scope: Scope
    error: WorkbenchError


def first_page(connection: sqlite3.Connection, scope: Scope) -> tuple[Queue, set[int], bool]:
    """Enough to start with, which of it the team contests, and whether it is all there is.

    In a large project that is reviewed half through, the page starts at the first open rephrasing, so that the first
    key press cannot hit one that was decided long ago.
    """
    filter_ = scope.filter()
    # finding even one match may take a second among a million, sorting them some seconds
    if scope.filter_text or scope.order is not Order.CONVERSATION:
        return Queue(array("q"), bytearray()), set(), False
    page = queue.load(connection, filter_, limit=FIRST_PAGE)
    again = open_again(page, contested(connection))
    if len(page) < FIRST_PAGE:
        return page, again, True
    if page.next_open(-1) is None:
        still_open = queue.load(connection, scope.filter(Term("state", "open")), limit=FIRST_PAGE)
        page = still_open if len(still_open) else page
    return page, again, False


def load_all(
    project: Project,
    scope: Scope,
    number: int,
    cancelled: Callable[[], bool],
    post: Callable[[Message], bool],
    *,
    anew: bool = False,
) -> None:
    """In a worker thread: read the whole queue and post it, or why it could not be read.

    A queue that rests on ambiguity scores needs those that are missing or out of date, which takes a while in a large project.
    One that is to be started from its head waits for them; else it is posted with what is stored, and `ScoresMade` says when
    it is worth reading again.
    """
    needs_scores, scored = scope.needs_scores, 0
    try:
        connection = project.open()
        try:
            if needs_scores and anew:
                scores.refresh(connection, cancelled=cancelled)
            loaded = queue.load(connection, scope.filter(), order=scope.order, cancelled=cancelled)
            again = open_again(loaded, contested(connection))
            if not cancelled():
                post(QueueLoaded(number, scope, loaded, anew, again))
            if needs_scores and not anew:
                scored = scores.refresh(connection, cancelled=cancelled)
        finally:
            connection.close()
    except WorkbenchError as error:
        if not cancelled():
            post(QueueFailed(number, scope, error))
        return
    except sqlite3.Error as error:
        post(QueueFailed(number, scope, database_error("the queue could not be read", error)))
        return
    if scored and not cancelled():
        post(ScoresMade(number))
