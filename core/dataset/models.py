"""What a dataset is asked for, and what one is once it is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal


class Part(StrEnum):
    """The sides of a split. `holdout` is sealed: every look at it is recorded (`core.dataset.holdout`)."""

    TRAIN = "train"
    VAL = "val"
    HOLDOUT = "holdout"


class LeftOutPoint(StrEnum):
    """Why a composed data point is not in the dataset; the wording is printed."""

    EXACT = "exact duplicate"
    NEAR = "near-duplicate"
    SAMPLED = "over the limit of data points"
    LEAK = "its state and utterance occur in another part"


Strategy = Literal["components", "tests", "recipe"]
"""How tests are put on sides: by connected components (falling back to `tests` where one is too large), by test with leaks
taken out, or by the reference's rule, which does not look for leaks."""


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """`train_frac`: 0 < x ≤ 1, the share of data points for train; 1 makes no val. `holdout_frac`: the share for holdout.

    `max_per_conversation`: new conversations per test, beside the original. `max_points`: of the whole dataset, taken from
    the commonest combinations of flow and commands. `near_duplicates`: least likeness (Jaccard of character n-grams) of two
    texts that count as one, 0 < x ≤ 1; 1 takes out exact duplicates only. `keep_split`: address of an earlier dataset of the
    project; its tests stay on the sides that they have there.
    """

    train_frac: float = 0.8
    holdout_frac: float = 0.0
    seed: int = 42
    rephrasings: Literal["validated", "accepted", "none"] = "validated"
    strategy: Strategy = "components"
    max_per_conversation: int | None = None
    max_points: int | None = None
    near_duplicates: float = 0.8
    keep_split: str | None = None

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A stored dataset. `address`: SHA-256 of its rows, template, code version and parameters, in hex; `folder` has the rows.

    `summary`: what the build took and left out, as `core.dataset.summary.DatasetSummary.as_data` gives it.
    """

    id: int
    address: str
    at: str
    reviewer: str
    parameters: Mapping[str, Any]
    dialect: str
    template: str
    template_sha256: str
    code_version: str
    points: Mapping[Part, int]
    folder: Path
    summary: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What people type and read: the beginning of the address."""
        return self.address[:NAME_LENGTH]


NAME_LENGTH = 12
