"""Which of many texts to compare: MinHash (the library `rensa`) in bands, looked at one band at a time.

`rensa` has an index of its own, but keeps all of it in memory, and gives whole buckets. Here what is kept of a text is a
number of four bytes for each band, on disk, and in a bucket a text meets a few others only.
"""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, Final
from zlib import crc32

from rensa import RMinHash  # type: ignore[import-untyped]

_SEED: Final = 42
_MISSED: Final = 0.003
"""Chance that two texts of just the threshold's likeness are in no bucket together; for others it is smaller."""
_MOST_BANDS: Final = 16
_NUMBER: Final = array("I").itemsize
_DIVISION: Final = 1 << 14
_TOGETHER: Final = 256


def shape_of_bands(threshold: float) -> tuple[int, int]:
    """How many bands, and of how many hashes each. The more hashes, the fewer texts share a bucket by chance."""
    for rows in range(16, 0, -1):
        chance = threshold**rows
        bands = math.ceil(math.log(_MISSED) / math.log1p(-chance)) if chance < 1 else 1
        if bands <= _MOST_BANDS:
            return bands, rows
    return _MOST_BANDS, 1


class Bands:
    """The bucket of each text, by band. Texts are numbered from 0 in the order in which they come."""

    def __init__(self, threshold: float, most: int, file: IO[bytes]) -> None:
        """`most`: texts at most. `file`: for nothing else, open for writing and reading."""
        self._count, self._rows = shape_of_bands(threshold)
        self._most = most
        self._size = 0
        self._waiting: list[Collection[str]] = []
        self._file = file.fileno()

    def clear(self) -> None:
        self._size = 0

    def add(self, grams: Collection[str]) -> None:
        """`grams`: not none."""
        self._waiting.append(grams)
        if len(self._waiting) == _TOGETHER:
            self._flush()

    def _flush(self) -> None:
        width = self._rows * _NUMBER
        buckets = [array("I") for _ in range(self._count)]
        for digest in RMinHash.digests_from_token_sets(self._waiting, self._count * self._rows, _SEED):
            hashes = array("I", digest).tobytes()
            for band, bucket in enumerate(buckets):
                bucket.append(crc32(hashes[band * width : (band + 1) * width]))
        for band, bucket in enumerate(buckets):
            os.pwrite(self._file, bucket.tobytes(), (band * self._most + self._size) * _NUMBER)
        self._size += len(self._waiting)
        self._waiting = []

    def __iter__(self) -> Iterator[array[int]]:
        """For each band, the bucket of each text."""
        self._flush()
        for band in range(self._count):
            read = os.pread(self._file, self._size * _NUMBER, band * self._most * _NUMBER)
            buckets = array("I")
            buckets.frombytes(read)
            yield buckets


def divisions(buckets: Sequence[int]) -> Iterator[Iterable[int]]:
    """All places in parts of some ten thousand, those with the same bucket in the same part; in each part in order.

    What is known of the buckets of one part can be forgotten before the next.
    """
    if len(buckets) <= _DIVISION:
        yield range(len(buckets))
        return
    count = len(buckets) // _DIVISION + 1
    parts = [array("I") for _ in range(count)]
    for place, bucket in enumerate(buckets):
        parts[bucket % count].append(place)
    yield from parts
