"""Intervals for a share: k of n that were looked at once, their number fixed beforehand."""

from __future__ import annotations

import math
from statistics import NormalDist


def wilson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided interval for the share behind `count` of `of` (Wilson 1927); (0, 1) of none."""
    if not of:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = count / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    # exactly 0 and 1 at the ends: what is seen always lies inside
    return (0.0 if count == 0 else middle - half), (1.0 if count == of else middle + half)


def most_likely_share(count: int, of: int, confidence: float = 0.95) -> float:
    """One-sided upper limit of the share (Clopper and Pearson 1934): with a larger one, so few would be seen with a chance of
    less than 1 - `confidence`. 1 where all were of the kind, or none was looked at."""
    if count >= of:
        return 1.0
    low, high = count / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(count, of, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, of: int, share: float) -> float:
    """Chance of `count` or fewer of `of` (binomial distribution). `share` is above count / of: the terms fall towards 0."""
    term = total = 1.0
    for number in range(count, 0, -1):
        term *= number * (1 - share) / ((of - number + 1) * share)
        total += term
        if term < 1e-17 * total:
            break
    log_last = (
        math.lgamma(of + 1) - math.lgamma(count + 1) - math.lgamma(of - count + 1)
        + count * math.log(share) + (of - count) * math.log1p(-share)
    )  # fmt: skip
    return math.exp(log_last) * total


def enough(error: float, confidence: float, share: float = 0.0) -> int | None:
    """How many must be looked at for the upper limit to come to `error`, if `share` of them are of the kind; None: no number
    will do."""
    if share >= error:
        return None
    if share == 0:
        return math.ceil(math.log(1 - confidence) / math.log1p(-error))

    def does(of: int) -> bool:
        return most_likely_share(math.ceil(share * of), of, confidence) <= error

    high = 1
    while not does(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return high
