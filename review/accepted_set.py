"""The accepted set in the random order, and how far people have gone through it: what the bound (review/bound.py) counts.

What counts, exactly. The N of the bound are the active rephrasings that the machine calls `same` with a verdict that holds; not
more and not fewer for what people decided of them. An unbroken run of decided ones from the head of the random order is the
sample, whoever decided them, in whichever order and filter. In the run

    accepted                 right
    rejected                 wrong, and off the set
    flagged                  wrong until decided, and off the set (a flagged one is never exported)
    skipped                  wrong until decided, and still in the set
    edited, or its commands  wrong: the machine called something `same` that a person changed. It is off the set, or back in it
    corrected                as right once a person accepts it as it is now. It stays wrong when it is validated again.
    undecided, or stale      ends the run

Outside the run, rejected and changed ones are taken off too; they are no sample, and the bound takes them out of the N. What
people accepted although the machine did not call it `same` is in the set, and right. A verdict that is stale because a file
changed is not of the N.

What is taken out of the files leaves the N. But one that had been refused, flagged, skipped or changed stays where it stood, as
rejected: it was seen and wrong, and that it is gone says nothing of those that nobody has seen.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from enum import IntEnum
from typing import Final

from core.dataset.selection import VERDICT_IS_STALE
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS
from review.bound import Standing
from review.orders import Order, order_sql
from review.queue import ended_when


class Place(IntEnum):
    """Where one rephrasing stands to the set, as the byte that is kept of it."""

    OPEN = 0
    RIGHT = 1
    REFUSED = 2
    FLAGGED = 3
    SKIPPED = 4  # also one that was changed, validated again, and not accepted yet
    CHANGED = 5  # and off the set
    MENDED = 6  # changed, and accepted as it is now
    ADDED = 7  # not of the N, accepted by a person
    ELSEWHERE = 8  # neither of the N nor in the set


_HOLDS: Final = f"(v.verdict IS 'same' AND NOT {VERDICT_IS_STALE} AND NOT {OF_OTHER_WORDS})"
_WAS_SAME: Final = (
    "EXISTS (SELECT 1 FROM verdict x WHERE x.rephrasing_id = r.id AND x.verdict = 'same'"
    " AND coalesce(x.judged_text, r.text) = r.text AND (r.edited_text IS NOT NULL OR x.basis IS NOT s.basis))"
)
_OF_CHANGED: Final = {State.REJECT: Place.REFUSED, State.FLAG: Place.FLAGGED, State.ACCEPT: Place.MENDED}
_OF_SAME: Final = {
    State.UNDECIDED: Place.OPEN, State.STALE: Place.OPEN, State.ACCEPT: Place.RIGHT, State.REJECT: Place.REFUSED,
    State.FLAG: Place.FLAGGED, State.SKIP: Place.SKIPPED,
}  # fmt: skip


def _by_state(places: dict[State, Place]) -> str:
    return " ".join(f"WHEN {int(state)} THEN {int(place)}" for state, place in places.items())


_PLACE: Final = (
    f"CASE WHEN (r.edited_text IS NOT NULL OR s.commands IS NOT s.ingested_commands) AND {_WAS_SAME}"
    f" THEN CASE r.state {_by_state(_OF_CHANGED)} ELSE iif({_HOLDS}, {int(Place.SKIPPED)}, {int(Place.CHANGED)}) END"
    f" WHEN {_HOLDS} THEN CASE r.state {_by_state(_OF_SAME)} END"
    f" WHEN r.state = {int(State.ACCEPT)} THEN {int(Place.ADDED)} ELSE {int(Place.ELSEWHERE)} END"
)
_MAY_COUNT: Final = (
    f"(v.verdict = 'same' OR r.state = {int(State.ACCEPT)} OR r.edited_text IS NOT NULL"
    " OR s.commands IS NOT s.ingested_commands)"
)
"""All others are ELSEWHERE: they need not be sorted."""
_TABLES: Final = "rephrasing r JOIN user_step s ON s.id = r.step_id LEFT JOIN verdict v ON v.id = r.verdict_id"
_IN_THE_RUN: Final = (Place.RIGHT, Place.REFUSED, Place.FLAGGED, Place.SKIPPED, Place.CHANGED, Place.MENDED)
_WRONG: Final = _IN_THE_RUN[1:]


def _standing_place(place: int, active: int) -> int:
    """Of one that is gone from the files, only that it was wrong counts."""
    if active:
        return place
    return Place.REFUSED if Place.REFUSED <= place <= Place.MENDED else Place.ELSEWHERE


class AcceptedSet:
    """The N in the random order, with one byte for each, and how many people added. A million take 20 MB.

    `run`: how many of them from the head are decided without a gap.
    """

    def __init__(self, ids: array[int], places: bytearray, added: Collection[int] = ()) -> None:
        """`ids`: of the N, in the random order. `added`: of those that people accepted besides."""
        self.ids = ids
        self.places = places
        self.run = 0
        self._added = set(added)
        self._sorted = array("q", sorted(ids))
        self._positions = array("I", sorted(range(len(ids)), key=ids.__getitem__))
        self._all = [places.count(place) for place in Place]
        self._in_run = [0] * len(Place)
        self._go_on()

    def __len__(self) -> int:
        return len(self.ids)

    def _go_on(self) -> None:
        """Take into the run what follows it without a gap."""
        end = self.places.find(Place.OPEN, self.run)
        end = len(self.places) if end < 0 else end
        for place in _IN_THE_RUN:
            self._in_run[place] += self.places.count(place, self.run, end)
        self.run = end

    def take_over(self, now: Iterable[tuple[int, int]]) -> bool:
        """Where these stand now (id, place). False if one came among the N or left them: then all is to be read again."""
        for id_, place in now:
            at = self._position(id_)
            if at is None:
                if place == Place.ADDED:
                    self._added.add(id_)
                elif place == Place.ELSEWHERE:
                    self._added.discard(id_)
                else:
                    return False
            elif place >= Place.ADDED:
                return False
            else:
                self._put(at, place)
        self._go_on()
        return True

    def _put(self, at: int, place: int) -> None:
        old, self.places[at] = self.places[at], place
        self._all[old] -= 1
        self._all[place] += 1
        if at >= self.run:
            return
        self._in_run[old] -= 1
        if place != Place.OPEN:
            self._in_run[place] += 1
            return
        for other in _IN_THE_RUN:  # the run ends here now
            self._in_run[other] -= self.places.count(other, at + 1, self.run)
        self.run = at

    def _position(self, id_: int) -> int | None:
        at = bisect_left(self._sorted, id_)
        return self._positions[at] if at < len(self._sorted) and self._sorted[at] == id_ else None

    def open_until(self, end: int) -> int:
        """How many further decisions make the run reach `end`."""
        return self.places.count(Place.OPEN, self.run, end)

    def standing(self, end: int | None = None, wrong: int = 0) -> Standing:
        """As it is; or as it will be when the run reaches `end` and `wrong` of the decisions that takes are rejections."""
        run, whole, decided = list(self._in_run), self._all, 0
        out = (Place.REFUSED, Place.CHANGED, Place.MENDED)
        if end is not None:
            decided = self.open_until(end)
            for place in _IN_THE_RUN:
                run[place] += self.places.count(place, self.run, end)
        return Standing(
            machine=len(self.ids),
            seen=self.run if end is None else end,
            wrong=sum(run[place] for place in _WRONG) + wrong,
            found=sum(run[place] for place in (*out, Place.FLAGGED)) + wrong,
            elsewhere=sum(whole[place] - run[place] for place in out),
            off=whole[Place.REFUSED] + whole[Place.CHANGED] + whole[Place.FLAGGED] + wrong,
            added=len(self._added),
            unconfirmed=whole[Place.OPEN] + whole[Place.SKIPPED] - decided,
        )  # fmt: skip


def load(connection: sqlite3.Connection, *, cancelled: Callable[[], bool] = lambda: False) -> AcceptedSet:
    """Read it: 1M rephrasings in a few seconds. A cancelled one holds what was read so far, and is of no use."""
    order = order_sql(connection, Order.RANDOM)
    ids, places, added = array("q"), bytearray(), array("q")
    with ended_when(connection, cancelled):
        cursor = connection.execute(
            f"SELECT r.id, {_PLACE}, r.active FROM {_TABLES}{order.joins} WHERE {_MAY_COUNT} ORDER BY {order.order_by}"
        )
        while rows := cursor.fetchmany(4096):
            for id_, found, active in rows:
                place = _standing_place(found, active)
                if place < Place.ADDED:
                    ids.append(id_)
                    places.append(place)
                elif place == Place.ADDED:
                    added.append(id_)
            if cancelled():
                break
    return AcceptedSet(ids, places, added)


def places_now(connection: sqlite3.Connection, ids: Collection[int]) -> list[tuple[int, int]]:
    """Where these stand (id and place), and all others of their steps: correcting a step's commands touches all of them."""
    cursor = connection.execute(
        f"SELECT r.id, {_PLACE}, r.active FROM {_TABLES} WHERE r.step_id IN"
        f" (SELECT step_id FROM rephrasing WHERE id IN ({','.join(map(str, ids))}))"
    )
    return [(id_, _standing_place(place, active)) for id_, place, active in cursor]
