"""Whether two texts are the same to a reader: what differs is punctuation, case, a contraction, or a letter or particle.

A rephrasing that repeats its original or an earlier one teaches nothing and only weighs its turn more. Another word is
another rephrasing, though: "I want to pay" and "I need to pay" are two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from core.validation.word_lists import listed
from core.validation.words import Text, read

FILLERS: Final = listed(
    "a an the please that is just can could would will want need 请 想 要 需 为 帮 给 替 吧 啊 呢 呀 哦 嘛 了 的 你 您"
)
"""Words that come and go without a change of meaning; `core.dataset.likeness` goes by them, too."""
_LEAST_WORDS: Final = 7
"""Texts with fewer words must be equal: there, one word or letter is a good part of what is said."""


@lru_cache(maxsize=2048)
def normal_form(text: str) -> tuple[str, ...]:
    """The words in lower case: without punctuation, full-width forms, contractions and accents."""
    return tuple(word.plain for word in read(text).words)


def near_duplicate(text: str, other: str) -> float | None:
    """How alike the two are, 1.0 for equal but for punctuation, case, blanks, contractions; None if they are no duplicates."""
    first, second = normal_form(text), normal_form(other)
    if first == second:
        # Two texts without words ("?", "👍") are duplicates only as they are written.
        return 1.0 if first or text.strip() == other.strip() else None
    longer = max(len(first), len(second))
    if min(len(first), len(second)) < _LEAST_WORDS or abs(len(first) - len(second)) > 1:
        return None
    if Levenshtein.distance(first, second, score_cutoff=1) != 1:
        return None
    place = next((at for at, (one, two) in enumerate(zip(first, second, strict=False)) if one != two), longer - 1)
    removed = first[place] if len(first) >= len(second) else ""
    added = second[place] if len(second) >= len(first) else ""
    if (removed in FILLERS or not removed) and (added in FILLERS or not added):
        return 1 - 1 / (2 * longer)
    if removed and added and is_slip(removed, added) and not is_name(read(text), removed) and not is_name(read(other), added):
        return 1 - 1 / (2 * longer)
    return None


def is_slip(word: str, other: str) -> bool:
    """One letter of a longer word differs, or two have changed places. Numbers and addresses are no words."""
    return min(len(word), len(other)) >= 5 and word.isalpha() and other.isalpha() and OSA.distance(word, other) == 1


def is_name(text: Text, plain: str) -> bool:
    """Written with a capital where no sentence begins."""
    return any(word.plain == plain and word.shown[:1].isupper() for word in text.words[1:])
