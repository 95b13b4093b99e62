"""How many further decisions bring the accepted set's error under a bound (review/bound.py; what counts: accepted_set.py).

Decisions go on in the random order, so those still open from the run's end on are met one by one. Of o open ones that are left,
d are decided until the run reaches a place e. In the best case none of them is wrong. If errors go on as seen so far, the share
k/n of the o is wrong, and how many of those are met is hypergeometric: o, of which k/n wrong, d drawn. The bound is then
reached at e with a chance of at least `chance` if it is reached with that quantile of wrong ones. Once all are decided the
bound is 0: what is found wrong leaves the set.

Both answers are exact at the place they name. Between two places the bound moves up and down by a wrong one or two, so it may
be reached a little earlier: the place is found by halving.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from review.accepted_set import AcceptedSet
from review.bound import CONFIDENCE, Standing
from review.proportions import check_confidence, check_error

ERROR = 0.02
EVEN, LIKELY = 0.5, 0.9
"""Chances with which a number of decisions will do, if errors go on as seen so far."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`bound`: now, None: the machine calls nothing `same`. `best`, `even`, `likely`: further decisions until it is at most
    `error`: without a further wrong one; and with even odds, and nine in ten, if errors go on as seen so far (None: nothing was
    seen yet). None also where it cannot be reached, because too many are skipped or there is nothing to decide. `open`: all
    that could be decided.
    """

    error: float
    confidence: float
    standing: Standing
    bound: float | None
    open: int
    best: int | None
    even: int | None
    likely: int | None

    @property
    def reached(self) -> bool:
        return self.bound is not None and self.bound <= self.error

    @property
    def seen_error(self) -> float | None:
        """Share of wrong ones in the run."""
        return self.standing.wrong / self.standing.seen if self.standing.seen else None


def make_plan(accepted: AcceptedSet, error: float = ERROR, confidence: float = CONFIDENCE) -> Plan:
    """Raises UsageError for an `error` or a confidence that cannot be had (review/proportions.py)."""
    check_error(error)
    check_confidence(confidence)
    now = accepted.standing()
    bound = now.bound(confidence)
    left = accepted.open_until(len(accepted))
    expected = None if not now.seen else round(left * now.wrong / now.seen)

    def decisions(wrong_of: Callable[[int], int]) -> int | None:
        """`wrong_of`: how many of so many decisions are taken to be rejections."""

        def does(end: int) -> bool:
            then = accepted.standing(end, wrong_of(accepted.open_until(end))).bound(confidence)
            return then is not None and then <= error

        low, high = accepted.run, len(accepted)
        if bound is not None and bound <= error:
            return 0
        if not does(high):
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if does(middle) else (middle + 1, high)
        return accepted.open_until(high)

    def with_chance(chance: float) -> int | None:
        return None if expected is None else decisions(lambda drawn: most_met(left, expected, drawn, chance))

    return Plan(error, confidence, now, bound, left, decisions(lambda drawn: 0), with_chance(EVEN), with_chance(LIKELY))


def most_met(total: int, marked: int, drawn: int, chance: float) -> int:
    """The least number that is not exceeded with at least this chance, when `drawn` of `total` are drawn and `marked` are
    looked for (a quantile of the hypergeometric distribution)."""
    least, most = max(0, drawn - (total - marked)), min(marked, drawn)
    if least == most:
        return least
    peak = min(most, max(least, (drawn + 1) * (marked + 1) // (total + 2)))
    weights = {peak: 1.0}
    for step in (-1, 1):  # from the peak outwards, until what is left is too little to count
        at, weight = peak, 1.0
        while least <= at + step <= most and weight > 1e-18:
            up = at if step > 0 else at - 1  # weight(up + 1) / weight(up)
            ratio = (marked - up) * (drawn - up) / ((up + 1) * (total - marked - drawn + up + 1))
            at, weight = at + step, weight * (ratio if step > 0 else 1 / ratio)
            weights[at] = weight
    wanted, so_far = chance * math.fsum(weights.values()), 0.0
    for number in sorted(weights):
        so_far += weights[number]
        if so_far >= wanted * (1 - 1e-12):
            return number
    return most
