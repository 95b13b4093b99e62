"""The options of a dataset build, with the values that the dialog goes through."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.dataset.models import DatasetOptions


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """`name`: the field of `DatasetOptions`; `words`: how a value is shown. `least`: that may be typed, None: nothing may."""

    name: str
    title: str
    values: Sequence[Any]
    about: str
    words: Callable[[Any], str] = str
    least: float | None = None


def _percent(value: float) -> str:
    return f"{value * 100:g} %" if value else "none"


def _limit(value: int | None) -> str:
    return "no limit" if value is None else f"{value:,}"


def _likeness(value: float) -> str:
    return "exact duplicates only" if value == 1 else f"{value:g} alike or more"


CHOICES: tuple[OptionChoice, ...] = (
    OptionChoice(
        "train_frac",
        "train",
        (0.7, 0.75, 0.8, 0.85, 0.9, 1.0),
        "Share of the data points for train; with 100 % there is no val.",
        _percent,
    ),
    OptionChoice(
        "holdout_frac",
        "holdout",
        (0.0, 0.05, 0.1, 0.15, 0.2),
        "A third part that stays sealed: every look at it is recorded.",
        _percent,
    ),
    OptionChoice(
        "strategy",
        "split",
        ("components", "tests", "recipe"),
        "components: no utterance in one state on two sides. tests: whole tests, leaks out. recipe: the reference's rule.",
    ),
    OptionChoice(
        "rephrasings",
        "rephrasings",
        ("validated", "accepted", "none"),
        "validated: accepted by a person, or found the same. accepted: by a person only. none: originals only.",
    ),
    OptionChoice(
        "near_duplicates",
        "near-duplicates",
        (0.7, 0.8, 0.9, 1.0),
        "Texts this alike in the same state count as one; one of them stays.",
        _likeness,
    ),
    OptionChoice(
        "max_per_conversation",
        "new conversations",
        (None, 1, 2, 3, 5, 10, 20),
        "For each test, beside the original one. Any number can be typed.",
        _limit,
        least=0,
    ),
    OptionChoice(
        "max_points",
        "data points",
        (None, 500, 1000, 2000, 5000, 10_000, 50_000),
        "Of the whole dataset; what is common gives way first. Any number can be typed.",
        _limit,
        least=1,
    ),
    OptionChoice(
        "seed",
        "seed",
        (1, 2, 3, 4, 5, 42),
        "Of the split and of sampling: the same seed, the same rows. Any whole number can be typed.",
        least=-math.inf,
    ),
)


def chosen_values(choice: OptionChoice, options: DatasetOptions) -> Sequence[Any]:
    """Those that can be had with the other options: the shares of train and holdout come to at most 1. What is set now stands
    among them, whatever it is."""
    now = getattr(options, choice.name)
    values = set(choice.values) | {now}
    if choice.name == "train_frac":
        values = {value for value in values if value + options.holdout_frac <= 1 or value == now}
    if choice.name == "holdout_frac":
        values = {value for value in values if value + options.train_frac <= 1 or value == now}
    if isinstance(now, str):
        return [value for value in choice.values if value in values]
    return sorted(values, key=lambda value: (value is not None, value or 0))


def typed(options: DatasetOptions, choice: OptionChoice, text: str) -> DatasetOptions:
    """The options with what was typed so far. Nothing, or less than may be, is no limit; for the seed it is 0."""
    assert choice.least is not None
    value: Any = int(text) if text.lstrip("-") else None
    if value is not None and value < choice.least:
        value = None
    if value is None and choice.name == "seed":
        value = 0
    return replace(options, **{choice.name: value})


def moved(options: DatasetOptions, choice: OptionChoice, by: int) -> DatasetOptions:
    """The options with the next or the previous value of one, round and round."""
    values = chosen_values(choice, options)
    at = values.index(getattr(options, choice.name))
    return replace(options, **{choice.name: values[(at + by) % len(values)]})
