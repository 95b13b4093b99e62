"""The review queue: which rephrasings, in which order, and what each shows.

A queue holds eight bytes (id) and one byte (state) for each rephrasing, so a million fit in nine megabytes, the next
undecided one is one `bytearray.find` away, and counts never ask the database.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS, WORDING
from review.filters import Filter
from review.models import QueueRow
from review.orders import Order, order_sql

_OPEN = (State.UNDECIDED, State.STALE)
_NEARBY = 512
_ONE_BY_ONE = 8
"""More new states than this are looked up in one pass over the queue."""
_STEPS_TO_ASK = 100_000
"""SQLite's steps between two questions whether a load was cancelled: some 5 ms."""


class Queue:
    """Ids and states of the rephrasings that match a filter, in order. Positions are 0-based."""

    def __init__(self, ids: array[int], states: bytearray) -> None:
        self.ids = ids
        self.states = states

    def __len__(self) -> int:
        return len(self.ids)

    def count(self, *states: State) -> int:
        """How many rephrasings stand in these states."""
        return sum(self.states.count(state) for state in states)

    @property
    def left(self) -> int:
        return self.count(*_OPEN)

    @property
    def done(self) -> int:
        return len(self.ids) - self.left

    def next_open(self, after: int) -> int | None:
        """Position of the nearest undecided or stale rephrasing behind `after`, wrapping around; None if none is left."""
        found = self._nearest(after + 1, len(self.states))
        return found if found is not None else self._nearest(0, after + 1)

    def previous_open(self, before: int) -> int | None:
        """The same, backwards."""
        found = self._nearest_back(0, before)
        return found if found is not None else self._nearest_back(before, len(self.states))

    def _nearest(self, start: int, end: int) -> int | None:
        found = [at for state in _OPEN if (at := self.states.find(int(state), start, end)) >= 0]
        return min(found) if found else None

    def _nearest_back(self, start: int, end: int) -> int | None:
        found = [at for state in _OPEN if (at := self.states.rfind(int(state), start, end)) >= 0]
        return max(found) if found else None

    def position_of(self, rephrasing_id: int, near: int = 0) -> int | None:
        """Position of an id; None if it is not in this queue.

        It is looked for around `near`, then by halving; reading through a million ids takes 10 to 20 ms.
        """
        start = max(0, near - _NEARBY)
        window = self.ids[start : near + _NEARBY]
        if rephrasing_id in window:
            return start + window.index(rephrasing_id)
        halved = self.position_by_halving(rephrasing_id)
        if halved is not None:
            return halved
        try:
            return self.ids.index(rephrasing_id)
        except ValueError:
            return None

    def position_by_halving(self, rephrasing_id: int) -> int | None:
        """Finds it where ids ascend, as they do by conversation after one ingest. None says nothing where they do not."""
        halved = bisect_left(self.ids, rephrasing_id)
        return halved if halved < len(self.ids) and self.ids[halved] == rephrasing_id else None

    def apply(self, states: dict[int, State], near: int = 0) -> list[int]:
        """Take over new states; returns the positions that changed, ascending. `near`: where to look first."""
        if len(states) > _ONE_BY_ONE:
            found: Iterable[int] = [position for position, id_ in enumerate(self.ids) if id_ in states]
        else:
            positions = (self.position_of(id_, near) for id_ in states)
            found = sorted(position for position in positions if position is not None)
        changed = [position for position in found if self.states[position] != states[self.ids[position]]]
        for position in changed:
            self.states[position] = int(states[self.ids[position]])
        return changed


def load(
    connection: sqlite3.Connection,
    filter_: Filter | None = None,
    *,
    order: Order = Order.CONVERSATION,
    limit: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Queue:
    """Read the queue: 1M rows in about half a second, in another order than by conversation in 3 to 4 s (SQLite sorts them);
    `limit` for a first page.

    `cancelled` is asked every few milliseconds; a cancelled load returns what it has.
    """
    where, parameters = (filter_ or Filter()).for_rephrasings()
    wanted = order_sql(connection, order)
    sql = f"SELECT r.id, r.state FROM rephrasing r{wanted.joins} WHERE r.active = 1 AND {where} ORDER BY {wanted.order_by}"
    if limit is not None:
        sql += f" LIMIT {int(limit)}"
    ids, states = array("q"), bytearray()
    with ended_when(connection, cancelled):
        cursor = connection.execute(sql, parameters)
        while rows := cursor.fetchmany(4096):
            ids.extend([row[0] for row in rows])
            states.extend([row[1] for row in rows])
            if cancelled():
                break
    return Queue(ids, states)


@contextmanager
def ended_when(connection: sqlite3.Connection, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Statements inside end, and so does the block, soon after `cancelled` says so: sorting asks nobody else."""
    connection.set_progress_handler(cancelled, _STEPS_TO_ASK)
    try:
        yield
    except sqlite3.OperationalError:
        if not cancelled():
            raise
    finally:
        connection.set_progress_handler(None, 0)


def rows(connection: sqlite3.Connection, ids: Sequence[int] | array[int]) -> dict[int, QueueRow]:
    """What the queue's lines show for these ids (a page of them: the ids are written into the query)."""
    cursor = connection.execute(
        f"SELECT r.id, {WORDING}, s.text, r.state, CASE WHEN NOT {OF_OTHER_WORDS} THEN r.verdict END,"
        " r.edited_text IS NOT NULL, r.ordinal, r.conversation_id, r.step_id"
        " FROM rephrasing r JOIN user_step s ON s.id = r.step_id LEFT JOIN verdict v ON v.id = r.verdict_id"
        f" WHERE r.id IN ({','.join(map(str, ids))})"
    )
    return {
        row[0]: QueueRow(row[0], row[1], row[2], State(row[3]), row[4], bool(row[5]), row[6], row[7], row[8]) for row in cursor
    }


def verdicts(connection: sqlite3.Connection, ids: Sequence[int] | array[int]) -> dict[str | None, int]:
    """How many of these rephrasings have which verdict; one on other words, before or without an edit, does not count."""
    cursor = connection.execute(
        f"SELECT CASE WHEN NOT {OF_OTHER_WORDS} THEN r.verdict END, count(*)"
        " FROM json_each(?) w JOIN rephrasing r ON r.id = w.value LEFT JOIN verdict v ON v.id = r.verdict_id GROUP BY 1",
        (f"[{','.join(map(str, ids))}]",),
    )
    return dict(cursor.fetchall())


def data_version(connection: sqlite3.Connection) -> int:
    """Changes whenever another connection has committed: cheap enough to ask every second."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
