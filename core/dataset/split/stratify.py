"""Iterative stratification (Sechidis, Tsoumakas, Vlahavas: On the stratification of multi-label data, ECML PKDD 2011) of
groups that show each feature several times: the rarest feature first, each of its groups to the part that lacks most of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from core.dataset.split.models import TRAIN
from core.dataset.split.numbered import ALL, Counts, Members


def stratify(
    groups: Counts, showing: Members, needed: Sequence[bool], shares: Sequence[float], placed: Mapping[int, int]
) -> bytearray:
    """Part by group. `groups`: what each shows; `showing`: the groups by feature; `needed`: by feature (`Numbered.needed`).
    `placed`: groups that have their part already. Of groups that are as good as each other the first is taken.

    A needed feature is brought to every part that has room, as long as enough of its groups are left; the smallest of them
    serve last, so that a scarce feature costs val little. Where that cannot be kept for all features, `improve.cover_train`
    repairs train.
    """
    active = [part for part, share in enumerate(shares) if share > 0]
    features = len(needed)
    left = [showing.starts[feature + 1] - showing.starts[feature] for feature in range(features)]
    totals = [0.0] * features
    for feature, count in zip(groups.features, groups.counts, strict=True):
        totals[feature] += count
    lack = [[share * total for total in totals] for share in shares]
    has = [bytearray(features) for _ in shares]
    part_of = bytearray([_OPEN]) * len(groups)

    def put(group: int, part: int) -> None:
        part_of[group] = part
        lacks, shows = lack[part], has[part]
        for feature, count in zip(*groups.of(group), strict=True):
            lacks[feature] -= count
            shows[feature] = 1
            left[feature] -= 1

    for group, part in placed.items():
        put(group, part)
    while open_features := [feature for feature in range(features) if left[feature]]:
        rarest = min(open_features, key=lambda feature: (left[feature], feature == ALL, feature))
        for group in _largest_first(groups, showing.of(rarest), rarest):
            if part_of[group] != _OPEN:
                continue
            without = [part for part in active if not has[part][rarest] and (part == TRAIN or lack[part][ALL] > 0)]
            forced = needed[rarest] and left[rarest] <= len(without)
            choice = without if forced else active
            put(group, max(choice, key=lambda part: (lack[part][rarest], lack[part][ALL], -part)))
    return bytearray(TRAIN if part == _OPEN else part for part in part_of)  # open: a group without a data point


_OPEN = 255


def _largest_first(groups: Counts, showing: array[int], feature: int) -> list[int]:
    def size(group: int) -> float:
        features, counts = groups.of(group)
        return counts[features.index(feature)]

    return sorted(showing, key=lambda group: (-size(group), group))
