"""Slips of the finger: when two words are one word, once mistyped.

One letter more, less or another often makes another word (`contract`, `contact`; `hotel`, `hostel`) or another name
(`Hansen`, `Hanson`), so being one edit apart is not enough. See `is_mistyped`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.validation.duplicates import is_slip
from core.validation.numbers import read_number_words
from core.validation.word_lists import FUNCTION_WORDS

SHORTEST: Final = 6
"""Letters of the shorter word. Below, too many words are one letter apart (`right`, `night`; `three`, `there`)."""
_LONG: Final = 8
"""Letters from which on a letter inside the word may be missing, added or another one."""


def is_mistyped(word: str, other: str) -> bool:
    """Whether the two, in lower case, are one word to a reader: one edit apart (OSA), with the same first letter, and

    - two neighbouring letters have changed places, or a double letter is single, in words of six letters and more; or
    - a letter is missing, added or another one, not at the end (`booking`, `bookings`), in words of eight and more.

    Two well-known words are two words, and numbers are never mistyped.
    """
    if min(len(word), len(other)) < SHORTEST or word[0] != other[0] or not is_slip(word, other):
        return False
    if (word in FUNCTION_WORDS and other in FUNCTION_WORDS) or is_number_word(word) or is_number_word(other):
        return False
    shorter, longer = sorted((word, other), key=len)
    place = next((at for at, (one, two) in enumerate(zip(shorter, longer, strict=False)) if one != two), len(shorter))
    if len(shorter) == len(longer):
        if sorted(shorter) == sorted(longer):
            return True
    elif longer[place] == longer[place - 1]:
        return True
    return len(shorter) >= _LONG and place < len(longer) - 1


@lru_cache(maxsize=65536)
def put_right(word: str) -> str:
    """The well-known word (of politeness, of grammar: `FUNCTION_WORDS`) that was mistyped, or the word itself."""
    if len(word) < SHORTEST or word in FUNCTION_WORDS:
        return word
    near = process.extract(word, _WELL_KNOWN.get(word[0], ()), scorer=OSA.distance, score_cutoff=1, limit=None)
    meant = [known for known, _, _ in near if is_mistyped(word, known)]
    return meant[0] if len(meant) == 1 else word


@lru_cache(maxsize=65536)
def is_number_word(word: str) -> bool:
    """`one` counts for none: it stands for things as often (`the other one`)."""
    return word not in _ALSO_NO_NUMBERS and read_number_words(word) is not None


_ALSO_NO_NUMBERS: Final = frozenset(("one", "一"))


def _by_first_letter(words: frozenset[str]) -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        if len(word) >= SHORTEST:
            found[word[0]].append(word)
    return found


_WELL_KNOWN: Final = _by_first_letter(FUNCTION_WORDS)
