"""Intervals for a share: k of n that were looked at once, their number fixed beforehand."""

from __future__ import annotations

import math

from core.errors import UsageError

MOST_CONFIDENT = 1 - 1e-9
LEAST_ERROR = 1e-6
"""Beyond these, floating-point numbers and anyone's decisions give out."""


def check_confidence(confidence: float) -> None:
    """Raises UsageError: it is not above 0, or above MOST_CONFIDENT."""
    if not 0 < confidence <= MOST_CONFIDENT:
        raise UsageError(
            f"a confidence of {confidence:.16g} cannot be had",
            remedy=f"Give a share above 0 and up to 1 - 1e-9, such as 0.95{_meant(confidence)}.",
        )


def check_error(error: float) -> None:
    """Raises UsageError: it is below LEAST_ERROR, or not below 1."""
    if not LEAST_ERROR <= error < 1:
        raise UsageError(
            f"an error of {error:g} cannot be had",
            remedy=f"Give a share from 0.000001 to below 1, such as 0.02{_meant(error)}.",
        )


def _meant(share: float) -> str:
    return f"; {share:g} % is {share / 100:g}" if 1 < share < 100 else ""


def clopper_pearson(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided interval for the share behind `count` of `of` (Clopper and Pearson 1934); (0, 1) of none. It holds for every
    share, also of few."""
    each_side = (1 + confidence) / 2
    return 1 - most_likely_share(of - count, of, each_side), most_likely_share(count, of, each_side)


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
