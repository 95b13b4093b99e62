"""Conversations joined by what they share: connected components, and clusters that are not let grow too large."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from core.dataset.forest import Forest
from core.dataset.split.models import Components
from core.dataset.split.numbered import Numbered

_NONE = 0xFFFF_FFFF


@dataclass(slots=True)
class Groups:
    """`of`: group by unit, numbered in the order of their first units."""

    of: array[int]
    number: int


def alone(data: Numbered) -> Groups:
    """Each conversation is a group."""
    return Groups(array("I", range(len(data.ids))), len(data.ids))


def components(data: Numbered) -> Groups:
    """A shared key joins two conversations."""
    joined = Forest(len(data.ids))
    first = array("I", [_NONE]) * data.keys
    for unit, key in zip(data.unit, data.key, strict=True):
        if first[key] == _NONE:
            first[key] = unit
        elif first[key] != unit:
            joined.join(first[key], unit)
    return _groups(joined)


def clusters(data: Numbered, most: int) -> Groups:
    """Joined by shared keys as long as no group passes `most` data points; keys that few conversations share come first, so
    that the short answers which all of them share join nothing that is large already."""
    joined = Forest(len(data.ids))
    weight = data.points[:]
    holders, pairs = _shared(data)
    order = sorted(range(0, len(pairs), 2), key=lambda place: (holders[pairs[place]], pairs[place], pairs[place + 1]))
    first = array("I", [_NONE]) * data.keys
    for place in order:
        key, unit = pairs[place], pairs[place + 1]
        if first[key] == _NONE:
            first[key] = unit
            continue
        one, other = joined.root(first[key]), joined.root(unit)
        if one != other and weight[one] + weight[other] <= most:
            joined.join(one, other)
            weight[min(one, other)] = weight[one] + weight[other]
    return _groups(joined)


def _shared(data: Numbered) -> tuple[array[int], array[int]]:
    """How many conversations have each key, and of those that several have, key and conversation in turn."""
    holders = array("I", [0]) * data.keys
    last = array("I", [_NONE]) * data.keys
    for unit, key in zip(data.unit, data.key, strict=True):
        if last[key] != unit:  # a conversation's data points are neighbours, so hardly one is counted twice
            last[key] = unit
            holders[key] += 1
    pairs = array("I")
    for unit, key in zip(data.unit, data.key, strict=True):
        if holders[key] > 1:
            pairs.append(key)
            pairs.append(unit)
    return holders, pairs


def described(data: Numbered, groups: Groups) -> Components:
    weight = [0] * groups.number
    for unit, points in zip(groups.of, data.points, strict=True):
        weight[unit] += points
    largest = max(weight, default=0)
    return Components(groups.number, largest, largest / data.total if data.total else 0.0)


def _groups(joined: Forest) -> Groups:
    of = joined.roots()
    number = 0
    for unit, root in enumerate(of):  # a root comes before the others of its set
        if unit == root:
            of[unit] = number
            number += 1
        else:
            of[unit] = of[root]
    return Groups(of, number)
