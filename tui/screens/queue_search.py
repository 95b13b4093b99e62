"""Finding rephrasings in a queue of a million without searching all of it."""

from __future__ import annotations

from core.store.states import State
from review.queue import Queue

NEARBY = 4_096


def find(queue: Queue, rephrasing_id: int, near: int) -> int | None:
    """Position of an id, looked for around `near` first: among a million rows the full search takes 16 ms."""
    start = max(0, near - NEARBY)
    try:
        return start + queue.ids[start : near + NEARBY].index(rephrasing_id)
    except ValueError:
        return queue.position_of(rephrasing_id)


def apply_many(queue: Queue, states: dict[int, State]) -> list[int]:
    """`Queue.apply` for thousands at once: one pass over the ids instead of a search for each."""
    if not states:
        return []
    changed = [at for at, id_ in enumerate(queue.ids) if id_ in states]
    for at in changed:
        queue.states[at] = int(states[queue.ids[at]])
    return changed
