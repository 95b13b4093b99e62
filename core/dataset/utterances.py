"""Classes of user messages that are the same or nearly the same (`core.dataset.likeness`), within one dialogue state.

What two messages are is decided on pairs; which pairs to look at, by MinHash. Texts wait on disk; in memory are some ten bytes
an item, and thirty for each message of the largest state (measured: a million messages in states of 20 take 8 MiB more than
100,000, and 37 MiB more in one state). The classes depend on the items' numbers, states and texts only, not on the order in
which they come or on the machine.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from tempfile import TemporaryFile

from core.dataset.block import BETWEEN, Block
from core.dataset.forest import Forest
from core.dataset.likeness import Form, wording_of


@dataclass(frozen=True, slots=True)
class Utterance:
    """`item`: its number. `state`: key of the dialogue state; only messages of one state are compared."""

    item: int
    state: bytes
    text: str


class UtteranceClasses:
    """Items that were not given are alone."""

    def __init__(self, alike: array[int], joined: array[int]) -> None:
        self._alike, self._joined = alike, joined

    def alike(self, item: int) -> int:
        """The first item (lowest number) whose text is the same or nearly the same, or the item itself. A class is not a
        chain: each text of it is a duplicate of the first one's, or equal to a duplicate."""
        return self._alike[item]

    def joined(self, item: int) -> int:
        """The first item of those that a split must not part: linked, by way of others, by texts that look alike."""
        return self._joined[item]


def classify(
    utterances: Iterable[Utterance],
    size: int,
    threshold: float,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> UtteranceClasses:
    """`size`: items are numbered below it. `threshold`: least Jaccard index of two sets of character n-grams, 0 < x ≤ 1; at 1
    only texts that are equal after normalisation are alike.

    Raises:
        ValueError: a threshold out of range, or an item that was given with two states or texts.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold} is not above 0 and at most 1")
    with closing(sqlite3.connect("", isolation_level=None)) as waiting:  # a file of SQLite's own that goes with the connection
        waiting.execute("PRAGMA journal_mode = OFF")
        waiting.execute("PRAGMA temp_store = FILE")
        waiting.execute("PRAGMA cache_size = -8000")
        waiting.execute(
            "CREATE TABLE said (block BLOB NOT NULL, equal BLOB NOT NULL, item INTEGER NOT NULL, form TEXT NOT NULL, text TEXT)"
        )
        waiting.execute("BEGIN")
        waiting.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?)", _rows(utterances, threshold))
        alike, joined = Forest(size), Forest(size)
        is_first = _join_equal(waiting, alike, joined)
        _join_near(waiting, is_first, threshold, alike, joined, progress)
    return UtteranceClasses(alike.roots(), joined.roots())


_Row = tuple[bytes, bytes, int, Form, str | None]


def _rows(utterances: Iterable[Utterance], threshold: float) -> Iterator[_Row]:
    """Messages that can be compared are of one block: of one state, with the same values, compared in the same way."""
    for one in utterances:
        wording = wording_of(one.text, threshold)
        block = blake2b(one.state, digest_size=12)
        block.update(f"{BETWEEN}{wording.form}{BETWEEN}{wording.values}".encode())
        equal = blake2b(wording.plain.encode(), digest_size=12).digest()
        text = None if wording.form == "short" else wording.plain + BETWEEN + one.text
        yield block.digest(), equal, one.item, wording.form, text


def _join_equal(waiting: sqlite3.Connection, alike: Forest, joined: Forest) -> bytearray:
    """Joins equal texts. Gives 1 for each item that is the first with its text."""
    is_first = bytearray(len(alike))
    is_known = bytearray(len(alike))
    rows = waiting.execute("SELECT block, equal, item FROM said ORDER BY block, equal, item")
    for _, group in groupby(rows, itemgetter(0, 1)):
        first = before = None
        for _, _, item in group:
            if item == before:
                continue
            before = item
            if is_known[item]:
                raise ValueError(f"item {item} was given with two states or texts")
            is_known[item] = 1
            if first is None:
                first = item
                is_first[item] = 1
            else:
                alike.join(first, item)
                joined.join(first, item)
    return is_first


def _join_near(
    waiting: sqlite3.Connection,
    is_first: bytearray,
    threshold: float,
    alike: Forest,
    joined: Forest,
    progress: Callable[[str, int, int], None],
) -> None:
    (total,) = waiting.execute("SELECT count(*) FROM said WHERE text IS NOT NULL").fetchone()
    done = 0
    rows = waiting.execute("SELECT block, form, item, text FROM said WHERE text IS NOT NULL ORDER BY block, item")
    with TemporaryFile(buffering=0) as texts, TemporaryFile(buffering=0) as bands:
        block = Block(threshold, total, alike, joined, texts, bands)
        for _, group in groupby(rows, itemgetter(0)):
            for _, form, item, text in group:
                done += 1
                if done % 10_000 == 0:
                    progress("comparing messages", done, total)
                if is_first[item]:
                    is_first[item] = 0  # it may have been given twice
                    block.add(item, form, text)
            block.settle()
    progress("comparing messages", total, total)
