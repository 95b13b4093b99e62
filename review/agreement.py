"""Agreement between annotators, beyond what chance would give. Pure arithmetic on labels; a label is any text.

Every coefficient is 1 where all agree, 0 where they agree as often as chance would have it, and below 0 where they agree less
often. One that is not defined is None, with the reason.

- Raw agreement: share of the pairs of answers to the same item that are equal.
- Cohen's kappa, for two annotators: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
  Measurement 20 (1960), 37-46. Chance: each has their own shares of the labels.
- Fleiss' kappa, for a fixed number of answers to each item, not always by the same people: J. L. Fleiss, "Measuring nominal
  scale agreement among many raters", Psychological Bulletin 76 (1971), 378-382. Chance: shares of the labels over all.
- Krippendorff's alpha for nominal data, for any number of answers, also unequal ones: K. Krippendorff, "Computing
  Krippendorff's Alpha-Reliability" (2011). Chance: shares of the labels among all answers that can be paired, without
  replacement.
- Intervals: percentile bootstrap over items, B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), ch. 13.
  None where it would feign knowledge: with perfect agreement every resample is perfect too, and where more than one resample in
  twenty has no value (a label that is in one or two items), the rest says nothing of those.

In words: Krippendorff, "Content Analysis" (2004), p. 241: rely on alpha of .800 and above, draw tentative conclusions from .667
on. J. R. Landis and G. G. Koch, "The Measurement of Observer Agreement for Categorical Data", Biometrics 33 (1977), 159-174.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

Counts = tuple[int, ...]
"""How often each label was given to one item; the labels of a table stand in the same order throughout."""

Pair = tuple[str, str]
"""What two annotators said of the same item."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """`value`: None where it is not defined, and `why` says so. `items`: those it was computed from."""

    value: float | None
    items: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """`undefined`: resamples, of `resamples`, in which the statistic was not defined; they are left out."""

    low: float
    high: float
    resamples: int
    undefined: int = 0


@dataclass(frozen=True, slots=True)
class Resampled:
    """`interval`: None where there is none to be had, and `why` says so."""

    interval: Interval | None
    why: str = ""


def count_labels(items: Sequence[Sequence[str]]) -> list[Counts]:
    """A table of counts from the labels of each item, in any order; columns are the labels found, sorted."""
    columns = {label: number for number, label in enumerate(sorted({label for labels in items for label in labels}))}
    table = []
    for labels in items:
        row = [0] * len(columns)
        for label in labels:
            row[columns[label]] += 1
        table.append(tuple(row))
    return table


def raw_agreement(table: Sequence[Counts]) -> Coefficient:
    """Every pair of answers counts once, so that an item with three answers counts three times one with two."""
    return _raw(Counter(table))


def cohen_kappa(pairs: Sequence[Pair]) -> Coefficient:
    """Of the items that both annotators answered."""
    return _cohen(Counter(pairs))


def fleiss_kappa(table: Sequence[Counts]) -> Coefficient:
    """Of the items with the most frequent number of answers (two at least; of numbers as frequent, the greater).

    The coefficient is for a fixed number; items with more or fewer answers are left out, and `items` says how many count.
    """
    return _fleiss(Counter(table))


def krippendorff_alpha(table: Sequence[Counts]) -> Coefficient:
    """Of all items with two answers or more."""
    return _krippendorff(Counter(table))


def raw_interval(table: Sequence[Counts], *, seed: int = 0, resamples: int = 1000) -> Interval | None:
    """See `bootstrap`."""
    return bootstrap(Counter(table), _raw, seed=seed, resamples=resamples).interval


def cohen_interval(pairs: Sequence[Pair], *, seed: int = 0, resamples: int = 1000) -> Interval | None:
    """See `bootstrap`."""
    return resample_cohen(pairs, seed=seed, resamples=resamples).interval


def resample_cohen(pairs: Sequence[Pair], *, seed: int = 0, resamples: int = 1000) -> Resampled:
    """See `bootstrap`."""
    return bootstrap(Counter(pairs), _cohen, seed=seed, resamples=resamples)


def fleiss_interval(table: Sequence[Counts], *, seed: int = 0, resamples: int = 1000) -> Interval | None:
    """See `bootstrap`; the number of answers that counts is that of each resample."""
    return bootstrap(Counter(table), _fleiss, seed=seed, resamples=resamples).interval


def krippendorff_interval(table: Sequence[Counts], *, seed: int = 0, resamples: int = 1000) -> Interval | None:
    """See `bootstrap`."""
    return resample_krippendorff(table, seed=seed, resamples=resamples).interval


def resample_krippendorff(table: Sequence[Counts], *, seed: int = 0, resamples: int = 1000) -> Resampled:
    """See `bootstrap`."""
    return bootstrap(Counter(table), _krippendorff, seed=seed, resamples=resamples)


_Item = TypeVar("_Item", Counts, Pair)
_LEVEL: Final = 0.95
_MOST_UNDEFINED: Final = 0.05
_ONE_BY_ONE: Final = 5_000
_NO_PAIRS: Final = "no item has two answers"
_ONE_LABEL: Final = "all answers are the same, so that chance alone would agree as well"


def bootstrap(
    items: Mapping[_Item, int], statistic: Callable[[Mapping[_Item, int]], Coefficient], *, seed: int, resamples: int
) -> Resampled:
    """The middle 95 % of the statistic over `resamples` draws of as many items, with replacement.

    `items`: how many items look like this; there are few different ones, so that a resample is a handful of counts. No interval
    of fewer than two items, where the statistic is undefined in more than a twentieth of the resamples, or where all come to
    the same value.
    """
    if sum(items.values()) < 2:
        return Resampled(None, "too few items")
    whole = statistic(items)
    if whole.value is None:
        return Resampled(None, whole.why)
    draw, source, values = _drawing(items), random.Random(seed), list[float]()
    for _ in range(resamples):
        value = statistic(draw(source)).value
        if value is not None:
            values.append(value)
    undefined = resamples - len(values)
    if undefined > _MOST_UNDEFINED * resamples:
        return Resampled(None, f"not defined in {undefined / resamples:.0%} of the resamples: a label is too rare")
    values.sort()
    if values[0] == values[-1]:
        return Resampled(None, "every resample comes to the same")
    tail = (1 - _LEVEL) / 2
    return Resampled(Interval(_quantile(values, tail), _quantile(values, 1 - tail), resamples, undefined))


def _drawing(items: Mapping[_Item, int]) -> Callable[[random.Random], Mapping[_Item, int]]:
    """How often each kind of item is drawn: one by one where they are few, else kind by kind, which a million take as long."""
    kinds, size = sorted(items), sum(items.values())
    if size <= _ONE_BY_ONE:
        everyone = [kind for kind in kinds for _ in range(items[kind])]
        return lambda source: Counter(source.choices(everyone, k=size))

    def draw(source: random.Random) -> Mapping[_Item, int]:
        found, left, others = {}, size, size
        for kind in kinds:
            found[kind] = _binomial(source, left, items[kind] / others)
            left, others = left - found[kind], others - items[kind]
        return found

    return draw


def _binomial(source: random.Random, tries: int, chance: float) -> int:
    """Successes. Of n uniform numbers the i-th smallest is Beta(i, n + 1 - i): where the middle one lies says how half of them
    went (L. Devroye, "Non-Uniform Random Variate Generation" (1986), X.4.3)."""
    found = 0
    while tries > 16:
        middle = (tries + 1) // 2
        at = source.betavariate(middle, tries + 1 - middle)
        if at <= chance:
            found, tries, chance = found + middle, tries - middle, (chance - at) / (1 - at)
        else:
            tries, chance = middle - 1, chance / at
    return found + sum(source.random() < chance for _ in range(tries))


def reliability(alpha: float) -> str:
    """Krippendorff's advice on what the labels can be used for."""
    if alpha >= 0.8:
        return "reliable"
    return "for tentative conclusions only" if alpha >= 0.667 else "not reliable"


def strength(kappa: float) -> str:
    """The words of Landis and Koch; their bounds belong to the lower band (0.20 is slight)."""
    bands = ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
    return "poor" if kappa < 0 else next((word for bound, word in bands if kappa <= bound), "almost perfect")


def _raw(items: Mapping[Counts, int]) -> Coefficient:
    used = pairs = equal = 0
    for row, times in items.items():
        size = sum(row)
        if size > 1:
            used += times
            pairs += times * size * (size - 1)
            equal += times * sum(count * (count - 1) for count in row)
    return Coefficient(equal / pairs, used) if pairs else Coefficient(None, 0, _NO_PAIRS)


def _cohen(pairs: Mapping[Pair, int]) -> Coefficient:
    """(observed - expected) / (1 - expected); expected: sum over labels of the product of both people's shares."""
    total = sum(pairs.values())
    if not total:
        return Coefficient(None, 0, "no item was answered by both")
    first, second = Counter[str](), Counter[str]()
    for (one, other), times in pairs.items():
        first[one] += times
        second[other] += times
    expected = sum(first[label] * second[label] for label in first)  # times total squared: whole numbers, so that 1 is exact
    if expected == total * total:
        return Coefficient(None, total, _ONE_LABEL)
    equal = sum(times for (one, other), times in pairs.items() if one == other)
    return Coefficient((equal * total - expected) / (total * total - expected), total)


def _fleiss(items: Mapping[Counts, int]) -> Coefficient:
    """(mean of P_i - P_e) / (1 - P_e), P_i: share of equal pairs of item i, P_e: sum of the squared shares of the labels."""
    sizes = Counter[int]()
    for row, times in items.items():
        sizes[sum(row)] += times
    size = max((size for size in sizes if size > 1), key=lambda size: (sizes[size], size), default=0)
    if not size:
        return Coefficient(None, 0, _NO_PAIRS)
    used = sizes[size]
    labels, equal = Counter[int](), 0
    for row, times in items.items():
        if sum(row) == size:
            equal += times * sum(count * (count - 1) for count in row)
            for label, count in enumerate(row):
                labels[label] += times * count
    expected, most = sum(count * count for count in labels.values()), (used * size) ** 2
    if expected == most:
        return Coefficient(None, used, _ONE_LABEL)
    return Coefficient((equal / (used * size * (size - 1)) - expected / most) / (1 - expected / most), used)


def _krippendorff(items: Mapping[Counts, int]) -> Coefficient:
    """1 - D_o / D_e with n answers in items of two or more. D_o: of each item, the ordered pairs that differ over one less than
    its answers, summed, over n. D_e: ordered pairs that differ among all n answers, over n (n - 1)."""
    used, observed = 0, 0.0
    labels = Counter[int]()
    for row, times in items.items():
        size = sum(row)
        if size < 2:
            continue
        used += times
        observed += times * (size * size - sum(count * count for count in row)) / (size - 1)
        for label, count in enumerate(row):
            labels[label] += times * count
    total = sum(labels.values())
    if not total:
        return Coefficient(None, 0, _NO_PAIRS)
    differing = total * total - sum(count * count for count in labels.values())
    if not differing:
        return Coefficient(None, used, _ONE_LABEL)
    return Coefficient(1 - observed * (total - 1) / differing, used)


def _quantile(values: Sequence[float], share: float) -> float:
    """Of sorted values, between the two nearest (the default of most programs: Hyndman and Fan, type 7)."""
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
