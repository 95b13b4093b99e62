"""Learning value: which kinds are rare, which rows repeat what train has, which steps a further rephrasing would still help.

- rarity of a kind: rows of train that a kind has on average, for each row that this one has. 1: as common as the average.
- novelty of a row: the share of its words and pairs of words that no earlier row of train in the same state has. States are
  those of `core.prompts.states`: what else "for two" follows is the same question.
- gain of a step: hold each rephrasing out once; the mean share of its words and pairs of words that neither the original nor
  another rephrasing of the step has. It is what a further rephrasing can be expected to bring (Good 1953, "The population
  frequencies of species": what was found once tells how much was not found yet), whatever the order they came in.
- score of a step: rarity of its kind times its gain: what one more row would add if every kind counted the same. A step
  without rephrasings counts in full, and so does one whose kind stands in a single test: whatever its wordings, they are in
  one conversation and on one side of the split.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from core.dataset.quality.models import KindValue, StepValue, Wants
from core.dataset.quality.seen import Wording
from core.rephrasing.diversity import Diversity

FLAT = 0.2
"""A gain below it: a further rephrasing would say nearly nothing new."""
FEW_TESTS = 2
"""A kind in fewer tests can be on one side of the split only."""
MOST_LABELS = 2000
"""Different labels of a kind that are told apart."""


def gain_of(original: Wording, rephrasings: Sequence[Wording]) -> float | None:
    """None without rephrasings. 1: none shares a word with another text of the step; 0: none has anything of its own."""
    if not rephrasings:
        return None
    grams = [one.grams for one in rephrasings]
    in_texts = Counter(gram for text in (original.grams, *grams) for gram in text)
    shares = [sum(in_texts[gram] == 1 for gram in own) / len(own) for own in grams if own]
    return sum(shares) / len(rephrasings)


@dataclass(slots=True)
class StepFigures:
    """A step of train as it was measured; what it is worth is known when its kind is."""

    step: int
    place: str
    user_step: int
    original: str
    kind: str
    rows: int
    novelty: float
    gain: float | None
    diversity: Diversity


@dataclass(slots=True)
class _Kind:
    rows: int = 0
    val: int = 0
    steps: int = 0
    tests: int = 0
    novelty: float = 0.0
    labels: set[str] = field(default_factory=set)
    best: list[tuple[float, int, StepFigures]] = field(default_factory=list)


class LearningValue:
    """`keep`: how many steps to list. Holds as many of each kind, and nothing that grows with the rows."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._kinds: dict[str, _Kind] = {}
        self._alike: list[tuple[float, int, StepFigures]] = []
        self._number = count(0, -1)  # of equals the first stays
        self.rows = self.steps = 0
        self._novelty = 0.0

    def add_test(self, kinds: set[str]) -> None:
        """A test of train or val that has these kinds."""
        for kind in kinds:
            self._kind(kind).tests += 1

    def add_val_row(self, kind: str) -> None:
        self._kind(kind).val += 1

    def add_row(self, kind: str, commands: str, novelty: float) -> None:
        """A row of train."""
        found = self._kind(kind)
        found.rows += 1
        found.novelty += novelty
        if len(found.labels) < MOST_LABELS:
            found.labels.add(commands)
        self.rows += 1
        self._novelty += novelty

    def add_step(self, step: StepFigures) -> None:
        """A step of train."""
        self.steps += 1
        kind = self._kind(step.kind)
        kind.steps += 1
        self._push(kind.best, 2.0 if step.gain is None else step.gain, step)
        if step.diversity.self_bleu is not None:
            self._push(self._alike, step.diversity.self_bleu, step)

    def _push(self, heap: list[tuple[float, int, StepFigures]], value: float, step: StepFigures) -> None:
        entry = (value, next(self._number), step)
        if len(heap) < self._keep:
            heapq.heappush(heap, entry)
        elif heap and entry > heap[0]:
            heapq.heapreplace(heap, entry)

    def _kind(self, kind: str) -> _Kind:
        return self._kinds.setdefault(kind, _Kind())

    # -- what was found -----------------------------------------------------------------------------------------

    @property
    def novelty(self) -> float | None:
        """Of all rows of train."""
        return self._novelty / self.rows if self.rows else None

    def kinds(self) -> list[KindValue]:
        """Of train: those that repeat most first."""
        found = [
            KindValue(name, one.rows, one.val, one.steps, one.tests, len(one.labels), one.novelty / one.rows, self._rarity(one))
            for name, one in self._kinds.items()
            if one.rows
        ]
        return sorted(found, key=lambda one: (-one.repeated, one.kind))

    def gains(self) -> list[StepValue]:
        """Steps by their score, the highest first."""
        found = [(self._value(step), number) for kind in self._kinds.values() for _, number, step in kind.best]
        found.sort(key=lambda one: (-one[0].score, -one[1]))
        return [value for value, _ in found[: self._keep]]

    def alike(self) -> list[StepValue]:
        """Steps by the self-BLEU of their rephrasings, the highest first."""
        return [self._value(step) for _, _, step in sorted(self._alike, key=lambda entry: entry[:2], reverse=True)]

    def _rarity(self, kind: _Kind) -> float:
        return self.rows / sum(one.rows > 0 for one in self._kinds.values()) / kind.rows

    def _value(self, step: StepFigures) -> StepValue:
        kind = self._kinds[step.kind]
        alone = kind.tests < FEW_TESTS
        weight = 1.0 if alone or step.gain is None else step.gain
        flat = step.gain is not None and step.gain < FLAT
        wants: Wants = "tests" if alone or flat else "rephrasings"
        return StepValue(
            step.step, step.place, step.user_step, step.original, step.kind, step.rows, step.novelty, step.gain,
            step.diversity, kind.rows, kind.tests, self._rarity(kind) * weight, wants,
        )  # fmt: skip
