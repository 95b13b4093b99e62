"""The units in arrays: features and conversations by number, in an order that does not depend on how they came."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from core.dataset.split.models import NEEDED, PointKeys, SplitUnit

_NONE = 0xFFFF_FFFF
ALL = 0
"""Number of the feature that every data point shows; the others follow it in the order of their names."""


@dataclass(slots=True)
class Counts:
    """For each item the features it shows and how many data points show them: item i has places starts[i] to starts[i+1]."""

    starts: array[int]
    features: array[int]
    counts: array[float]

    def of(self, item: int) -> tuple[array[int], array[float]]:
        begin, end = self.starts[item], self.starts[item + 1]
        return self.features[begin:end], self.counts[begin:end]

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(slots=True)
class Numbered:
    """`ids`: of the units, in an order that is chance, but the same for the same seed and names: what takes the first of
    several takes any of them, and one more unit leaves the order of the others as it is. `called`: their names. `names`: of
    the features; the name of ALL is empty. `points`: by unit.

    `shown`: by unit. `unit`, `key`: by data point. `kind`: by data point, empty if there are none; `kinds`: features of each.
    `rest`: by unit, what of its features no kind names, as the share of its data points that show it.
    """

    ids: list[int]
    called: list[str]
    names: list[str]
    points: array[int]
    shown: Counts
    unit: array[int]
    key: array[int]
    kind: array[int]
    kinds: list[array[int]]
    rest: Counts

    @property
    def total(self) -> int:
        return sum(self.points)

    @property
    def keys(self) -> int:
        """One more than the largest key."""
        return max(self.key, default=-1) + 1

    def needed(self) -> list[bool]:
        """By feature: is it one that train must show?"""
        return [name.startswith(NEEDED) for name in self.names]

    def shown_by_point(self, point: int) -> tuple[array[int], array[float]]:
        """Features of one data point and how much of each it counts for."""
        features, counts = self.rest.of(self.unit[point])
        if self.kind:
            known = self.kinds[self.kind[point]]
            return known + features, array("d", [1.0]) * len(known) + counts
        return features, counts


def number(units: Sequence[SplitUnit], points: PointKeys, seed: int) -> Numbered:
    """The arrays. The data points of the units and those of `points` must be as many."""
    assert len(points) == len(points.key) == sum(unit.points for unit in units), "units and data points do not belong together"
    order = sorted(range(len(units)), key=lambda place: _by_chance(units[place], seed))
    place_of = array("I", [0]) * len(units)
    for place, old in enumerate(order):
        place_of[old] = place
    named_by_kinds = {name for kind in points.kinds for name in kind}
    names = ["", *sorted(named_by_kinds.union(*(unit.features for unit in units)))]
    number_of = {name: feature for feature, name in enumerate(names)}
    kinds = [array("I", sorted({number_of[name] for name in kind})) for kind in points.kinds]
    unit_of = array("I", map(place_of.__getitem__, points.unit))
    kind_of = points.kind if points.kind is not None else array("I")
    by_unit = members(unit_of, len(units))

    def shown(unit: int) -> list[tuple[int, float]]:
        found = _named(units[order[unit]], number_of, named_by_kinds)
        if kind_of:
            for kind, count in Counter(map(kind_of.__getitem__, by_unit.of(unit))).items():
                for feature in kinds[kind]:
                    found[feature] = found.get(feature, 0.0) + count
        return sorted(found.items())

    def rest(unit: int) -> list[tuple[int, float]]:
        one = units[order[unit]]
        return [(feature, count / one.points) for feature, count in _named(one, number_of, named_by_kinds).items()]

    return Numbered(
        ids=[units[old].id for old in order],
        called=[units[old].name for old in order],
        names=names,
        points=array("I", (units[old].points for old in order)),
        shown=counts_of(map(shown, range(len(order)))),
        unit=unit_of,
        key=_renumbered(points.key, by_unit),
        kind=kind_of,
        kinds=kinds,
        rest=counts_of(map(rest, range(len(order)))),
    )


def _by_chance(unit: SplitUnit, seed: int) -> tuple[bytes, int]:
    return blake2b(f"{seed}\x1f{unit.name or unit.id}".encode(), digest_size=8).digest(), unit.id


def _renumbered(keys: array[int], by_unit: Members) -> array[int]:
    """In the order in which the units have them first, whatever they were numbered by."""
    found = array("I", [_NONE]) * (max(keys, default=-1) + 1)
    count = 0
    for point in by_unit.items:
        if found[keys[point]] == _NONE:
            found[keys[point]] = count
            count += 1
    return array("I", map(found.__getitem__, keys))


def _named(unit: SplitUnit, number_of: Mapping[str, int], but: Collection[str]) -> dict[int, float]:
    """What the unit says of itself."""
    if not unit.points:
        return {}
    found = {number_of[name]: float(count) for name, count in sorted(unit.features.items()) if count and name not in but}
    return {ALL: float(unit.points), **found}


def counts_of(items: Iterable[Iterable[tuple[int, float]]]) -> Counts:
    starts, features, counts = array("Q", [0]), array("I"), array("d")
    for item in items:
        for feature, count in item:
            features.append(feature)
            counts.append(count)
        starts.append(len(features))
    return Counts(starts, features, counts)


@dataclass(slots=True)
class Members:
    """Items by group: group g has places starts[g] to starts[g+1] of `items`, in ascending order."""

    starts: array[int]
    items: array[int]

    def of(self, group: int) -> array[int]:
        return self.items[self.starts[group] : self.starts[group + 1]]

    def __len__(self) -> int:
        return len(self.starts) - 1


def members(group_of: Sequence[int], groups: int) -> Members:
    """Sort items into groups by counting: no list per group."""
    starts = array("Q", [0]) * (groups + 1)
    for group in group_of:
        starts[group + 1] += 1
    for group in range(groups):
        starts[group + 1] += starts[group]
    after = starts[:]
    items = array("I", [0]) * len(group_of)
    for item, group in enumerate(group_of):
        items[after[group]] = item
        after[group] += 1
    return Members(starts, items)
