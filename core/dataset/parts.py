"""Puts the data points that are left on the sides of a split, and takes out what would leak from one to the other."""

from __future__ import annotations

from array import array
from collections import Counter
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
    counted = Counter(points.unit[number] for number in kept)
    place_of = {unit: place for place, unit in enumerate(counted)}
    units = [  # what the kinds do not show
        SplitUnit(points.conversations[unit], count, {f"language:{points.languages[unit]}": count})
        for unit, count in counted.items()
    ]
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
    return dict(sorted(division.part_of.items())), division.as_data()


def _features(kind: Kind) -> tuple[str, ...]:
    named = (("command", kind.commands), ("flow", kind.flows), ("slot", kind.slots))
    return tuple(f"{word}:{name}" for word, names in named for name in names)
