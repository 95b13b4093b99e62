"""How varied the wordings of a part are, beside the originals: fed step by step, in memory that does not grow with them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.dataset.quality.models import PartDiversity
from core.dataset.quality.seen import Seen, Wording, number_of
from core.rephrasing.diversity import Diversity, edit_distance, self_bleu

MOST_OF_A_KIND = 50
"""Texts of a kind that self-BLEU is taken of; of more, a sample drawn with the seed."""


class PartFigures:
    """Of one part. `seen` is shared by all parts; each counts under its own `name`."""

    def __init__(self, name: str, seen: Seen, seed: int) -> None:
        self._originals = _Distinct(f"{name} originals", seen)
        self._one_each = _Distinct(f"{name} one each", seen)
        self._rephrasings = _Distinct(f"{name} rephrasings", seen)
        self._random = random.Random(f"{seed} {name}")
        self._of_kind: dict[str, _Sample] = {}
        self._in_step, self._distances, self._distances_one = _Mean(), _Mean(), _Mean()

    def add(self, kind: str, original: Wording, rephrasings: Sequence[Wording], diversity: Diversity) -> None:
        """A step with its rephrasings in this part, each once, and their `diversity`."""
        self._originals.add(original)
        for one in rephrasings:
            self._rephrasings.add(one)
        self._distances.add(diversity.edit_distance)
        self._in_step.add(diversity.self_bleu)
        chosen = self._random.choice(rephrasings) if rephrasings else original
        self._one_each.add(chosen)
        if rephrasings:
            self._distances_one.add(edit_distance(original.text, chosen.text))
        self._of_kind.setdefault(kind, _Sample()).add((original.words, chosen.words), self._random)

    def found(self) -> PartDiversity:
        originals, one_each = _Mean(), _Mean()
        for sample in self._of_kind.values():
            originals.add(self_bleu([original for original, _ in sample.kept]))
            one_each.add(self_bleu([chosen for _, chosen in sample.kept]))
        return PartDiversity(
            self._originals.found(originals.value, None),
            self._one_each.found(one_each.value, self._distances_one.value),
            self._rephrasings.found(self._in_step.value, self._distances.value),
        )


class _Distinct:
    """Words and pairs of words, counted once and as often as they come."""

    def __init__(self, name: str, seen: Seen) -> None:
        self._seen = seen
        self._names = number_of(f"{name} 1"), number_of(f"{name} 2")
        self._texts = 0
        self._all, self._different = [0, 0], [0, 0]

    def add(self, wording: Wording) -> None:
        self._texts += 1
        for order, grams in enumerate((wording.singles, wording.pairs)):
            self._all[order] += len(grams)
            self._different[order] += self._seen.add(grams, self._names[order])

    def found(self, self_bleu: float | None, distance: float | None) -> Diversity:
        one, two = (different / count if count else None for different, count in zip(self._different, self._all, strict=True))
        return Diversity(self._texts, one, two, self_bleu, distance)


class _Sample:
    """Every text with the same chance (reservoir sampling)."""

    def __init__(self) -> None:
        self.kept: list[tuple[Sequence[str], Sequence[str]]] = []
        self._came = 0

    def add(self, pair: tuple[Sequence[str], Sequence[str]], rng: random.Random) -> None:
        self._came += 1
        if len(self.kept) < MOST_OF_A_KIND:
            self.kept.append(pair)
        elif (place := rng.randrange(self._came)) < MOST_OF_A_KIND:
            self.kept[place] = pair


class _Mean:
    """Of what there is; None of nothing."""

    def __init__(self) -> None:
        self._sum, self._count = 0.0, 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self._sum += value
            self._count += 1

    @property
    def value(self) -> float | None:
        return self._sum / self._count if self._count else None
