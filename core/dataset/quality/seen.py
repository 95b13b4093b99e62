"""N-grams of wordings, and which of them have come before, in memory that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from core.rephrasing.words import words_of

FILTER_BITS = 29
"""64 MiB. With 20 million n-grams in it, 0.6 % of new ones are taken for known; with one million, 0.002 %."""

_WORD_BITS = (1 << 64) - 1
_SPREAD, _PAIR = 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, its words, and numbers for its words and pairs of words, as often as they come."""

    text: str
    words: Sequence[str]
    singles: Sequence[int]
    pairs: Sequence[int]

    @property
    def grams(self) -> set[int]:
        """Words and pairs of words, each once."""
        return {*self.singles, *self.pairs}


def wording(text: str) -> Wording:
    words = words_of(text)
    singles = [number_of(word) for word in words]
    pairs = [(first * _PAIR + second) & _WORD_BITS for first, second in pairwise(singles)]
    return Wording(text, words, singles, pairs)


@lru_cache(maxsize=65536)
def number_of(text: str) -> int:
    """64 bits, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


class Seen:
    """A Bloom filter with two positions for each number (Bloom 1970): what it calls new is new."""

    def __init__(self, bits: int = FILTER_BITS) -> None:
        self._bits = bytearray(1 << (bits - 3))
        self._mask = (1 << bits) - 1
        self._shift = 64 - bits

    def add(self, numbers: Iterable[int], among: int) -> int:
        """How many were new among those added with the same `among`; from now on they are known there."""
        bits, mask, shift = self._bits, self._mask, self._shift
        new = 0
        for number in numbers:
            mixed = ((number ^ among) * _SPREAD) & _WORD_BITS
            mixed = ((mixed ^ (mixed >> 29)) * _PAIR) & _WORD_BITS
            low, high = mixed & mask, mixed >> shift
            if not (bits[low >> 3] >> (low & 7) & bits[high >> 3] >> (high & 7) & 1):
                new += 1
                bits[low >> 3] |= 1 << (low & 7)
                bits[high >> 3] |= 1 << (high & 7)
        return new
