"""Moving conversations between parts, and what that does to the balance."""

from __future__ import annotations

from array import array
from typing import Protocol

from core.dataset.split.balance import EPS, Balance
from core.dataset.split.models import TRAIN, WINNERS
from core.dataset.split.numbered import Counts, Members, Numbered, members


class Moves(Protocol):
    """Items (groups, conversations) on parts. `part`: by item."""

    part: bytearray
    balance: Balance

    def move(self, item: int, to: int) -> None:
        """To another part."""

    def effort(self, item: int) -> int:
        """About how many counts a move of the item touches."""

    def shows(self, item: int, feature: int) -> bool: ...


class GroupMoves:
    """Groups that share no key: what one shows counts where it lies. All begin in train."""

    def __init__(self, groups: Counts, balance: Balance) -> None:
        self._groups = groups
        self.balance = balance
        self.part = bytearray(len(groups))
        balance.add(TRAIN, *_summed(groups))

    def move(self, item: int, to: int) -> None:
        features, counts = self._groups.of(item)
        self.balance.remove(self.part[item], features, counts)
        self.balance.add(to, features, counts)
        self.part[item] = to

    def effort(self, item: int) -> int:
        return self._groups.starts[item + 1] - self._groups.starts[item]

    def shows(self, item: int, feature: int) -> bool:
        return feature in self._groups.of(item)[0]


class LeakMoves:
    """Conversations that share keys: a data point counts only if its part wins its key (WINNERS), for it is taken out
    otherwise. All begin in train."""

    def __init__(self, data: Numbered, balance: Balance) -> None:
        self._data = data
        self.balance = balance
        self.part = bytearray(len(data.ids))
        shared = _keys_of_several(data)
        kept = array("I", (point for point, key in enumerate(data.key) if shared[key]))
        self._of_unit = _chosen(kept, data.unit, len(data.ids))
        self._of_key = _chosen(kept, data.key, data.keys)
        self._own = _own(data, self._of_unit)
        self._part_of_point = bytearray(len(data.unit))
        self._rows = [array("I", [0]) * data.keys for _ in WINNERS]  # by part and key
        for point in kept:
            self._rows[TRAIN][data.key[point]] += 1
        balance.add(TRAIN, *_summed(data.shown))

    def move(self, item: int, to: int) -> None:
        came_from = self.part[item]
        own = self._own.of(item)
        self.balance.remove(came_from, *own)
        self.balance.add(to, *own)
        for point in self._of_unit.of(item):
            self._move_point(point, came_from, to)
        self.part[item] = to

    def _move_point(self, point: int, came_from: int, to: int) -> None:
        data, balance = self._data, self.balance
        key = data.key[point]
        before = self._winner(key)
        self._rows[came_from][key] -= 1
        self._rows[to][key] += 1
        after = self._winner(key)
        at = self._part_of_point
        if before != after:
            for other in self._of_key.of(key):
                if at[other] == before:
                    balance.remove(before, *data.shown_by_point(other))
            at[point] = to
            for other in self._of_key.of(key):
                if at[other] == after:
                    balance.add(after, *data.shown_by_point(other))
            return
        at[point] = to
        if came_from == before:
            balance.remove(came_from, *data.shown_by_point(point))
        elif to == after:
            balance.add(to, *data.shown_by_point(point))

    def _winner(self, key: int) -> int:
        for part in WINNERS:
            if self._rows[part][key]:
                return part
        raise AssertionError(f"key {key} stands nowhere")

    def effort(self, item: int) -> int:
        return len(self._own.of(item)[0]) + 8 * len(self._of_unit.of(item))

    def shows(self, item: int, feature: int) -> bool:
        return feature in self._data.shown.of(item)[0]


def _summed(items: Counts) -> tuple[list[int], list[float]]:
    sums: dict[int, float] = {}
    for feature, count in zip(items.features, items.counts, strict=True):
        sums[feature] = sums.get(feature, 0.0) + count
    return list(sums), list(sums.values())


def _keys_of_several(data: Numbered) -> bytearray:
    """By key: do several conversations have it?"""
    first = array("i", [-1]) * data.keys
    several = bytearray(data.keys)
    for unit, key in zip(data.unit, data.key, strict=True):
        if first[key] == -1:
            first[key] = unit
        elif first[key] != unit:
            several[key] = 1
    return several


def _chosen(points: array[int], group_of: array[int], groups: int) -> Members:
    """Some of the data points, by group; `group_of` is of all of them."""
    found = members(array("I", map(group_of.__getitem__, points)), groups)
    return Members(found.starts, array("I", (points[place] for place in found.items)))


def _own(data: Numbered, shared: Members) -> Counts:
    """By unit, what the data points show whose key no other unit has: its features less those of the others."""
    starts, features, counts = array("Q", [0]), array("I"), array("d")
    for unit in range(len(data.ids)):
        points = shared.of(unit)
        mine_features, mine_counts = data.shown.of(unit)
        if points:
            remaining = dict(zip(mine_features, mine_counts, strict=True))
            for point in points:
                for feature, count in zip(*data.shown_by_point(point), strict=True):
                    remaining[feature] -= count
            mine_features = array("I", (feature for feature, count in remaining.items() if count > EPS))
            mine_counts = array("d", (count for count in remaining.values() if count > EPS))
        features += mine_features
        counts += mine_counts
        starts.append(len(features))
    return Counts(starts, features, counts)
