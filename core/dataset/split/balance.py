"""How far a division is from what was asked: one number, kept up to date while conversations change sides.

For each feature, the sum over the parts of |its share there - the part's share|, commands and flows weighted, and for each part
that lacks it although there is enough, a penalty. The sizes of the parts count as much as all features together, and what is
far off much more: a scarce feature is worth some data points on the wrong side, but not a division that nobody has asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.dataset.split.models import HOLDOUT, TRAIN, VAL
from core.dataset.split.numbered import ALL, Numbered

EPS = 1e-9
"""Counts may be fractions (`PointKeys.kind`), and their sums are not exact."""

_FAR = 0.05
"""A share that is further off, or by more than a quarter of the part's, is one nobody asked for."""
_FAR_COSTS = 10.0

_MUST = 10_000.0
_EMPTY_PART = 100.0
_NEEDED_MISSING = 4.0
_OTHER_MISSING = 1.0
_NEEDED_WEIGHT = 3.0
"""Of a command's or flow's share against a slot's: there are many slots, and most belong to one flow."""


class Balance:
    """`counts`: by part and feature."""

    def __init__(self, data: Numbered, holders: Sequence[int], shares: Sequence[float]) -> None:
        """`holders`: by feature, how many groups show it; `shares`: by part. All counts are 0."""
        features = len(data.names)
        self.totals = [0.0] * features
        for feature, count in zip(data.shown.features, data.shown.counts, strict=True):
            self.totals[feature] += count
        self.shares = tuple(shares)
        self.active = tuple(part for part, share in enumerate(shares) if share > 0)
        self.counts = [[0.0] * features for _ in shares]
        self._targets = [[share * total for total in self.totals] for share in shares]
        needed = data.needed()
        weights = [_NEEDED_WEIGHT if one else 1.0 for one in needed]
        weights[ALL] = 0.0  # its cost is worked out when it is asked for
        self._scale = [weight / total if total else 0.0 for weight, total in zip(weights, self.totals, strict=True)]
        self._size_scale = max(1.0, sum(weights)) / max(1.0, self.totals[ALL])
        self.missing = [
            [self._penalty(part, feature, needed[feature], holders[feature]) for feature in range(features)]
            for part in range(len(shares))
        ]
        self._of_features = sum(
            self._scale[feature] * self._targets[part][feature] + self.missing[part][feature]
            for part in range(len(shares))
            for feature in range(features)
        )

    def _penalty(self, part: int, feature: int, needed: bool, holders: int) -> float:
        if part not in self.active or holders < enough(part, self.active):
            return 0.0
        if feature == ALL:
            return _EMPTY_PART
        if part == TRAIN and needed:
            return _MUST
        return _NEEDED_MISSING if needed else _OTHER_MISSING

    @property
    def cost(self) -> float:
        """The number above; 0 if all is as it was asked for."""
        of_sizes = 0.0
        for part in self.active:
            target = self._targets[part][ALL]
            off = abs(self.counts[part][ALL] - target)
            of_sizes += off + _FAR_COSTS * max(0.0, off - min(_FAR * self.totals[ALL], target / 4))
        return self._of_features + self._size_scale * of_sizes

    def add(self, part: int, features: Sequence[int], counts: Sequence[float]) -> None:
        here, targets, missing, scale = self.counts[part], self._targets[part], self.missing[part], self._scale
        cost = self._of_features
        for feature, count in zip(features, counts, strict=True):
            old = here[feature]
            new = here[feature] = old + count
            target = targets[feature]
            cost += scale[feature] * (abs(new - target) - abs(old - target))
            if old < EPS:
                cost -= missing[feature]
        self._of_features = cost

    def remove(self, part: int, features: Sequence[int], counts: Sequence[float]) -> None:
        here, targets, missing, scale = self.counts[part], self._targets[part], self.missing[part], self._scale
        cost = self._of_features
        for feature, count in zip(features, counts, strict=True):
            old = here[feature]
            new = here[feature] = old - count
            target = targets[feature]
            cost += scale[feature] * (abs(new - target) - abs(old - target))
            if new < EPS:
                cost += missing[feature]
        self._of_features = cost

    def lacking(self, part: int) -> list[int]:
        """The features that the part must show and does not."""
        here = self.counts[part]
        return [feature for feature, penalty in enumerate(self.missing[part]) if penalty == _MUST and here[feature] < EPS]


def enough(part: int, active: Sequence[int]) -> int:
    """How many groups must show a feature so that this part can have one: train comes first, then val, then holdout."""
    order = [one for one in (TRAIN, VAL, HOLDOUT) if one in active]
    return order.index(part) + 1
