"""The figures of a dataset version, and the same as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.rephrasing.diversity import Diversity

Wants = Literal["rephrasings", "tests"]


@dataclass(frozen=True, slots=True)
class PartDiversity:
    """Three samples of one part: the steps' own texts, one wording of each step, and all rephrasings.

    `originals` and `one_each` have a text for each step, so that their figures can be compared: distinct-n falls and
    self-BLEU rises with the number of texts alone. Their self-BLEU is the mean over kinds, among the texts of one kind; that
    of `rephrasings` is the mean over steps, among the rephrasings of one step. Edit distances are means over steps.
    """

    originals: Diversity
    one_each: Diversity
    rephrasings: Diversity


@dataclass(frozen=True, slots=True)
class KindValue:
    """A kind is what a row teaches: flows of its step, names of its commands, slots it sets. Values are not part of it.

    `rows`, `steps`, `labels` (different ones) of train; `val` rows; `tests` of both that have it. `novelty`: mean share of a
    row's words and word pairs that no earlier row of train in the same state has.
    """

    kind: str
    rows: int
    val: int
    steps: int
    tests: int
    labels: int
    novelty: float
    rarity: float

    @property
    def repeated(self) -> float:
        """Rows' worth of wording that train had already."""
        return self.rows * (1 - self.novelty)


@dataclass(frozen=True, slots=True)
class StepValue:
    """A user step of train. `gain`: share of a further rephrasing's words and word pairs that the step does not have yet, as
    expected from those it has; None: it has no rephrasing. `wants`: what would help its kind most.
    """

    step: int
    place: str
    user_step: int
    original: str
    kind: str
    rows: int
    novelty: float
    gain: float | None
    diversity: Diversity
    kind_rows: int
    kind_tests: int
    score: float
    wants: Wants


@dataclass(frozen=True, slots=True)
class SlotValues:
    """Values that train's labels give a slot. `most`: share of the commonest; `only_val`: values of val that train lacks.

    `capped`: there are more values than were counted.
    """

    slot: str
    rows: int
    values: int
    commonest: str
    most: float
    only_val: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Lengths:
    """Estimated tokens of rows. `bins`: first number of each bin of `width` tokens, and how many rows are in it.

    `over`: limit of tokens, and how many of the measured rows are longer.
    """

    width: int
    bins: Sequence[tuple[int, int]]
    median: int
    longest: int
    over: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class DatasetQuality:
    """`parts`: `train`, `val` (where there is one) and `all`; the holdout is sealed and not read. Under the
    strategy `recipe` a step that is on both sides counts twice in `all`.

    `gains`: steps that more rephrasings or tests would help most; `alike`: steps whose rephrasings are most alike; `kinds`:
    those that hold most rows and add least come first. All three are cut to the number that was asked for; `kind_count` and
    `step_count` (of train) are of all. `prompts`, `completions`: of `measured` rows, evenly taken from train and val.
    """

    dataset: str
    parts: Mapping[str, PartDiversity]
    novelty: float | None
    step_count: int
    gains: Sequence[StepValue]
    alike: Sequence[StepValue]
    kind_count: int
    kinds: Sequence[KindValue]
    slots: Sequence[SlotValues]
    measured: int
    prompts: Lengths
    completions: Lengths

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def quality_from_data(data: Mapping[str, Any]) -> DatasetQuality:
    """The reverse of `as_data` after JSON.

    Raises:
        KeyError, TypeError: it was written by another version of this program.
    """
    fields = dict(data)
    fields["parts"] = {
        name: PartDiversity(**{side: Diversity(**figures) for side, figures in part.items()})
        for name, part in data["parts"].items()
    }
    for name in ("gains", "alike"):
        fields[name] = [_step(one) for one in data[name]]
    fields["kinds"] = [KindValue(**one) for one in data["kinds"]]
    fields["slots"] = [SlotValues(**one) for one in data["slots"]]
    for name in ("prompts", "completions"):
        fields[name] = _lengths(data[name])
    return DatasetQuality(**fields)


def _step(data: Mapping[str, Any]) -> StepValue:
    return StepValue(**{**data, "diversity": Diversity(**data["diversity"])})


def _lengths(data: Mapping[str, Any]) -> Lengths:
    bins = [(first, count) for first, count in data["bins"]]
    return Lengths(**{**data, "bins": bins, "over": {int(limit): count for limit, count in data["over"].items()}})
