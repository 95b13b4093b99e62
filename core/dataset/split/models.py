"""What a division is made from, and what comes of it."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.dataset.models import Part, Strategy

PARTS = (Part.TRAIN, Part.VAL, Part.HOLDOUT)
"""The parts by number: what arrays hold is the place in here."""
TRAIN, VAL, HOLDOUT = range(3)

WINNERS = (TRAIN, HOLDOUT, VAL)
"""Which part keeps the data points of a key that stands in several: the first of these that has it. Train, since it is there
to learn from; then the holdout, since the last word is measured on it; val only picks among runs."""

STARTS = "start:"
"""Beginning of the features that say which flow a data point's commands start: a flow may have data points and no such."""
NEEDED = ("command:", "flow:", STARTS)
"""Beginnings of the features that train must show, and val and holdout where there is enough of them."""


@dataclass(frozen=True, slots=True)
class SplitUnit:
    """One conversation. `points`: how many data points it has; `features`: how many of them show each, named
    "command:StartFlow", "flow:renew_loan", "start:renew_loan", "slot:title", "language:de". `name`: what it is called in every
    project that has it; chance goes by it, so that the same tests fall alike whatever their ids."""

    id: int
    points: int
    features: Mapping[str, int]
    name: str = ""


@dataclass(slots=True)
class PointKeys:
    """One entry per data point, in order. `unit`: place of its conversation among the units; `key`: equal for the same or
    nearly the same utterance in the same state, numbered from 0 (memory grows with the largest).

    `kind`: place in `kinds`, the names of the features that the data point shows; the conversation's counts of these are then
    taken from here. What `kinds` does not name at all (the language) every data point of the conversation shows in equal
    shares; without kinds that holds of all features, and what remains of them after taking out is an estimate.
    """

    unit: array[int]
    key: array[int]
    kind: array[int] | None = None
    kinds: Sequence[Collection[str]] = ()

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, slots=True)
class Components:
    """Connected components of the conversations, joined by shared keys. `largest`: data points of the largest of them."""

    number: int
    largest: int
    share: float


@dataclass(frozen=True, slots=True)
class RecipeLeaks:
    """The reference's rule on the same data. `rows`: data points outside of its train; `leaked`: those with a key of train."""

    rows: int
    leaked: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """Data points that show a feature, by part, after taking out; `taken_out` are not among them."""

    feature: str
    train: int
    val: int
    holdout: int
    taken_out: int

    @property
    def all(self) -> int:
        return self.train + self.val + self.holdout

    def of(self, part: Part) -> int:
        return (self.train, self.val, self.holdout)[PARTS.index(part)]


@dataclass(frozen=True, slots=True)
class Division:
    """`part_of`: by unit id. `taken_out`: 1 for each data point that is in no part, since its key stands in another one.

    `asked`, `strategy`: the rule that was asked for, and the one that was used in the end. `torn`: components with fixed
    conversations in several parts. `totals`: all data points; `table`: by feature, but for those of STARTS, which would say of
    most flows what `flow:` says. `shortfalls`: in words, what could not be had.
    """

    asked: Strategy
    strategy: Strategy
    part_of: Mapping[int, Part]
    taken_out: bytearray
    components: Components
    torn: int
    recipe: RecipeLeaks
    totals: TableRow
    table: tuple[TableRow, ...]
    shortfalls: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """What a report keeps: all but what is said of single conversations and data points."""
        return {
            "asked": self.asked,
            "strategy": self.strategy,
            "components": asdict(self.components),
            "torn_components": self.torn,
            "recipe": asdict(self.recipe),
            "totals": _row_as_data(self.totals),
            "table": [_row_as_data(row) for row in self.table],
            "shortfalls": list(self.shortfalls),
        }


def _row_as_data(row: TableRow) -> dict[str, Any]:
    return {**asdict(row), "all": row.all}
