"""Train and val: whole conversations on one side, every command in train, every flow too where that is possible."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitUnit:
    """One conversation: how many data points it yields and which command types and flows they show."""

    id: int
    points: int
    commands: frozenset[str]
    flows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Split:
    """Conversation ids by side, and what could not be had."""

    train: frozenset[int]
    val: frozenset[int]
    shortfalls: tuple[str, ...]


def split(units: Sequence[SplitUnit], train_frac: float, seed: int) -> Split:
    """Divide conversations so that train holds about `train_frac` of the data points. Deterministic for a seed.

    First train takes, one by one, the conversation that shows most of the commands (then flows) still missing from it;
    then it is filled up in random order as long as the share is not passed. With `train_frac` 1 all go to train.
    """
    if train_frac >= 1:
        return Split(frozenset(unit.id for unit in units), frozenset(), ())
    order = list(units)
    random.Random(seed).shuffle(order)
    total = sum(unit.points for unit in order)
    train: dict[int, SplitUnit] = {}
    for features in ("commands", "flows"):
        _cover(order, train, features)
    budget = train_frac * total - sum(unit.points for unit in train.values())
    for unit in order:
        if unit.id not in train and unit.points <= budget + unit.points / 2 and len(train) < len(order) - 1:
            train[unit.id] = unit
            budget -= unit.points
    val = [unit for unit in order if unit.id not in train]
    return Split(frozenset(train), frozenset(unit.id for unit in val), _shortfalls(units, train, val, train_frac))


def _cover(order: Sequence[SplitUnit], train: dict[int, SplitUnit], features: str) -> None:
    """Greedy set cover; rare features first, so that a conversation is not spent on what every other shows too."""
    frequency = Counter(feature for unit in order for feature in getattr(unit, features))
    missing = set(frequency) - {feature for unit in train.values() for feature in getattr(unit, features)}
    while missing:
        rarest = min(missing, key=lambda feature: (frequency[feature], feature))
        showing = [unit for unit in order if rarest in getattr(unit, features)]
        best = max(showing, key=lambda unit: len(getattr(unit, features) & missing))
        train[best.id] = best
        missing -= getattr(best, features)


def _shortfalls(
    units: Sequence[SplitUnit], train: dict[int, SplitUnit], val: Sequence[SplitUnit], train_frac: float
) -> tuple[str, ...]:
    found: list[str] = []
    total = sum(unit.points for unit in units)
    in_train = sum(unit.points for unit in train.values())
    if total and not val:
        found.append("val is empty: every conversation is needed in train to show each command and flow once")
    elif total and abs(in_train / total - train_frac) > 0.05:
        found.append(
            f"train holds {in_train / total:.0%} of the data points instead of {train_frac:.0%}: tests are not divided"
        )
    for features, word in (("commands", "command"), ("flows", "flow")):
        everywhere = {feature for unit in units for feature in getattr(unit, features)}
        in_val = {feature for unit in val for feature in getattr(unit, features)}
        found += [f"{word} `{feature}` is missing from val" for feature in sorted(everywhere - in_val)] if val else []
    return tuple(found)
