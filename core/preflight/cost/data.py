"""What the cost model needs of a dataset: how long its rows are. Rows of a batch are padded to the longest of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import UsageError


@dataclass(frozen=True, slots=True)
class DataShape:
    """`lengths`: (tokens of a row, rows that have so many), ascending. `supervised`: tokens that are learned, in all rows."""

    lengths: tuple[tuple[int, int], ...]
    supervised: int

    def __post_init__(self) -> None:
        if not self.lengths:
            raise UsageError("There is no row to estimate a training with.", remedy="Build a dataset with at least one row.")

    @staticmethod
    def from_pairs(pairs: Mapping[tuple[int, int], int]) -> DataShape:
        """From how many rows have how many (prompt tokens, completion tokens)."""
        counts: Counter[int] = Counter()
        for (prompt, completion), rows in pairs.items():
            counts[prompt + completion] += rows
        return DataShape(tuple(sorted(counts.items())), sum(completion * rows for (_, completion), rows in pairs.items()))

    @property
    def rows(self) -> int:
        return sum(rows for _, rows in self.lengths)

    @property
    def tokens(self) -> int:
        """Of all rows, without padding."""
        return sum(length * rows for length, rows in self.lengths)

    @property
    def longest(self) -> int:
        return self.lengths[-1][0]

    @property
    def supervised_share(self) -> float:
        return min(1.0, self.supervised / self.tokens) if self.tokens else 0.0

    def cut_at(self, length: int) -> DataShape:
        """Rows above `length` cut to it. The supervised tokens stay counted: what a cut costs in labels is told elsewhere."""
        counts: Counter[int] = Counter()
        for one, rows in self.lengths:
            counts[min(one, length)] += rows
        return DataShape(tuple(sorted(counts.items())), self.supervised)

    def padded_length(self, batch: int) -> float:
        """Expected length of the longest of `batch` rows drawn at random: sum of l · (F(l)^batch − F(l−1)^batch)."""
        rows, seen, expected, below = self.rows, 0, 0.0, 0.0
        for length, times in self.lengths:
            seen += times
            share: float = (seen / rows) ** batch
            expected += length * (share - below)
            below = share
        return expected
