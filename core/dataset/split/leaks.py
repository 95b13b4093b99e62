"""Data points whose key stands in several parts: one part keeps them (WINNERS), the others lose them."""

from __future__ import annotations

from core.dataset.split.models import WINNERS
from core.dataset.split.numbered import Numbered


def taken_out(data: Numbered, part_of: bytearray) -> bytearray:
    """1 for each data point that its part loses. After that no key stands in two parts."""
    rank = bytearray(len(WINNERS))
    for place, part in enumerate(WINNERS):
        rank[part] = place
    rank_of_unit = bytearray(rank[part] for part in part_of)
    best = bytearray([len(WINNERS)]) * data.keys
    for unit, key in zip(data.unit, data.key, strict=True):
        if rank_of_unit[unit] < best[key]:
            best[key] = rank_of_unit[unit]
    return bytearray(rank_of_unit[unit] != best[key] for unit, key in zip(data.unit, data.key, strict=True))
