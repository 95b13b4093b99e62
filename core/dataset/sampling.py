"""A dataset of limited size: what is common gives way to what is rare.

Data points are of a kind: flows and commands. Every kind keeps as many points as it has, up to a level that is the same for all
and as high as the limit allows (max-min fairness, "water-filling"; Bertsekas and Gallager, Data Networks, 6.5.2). Within a kind
the points of original texts stay before those of rephrasings, and chance, seeded, decides among equals.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Mapping

from core.dataset.models import LeftOutPoint
from core.dataset.points import KEPT, Points


def limit_points(points: Points, most: int, seed: int) -> int:
    """Leaves out what is over `most` (at least 1). Returns how many."""
    group = _groups(points)
    counts = Counter(group[points.kind[number]] for number in range(len(points)) if points.fate[number] == KEPT)
    if counts.total() <= most:
        return 0
    quota = quotas(counts, most)
    members: dict[int, tuple[array[int], array[int]]] = {
        one: (array("I"), array("I")) for one, count in counts.items() if count > quota[one]
    }
    for number in range(len(points)):
        one = group[points.kind[number]]
        if points.fate[number] == KEPT and one in members:
            members[one][points.variant[number] > 0].append(number)
    left_out = 0
    for one, (originals, rephrased) in sorted(members.items()):
        for number in _over(originals, rephrased, quota[one], random.Random(f"{seed}\x1f{one}")):
            points.leave_out(number, LeftOutPoint.SAMPLED)
            left_out += 1
    return left_out


def quotas(counts: Mapping[int, int], most: int) -> dict[int, int]:
    """How many each keeps; the sum is `most`, or that of the counts if they are fewer. No kind that has more than another
    keeps less, and none that is cut keeps fewer than another that is, but for one."""
    found: dict[int, int] = {}
    left, waiting = most, sorted(counts, key=lambda one: (counts[one], one))
    for place, one in enumerate(waiting):
        found[one] = min(counts[one], left // (len(waiting) - place))
        left -= found[one]
    return found


def _groups(points: Points) -> list[int]:
    """By kind: a number that kinds of equal flows and commands share; the slots do not count."""
    numbers: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    return [numbers.setdefault((kind.flows, kind.commands), len(numbers)) for kind in points.kinds]


def _over(originals: array[int], rephrased: array[int], quota: int, chance: random.Random) -> list[int]:
    if len(originals) >= quota:
        gone = chance.sample(range(len(originals)), len(originals) - quota)
        return [originals[place] for place in gone] + list(rephrased)
    gone = chance.sample(range(len(rephrased)), len(rephrased) - (quota - len(originals)))
    return [rephrased[place] for place in gone]
