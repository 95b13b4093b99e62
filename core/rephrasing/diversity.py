"""How different a step's rephrasings are: from each other, and from the original.

- distinct-n: different n-grams of all texts over all their n-grams (Li et al. 2016, "A Diversity-Promoting Objective
  Function for Neural Conversation Models"). 1: no n-gram comes twice.
- self-BLEU: the mean BLEU of each text with all others as its references (Zhu et al. 2018, "Texygen"). 0: nothing in
  common, 1: all the same. BLEU here takes uniform weights over the orders 1 to 4 that the text is long enough for, adds
  one to counts of the orders above 1 (Lin and Och 2004), and has the usual penalty for brevity: user messages are short.
- edit distance: characters to insert, delete or replace to get from the original to the text, over the longer one's
  length; its mean. 0: the original, 1: nothing left of it.

Words are those of `core.rephrasing.words`. A repeated text counts: it is what these figures are to show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from core.rephrasing.words import words_of

_MOST = 4
_Grams = Counter[tuple[str, ...]]
_Most = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of `texts` texts; None where there is nothing to measure (self-BLEU needs two texts, distinct-2 two words)."""

    texts: int
    distinct_1: float | None
    distinct_2: float | None
    self_bleu: float | None
    edit_distance: float | None

    def as_data(self) -> dict[str, float | int | None]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}

    def __str__(self) -> str:
        return (
            f"distinct-1 {_shown(self.distinct_1)}, distinct-2 {_shown(self.distinct_2)},"
            f" self-BLEU {_shown(self.self_bleu)}, edit distance to the original {_shown(self.edit_distance)}"
        )


def step_diversity(original: str, texts: Sequence[str]) -> Diversity:
    """Of one user step's rephrasings."""
    words = [words_of(text) for text in texts]
    distances = _mean(edit_distance(original, text) for text in texts)
    return Diversity(len(texts), distinct(words, 1), distinct(words, 2), self_bleu(words), distances)


def pooled(steps: Sequence[tuple[str, Sequence[str]]], each: Sequence[Diversity]) -> Diversity:
    """Of many steps, (original, texts) each: distinct-n over all texts together, of the other two the mean over steps.

    Texts of different steps say different things, so they are no references for each other.
    """
    grams = {order: (set[tuple[str, ...]](), [0]) for order in (1, 2)}
    for _, texts in steps:
        for text in texts:
            words = words_of(text)
            for order, (different, count) in grams.items():
                found = [tuple(words[at : at + order]) for at in range(len(words) - order + 1)]
                different.update(found)
                count[0] += len(found)
    shares = [len(different) / count[0] if count[0] else None for different, count in grams.values()]
    return Diversity(
        sum(one.texts for one in each),
        shares[0],
        shares[1],
        _mean(one.self_bleu for one in each if one.self_bleu is not None),
        _mean(one.edit_distance for one in each if one.edit_distance is not None),
    )


def distinct(texts: Iterable[Sequence[str]], order: int) -> float | None:
    """distinct-n of texts that are cut into words; None if none is `order` words long."""
    grams = [tuple(words[at : at + order]) for words in texts for at in range(len(words) - order + 1)]
    return len(set(grams)) / len(grams) if grams else None


def self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """None for less than two texts. Texts without a word have nothing in common with any. Takes time linear in the texts."""
    if len(texts) < 2:
        return None
    lengths = Counter(len(words) for words in texts)
    counted = [[_grams(words, order) for words in texts] for order in range(1, _MOST + 1)]
    most = [_most(grams) for grams in counted]
    return _mean(
        _bleu(at, [grams[at] for grams in counted], most, len(words), _nearest(lengths, len(words)))
        for at, words in enumerate(texts)
    )


def _most(texts: Sequence[_Grams]) -> Mapping[tuple[str, ...], _Most]:
    """Of every n-gram: how often the text that has it most has it, which text that is, and how often the next one has it."""
    found: dict[tuple[str, ...], _Most] = {}
    for at, grams in enumerate(texts):
        for gram, count in grams.items():
            first, owner, second = found.get(gram, (0, -1, 0))
            found[gram] = (count, at, first) if count > first else (first, owner, max(second, count))
    return found


def _nearest(lengths: Counter[int], length: int) -> int:
    """The length of another text that is nearest to this text's, the shorter one of two."""
    if lengths[length] > 1:
        return length
    return min((other for other in lengths if other != length), key=lambda other: (abs(other - length), other))


def _bleu(at: int, own: Sequence[_Grams], most: Sequence[Mapping[tuple[str, ...], _Most]], length: int, nearest: int) -> float:
    """Of the text `at` with all others as its references, by the counts of `_most`."""
    if not length:
        return 0.0
    logs = []
    for order in range(min(_MOST, length)):
        total, matched = length - order, 0
        for gram, count in own[order].items():
            first, owner, second = most[order][gram]
            matched += min(count, second if owner == at else first)
        if order:
            matched, total = matched + 1, total + 1
        if not matched:
            return 0.0
        logs.append(math.log(matched / total))
    brevity = 1.0 if length >= nearest else math.exp(1 - nearest / length)
    return brevity * math.exp(sum(logs) / len(logs))


def _grams(words: Sequence[str], order: int) -> _Grams:
    return Counter(tuple(words[at : at + order]) for at in range(len(words) - order + 1))


def edit_distance(original: str, text: str) -> float:
    """0: the same, 1: nothing left of the original."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_distance(original, text)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
