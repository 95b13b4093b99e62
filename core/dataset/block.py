"""The messages of one block: of one state, with the same values, compared in the same way, and none equal to another."""

from __future__ import annotations

from array import array
from functools import lru_cache
from itertools import combinations
from typing import IO, Final

from core.dataset.candidates import Bands, divisions
from core.dataset.forest import Forest
from core.dataset.likeness import Form, grams, looks_alike, outline, says_the_same
from core.dataset.texts_on_disk import TextsOnDisk

_FEW: Final = 16
"""Messages up to which every pair is compared, which is faster than looking for candidates."""
_MET: Final = 3
"""Messages that another one meets in a bucket."""
_MOST_FAILURES: Final = 24
_LEAST_FAILURES: Final = 4
_FAILURES_OF_ALL: Final = 500_000
"""Comparisons of one message that may fail, and of a large block together: after that its buckets hold boilerplate, and it
meets nobody more."""
_MOST_LEADERS: Final = 64
"""Classes of the same outline that a message is compared with before it gets a class of its own."""
_GRAMS_KEPT: Final = 256
BETWEEN: Final = "\0"


class Block:
    """One block after another: `add` its messages in the order of their items, then `settle` it."""

    def __init__(self, threshold: float, most: int, alike: Forest, joined: Forest, texts: IO[bytes], bands: IO[bytes]) -> None:
        """`most`: messages of one block at most. `texts`, `bands`: empty files for what is not kept in memory."""
        self._threshold, self._alike, self._joined = threshold, alike, joined
        self._items = array("I")
        self._texts = TextsOnDisk(texts)
        self._form: Form = "spaced"
        self._may_fail = _MOST_FAILURES
        self._bands = Bands(threshold, most, bands)
        self._grams = lru_cache(maxsize=_GRAMS_KEPT)(self._read_grams)

    def add(self, item: int, form: Form, text: str) -> None:
        """`text`: as it is compared, `BETWEEN`, and as it is written."""
        self._form = form
        self._items.append(item)
        self._texts.append(text)

    def settle(self) -> None:
        """Joins look-alikes and duplicates, and forgets the block."""
        if len(self._items) > 1:
            if len(self._items) <= _FEW:
                for one, other in combinations(range(len(self._items)), 2):
                    self._join(one, other)
            else:
                self._join_candidates()
            self._lead()
        self._items = array("I")
        self._texts.clear()
        self._grams.cache_clear()

    def _plain(self, place: int) -> str:
        return self._texts[place].partition(BETWEEN)[0]

    def _read_grams(self, place: int) -> frozenset[str]:
        return grams(self._plain(place), self._form)

    def _join(self, one: int, other: int) -> bool:
        """Joins them if they look alike."""
        if not looks_alike(self._grams(one), self._grams(other), self._threshold):
            return False
        self._joined.join(self._items[one], self._items[other])
        return True

    def _join_candidates(self) -> None:
        self._bands.clear()
        for place in range(len(self._items)):
            self._bands.add(self._read_grams(place))
        self._may_fail = max(_LEAST_FAILURES, min(_MOST_FAILURES, _FAILURES_OF_ALL // len(self._items)))
        failures = bytearray(len(self._items))
        for buckets in self._bands:
            for places in divisions(buckets):
                met: dict[int, list[int]] = {}
                for place in places:
                    others = met.get(buckets[place])
                    if others is None:
                        met[buckets[place]] = [place]
                    else:
                        self._meet(place, others, failures)

    def _meet(self, place: int, others: list[int], failures: bytearray) -> None:
        """`others`: of the bucket, its first message, and the latest one of each of its latest sets."""
        root, items = self._joined.root, self._items
        for other in others:
            if root(items[other]) != root(items[place]) and failures[place] < self._may_fail:
                failures[place] += not self._join(other, place)
        own = root(items[place])
        earlier = next((at for at in range(1, len(others)) if root(items[others[at]]) == own), None)
        if earlier is not None:
            del others[earlier]
        elif len(others) == _MET:
            del others[1]
        others.append(place)

    def _lead(self) -> None:
        """Each message goes to the first class that it is a duplicate of the first message of, or opens one."""
        outlines = array("I", (outline(self._plain(place)) for place in range(len(self._items))))
        for places in divisions(outlines):
            leaders: dict[int, list[int]] = {}
            for place in places:
                others = leaders.setdefault(outlines[place], [])
                leader = next((other for other in others if self._is_duplicate(other, place)), None)
                if leader is not None:
                    self._alike.join(self._items[leader], self._items[place])
                    self._joined.join(self._items[leader], self._items[place])
                elif len(others) < _MOST_LEADERS:
                    others.append(place)

    def _is_duplicate(self, one: int, other: int) -> bool:
        if not looks_alike(self._grams(one), self._grams(other), self._threshold):
            return False
        plain, _, shown = self._texts[one].partition(BETWEEN)
        other_plain, _, other_shown = self._texts[other].partition(BETWEEN)
        return says_the_same(plain, other_plain, (shown, other_shown))
