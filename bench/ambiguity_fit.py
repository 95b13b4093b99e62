"""Log-odds fitted to labelled reasons: what rounding by hand gives away, and what a fit is worth where it was not made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

_STEPS, _RATE, _RIDGE = 400, 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """A rephrasing that was scored. `group`: what is held back together."""

    is_unfaithful: bool
    reasons: frozenset[str]
    group: Hashable


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """How often a positive one scores above a negative one, ties counted half: the area under the ROC curve.

    Raises:
        ValueError: all are positive, or none is.
    """
    of_positive = sorted(score for score, is_positive in zip(scores, positive, strict=True) if is_positive)
    of_negative = Counter(score for score, is_positive in zip(scores, positive, strict=True) if not is_positive)
    pairs = len(of_positive) * of_negative.total()
    if not pairs:
        raise ValueError("both kinds are needed")
    won, below = 0.0, 0
    ordered = sorted(of_negative)
    at = 0
    for score in of_positive:
        while at < len(ordered) and ordered[at] < score:
            below += of_negative[ordered[at]]
            at += 1
        won += below + of_negative[score] / 2
    return won / pairs


def fit(cases: Sequence[Case]) -> dict[str, float]:
    """Ridge logistic regression by gradient steps; the bias under the empty name."""
    kinds = Counter((case.reasons, case.is_unfaithful) for case in cases)
    weights: dict[str, float] = dict.fromkeys({"", *(reason for case in cases for reason in case.reasons)}, 0.0)
    of_reason = Counter(reason for case in cases for reason in (*case.reasons, ""))
    for _ in range(_STEPS):
        slope: Counter[str] = Counter()
        for (reasons, is_unfaithful), count in kinds.items():
            missing = count * (is_unfaithful - _probability(weights, reasons))
            for reason in (*reasons, ""):
                slope[reason] += missing  # type: ignore[assignment]
        for reason, count in of_reason.items():
            weights[reason] += _RATE * (slope[reason] - _RIDGE * weights[reason] * bool(reason)) / (count + _RIDGE)
    return weights


def held_back(cases: Sequence[Case]) -> list[float]:
    """Each case's score by a fit to the cases of all other groups."""
    scores: dict[int, float] = {}
    for group in {case.group for case in cases}:
        weights = fit([case for case in cases if case.group != group])
        scores |= {at: _probability(weights, case.reasons) for at, case in enumerate(cases) if case.group == group}
    return [scores[at] for at in range(len(cases))]


def fitted(cases: Sequence[Case]) -> list[float]:
    """Each case's score by a fit to all."""
    weights = fit(cases)
    return [_probability(weights, case.reasons) for case in cases]


def _probability(weights: Mapping[str, float], reasons: frozenset[str]) -> float:
    return 1 / (1 + math.exp(-weights[""] - sum(weights.get(reason, 0.0) for reason in reasons)))
