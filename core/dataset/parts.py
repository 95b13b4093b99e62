"""Puts the data points that are left on the sides of a split, and takes out what would leak from one to the other."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Any

from core.dataset.models import DatasetOptions, LeftOutPoint, Part
from core.dataset.points import KEPT, Kind, Points
from core.dataset.split.divide import divide
from core.dataset.split.models import PointKeys, SplitUnit


def divide_points(points: Points, options: DatasetOptions) -> tuple[dict[int, Part], dict[str, Any]]:
    """Part by conversation id, and the report; points that would leak are left out of `points`.

    A conversation without a data point of its own (all were duplicates) has no part.
    """
    features = [_features(kind) for kind in points.kinds]
    kept = array("I", (number for number in range(len(points)) if points.fate[number] == KEPT))
    counted: dict[int, Counter[int]] = {}
    for number in kept:
        counted.setdefault(points.unit[number], Counter())[points.kind[number]] += 1
    place_of: dict[int, int] = {}
    units: list[SplitUnit] = []
    shared: dict[frozenset[tuple[str, int]], dict[str, int]] = {}  # a corpus has few different ones and many conversations
    for unit, kinds in counted.items():
        place_of[unit] = len(units)
        shown: Counter[str] = Counter({f"language:{points.languages[unit]}": kinds.total()})
        for kind, count in kinds.items():
            for feature in features[kind]:
                shown[feature] += count
        plain = shared.setdefault(frozenset(shown.items()), dict(shown))
        units.append(SplitUnit(points.conversations[unit], kinds.total(), plain))
    counted.clear()
    keys = PointKeys(
        array("I", (place_of[points.unit[number]] for number in kept)),
        array("I", (points.key[number] for number in kept)),
        array("I", (points.kind[number] for number in kept)),
        features,
    )
    division = divide(
        units, keys, strategy=options.strategy, train_frac=options.train_frac, holdout_frac=options.holdout_frac,
        seed=options.seed,
    )  # fmt: skip
    for place, number in enumerate(kept):
        if division.taken_out[place]:
            points.leave_out(number, LeftOutPoint.LEAK)
    return _shown(division.part_of), division.as_data()


def _shown(part_of: Mapping[int, Part]) -> dict[int, Part]:
    return {id_: part_of[id_] for id_ in sorted(part_of)}


def _features(kind: Kind) -> tuple[str, ...]:
    named = (("command", kind.commands), ("flow", kind.flows), ("slot", kind.slots))
    return tuple(f"{word}:{name}" for word, names in named for name in names)
