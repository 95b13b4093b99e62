"""Rephrasings that were decided here and yet need a person, because the team has answered otherwise since.

In the queue's bytes they stand as `State.STALE`, decided once and to be decided again, so that they are open to every count and
jump at no cost; their ids are kept beside, for a mark of their own. They are few: what is asked of the database goes by the
index of outcomes, and is nothing where no team has answered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from core.store.states import State
from core.store.team_standing import NEEDS_A_PERSON, PUT_OFF_HERE
from review.queue import Queue
from tui.screens.queue_search import positions

ASKED_BY_ID = 500
"""More ids than this are picked from the answer for all."""
_CONTESTED: Final = (
    "SELECT t.rephrasing_id FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id"
    f" WHERE {NEEDS_A_PERSON} AND NOT {PUT_OFF_HERE} AND r.state BETWEEN 1 AND 4"
)


def contested(connection: sqlite3.Connection, ids: Collection[int] | None = None) -> set[int]:
    """Those of `ids` (None: of all rephrasings) whose decision the team has contradicted since."""
    if ids is not None and len(ids) <= ASKED_BY_ID:
        sql = f"{_CONTESTED} AND t.rephrasing_id IN ({','.join(map(str, ids))})"
        return {id_ for (id_,) in connection.execute(sql)}
    found = {id_ for (id_,) in connection.execute(_CONTESTED)}
    return found if ids is None else found & set(ids)


def open_again(queue: Queue, ids: Collection[int]) -> set[int]:
    """Have these count as open; returns those that are in the queue."""
    if not ids:
        return set()
    found = positions(queue, ids)
    for at in found:
        queue.states[at] = int(State.STALE)
    return {queue.ids[at] for at in found}


def in_the_queue(states: Mapping[int, State], ids: Iterable[int]) -> dict[int, State]:
    """`states` as the queue is to hold them; `ids`: of the contested ones."""
    return {**states, **dict.fromkeys(ids, State.STALE)}
