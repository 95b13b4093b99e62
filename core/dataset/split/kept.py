"""Conversations that have their part already: from an earlier dataset, whose division is to stay as it was."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from core.dataset.models import Part
from core.dataset.split.components import Groups
from core.dataset.split.models import PARTS
from core.dataset.split.numbered import Numbered

OPEN = 255
"""In the place of a part: it has none yet."""


def kept_parts(data: Numbered, fixed: Mapping[int, Part]) -> bytearray:
    """By unit."""
    return bytearray(PARTS.index(fixed[id_]) if id_ in fixed else OPEN for id_ in data.ids)


def torn(groups: Groups, kept: bytearray) -> int:
    """How many groups have kept units in several parts."""
    parts: dict[int, set[int]] = {}
    for group, part in zip(groups.of, kept, strict=True):
        if part != OPEN:
            parts.setdefault(group, set()).add(part)
    return sum(len(found) > 1 for found in parts.values())


def by_part(groups: Groups, kept: bytearray, points: Sequence[int]) -> tuple[Groups, dict[int, int]]:
    """The groups, each in as many pieces as its kept units have parts, and the parts of these pieces. Units that have no part
    yet follow the kept ones of their group, where these differ those with most data points."""
    weight: dict[int, dict[int, int]] = {}
    for group, part, count in zip(groups.of, kept, points, strict=True):
        if part != OPEN:
            of_group = weight.setdefault(group, {})
            of_group[part] = of_group.get(part, 0) + count
    follows = {group: max(parts, key=lambda part: (parts[part], -part)) for group, parts in weight.items()}
    numbers: dict[tuple[int, int], int] = {}
    of = array("I")
    for group, part in zip(groups.of, kept, strict=True):
        side = follows.get(group, OPEN) if part == OPEN else part
        of.append(numbers.setdefault((group, side), len(numbers)))
    return Groups(of, len(numbers)), {piece: side for (_, side), piece in numbers.items() if side != OPEN}
