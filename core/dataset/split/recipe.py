"""The reference's rule, for comparison: tests are shuffled, those that show a class of commands train lacks come first, then
train is filled; nobody looks at what the tests say."""

from __future__ import annotations

from core.dataset.split.models import HOLDOUT, TRAIN, VAL, RecipeLeaks
from core.dataset.split.numbered import Numbered

_COMMAND = "command:"


def recipe(data: Numbered, train_frac: float, holdout_frac: float) -> bytearray:
    """Part by unit. The reference knows no holdout and no seed; ours has the units in the seed's order, and fills the holdout
    after train."""
    order = list(range(len(data.ids)))
    part_of = bytearray([VAL]) * len(order)
    in_train = 0
    for unit in _cover(data, order):
        part_of[unit] = TRAIN
        in_train += data.points[unit]
    in_train = _fill(data, order, part_of, TRAIN, train_frac * data.total, in_train)
    _fill(data, order, part_of, HOLDOUT, holdout_frac * data.total, 0)
    return part_of


def leaks(data: Numbered, part_of: bytearray) -> RecipeLeaks:
    in_train = bytearray(data.keys)
    for unit, key in zip(data.unit, data.key, strict=True):
        if part_of[unit] == TRAIN:
            in_train[key] = 1
    outside = leaked = 0
    for unit, key in zip(data.unit, data.key, strict=True):
        if part_of[unit] != TRAIN:
            outside += 1
            leaked += in_train[key]
    return RecipeLeaks(outside, leaked)


def _cover(data: Numbered, order: list[int]) -> list[int]:
    """Greedy set cover: the test that shows most of the commands still missing, the first of them in `order`."""
    commands = {feature for feature, name in enumerate(data.names) if name.startswith(_COMMAND)}
    shown = {unit: commands.intersection(data.shown.of(unit)[0]) for unit in order}
    missing = set().union(*shown.values())
    chosen = []
    while missing:
        best = max(order, key=lambda unit: len(shown[unit] & missing))
        chosen.append(best)
        missing -= shown[best]
    return chosen


def _fill(data: Numbered, order: list[int], part_of: bytearray, part: int, wanted: float, has: int) -> int:
    for unit in order:
        if has >= wanted - 1e-6:
            break
        if part_of[unit] == VAL:
            part_of[unit] = part
            has += data.points[unit]
    return has
