"""Finding rephrasings in a queue of a million without searching all of it."""

from __future__ import annotations

from collections.abc import Collection

from review.queue import Queue

NEARBY = 4_096
FEW = 64


def find(queue: Queue, rephrasing_id: int, near: int) -> int | None:
    """Position of an id, looked for around `near` first: among a million rows the full search takes 16 ms."""
    start = max(0, near - NEARBY)
    try:
        return start + queue.ids[start : near + NEARBY].index(rephrasing_id)
    except ValueError:
        return queue.position_of(rephrasing_id)


def positions(queue: Queue, ids: Collection[int], near: int = 0) -> list[int]:
    """Positions of those of `ids` that are in the queue: searched for one by one, or in one pass if they are many."""
    if len(ids) <= FEW:
        return [at for id_ in ids if (at := find(queue, id_, near)) is not None]
    return [at for at, id_ in enumerate(queue.ids) if id_ in ids]
