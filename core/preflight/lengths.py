"""Counts of tokens: the spread of each kind, the histogram, the length that is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from core.preflight.models import Bin, Lengths, Spread

Pairs = Mapping[tuple[int, int], int]
"""How many rows have how many prompt and completion tokens: it grows with the differences, not with the rows."""
STEP: Final = 64
"""Lengths are rounded up to it, as kernels work in such blocks."""
_WIDTHS: Final = tuple(digit * 10**power for power in range(6) for digit in (1, 2, 5))
_MOST_BINS: Final = 12


def lengths(pairs: Pairs) -> Lengths:
    """Of at least one row."""
    prompts: Counter[int] = Counter()
    completions: Counter[int] = Counter()
    totals: Counter[int] = Counter()
    for (prompt, completion), rows in pairs.items():
        prompts[prompt] += rows
        completions[completion] += rows
        totals[prompt + completion] += rows
    needed = max(totals)
    return Lengths(
        totals.total(), spread(prompts), spread(completions), spread(totals), bins(totals), needed, -(-needed // STEP) * STEP
    )


def spread(counts: Mapping[int, int]) -> Spread:
    """Percentiles by nearest rank: values that occur."""
    rows = sum(counts.values())
    ordered = sorted(counts)
    found = []
    for share in (50, 95, 99):
        rank, seen = -(-rows * share // 100), 0
        for value in ordered:
            seen += counts[value]
            if seen >= rank:
                found.append(value)
                break
    p50, p95, p99 = found
    return Spread(ordered[0], p50, p95, p99, ordered[-1], sum(value * times for value, times in counts.items()) / rows)


def bins(counts: Mapping[int, int]) -> tuple[Bin, ...]:
    """At most a dozen of equal, round width from the least to the greatest value."""
    low, high = min(counts), max(counts)
    width = next((width for width in _WIDTHS if high // width - low // width < _MOST_BINS), _WIDTHS[-1])
    rows: Counter[int] = Counter()
    for value, times in counts.items():
        rows[value // width] += times
    return tuple(Bin(one * width, (one + 1) * width, rows[one]) for one in range(low // width, high // width + 1))
