"""A rephrasing beside its original and its siblings, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import Levenshtein

from core.validation.marks import marks_of, said_numbers
from core.validation.models import StepFacts
from core.validation.words import Text, Word, has_key, is_unspaced, read

_LEAST_SIBLINGS: Final = 4
"""Below, agreement of the siblings says nothing."""
_MOST_EDITS: Final = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of the original and what stands in its place. `start`: how many words of the original stand before it."""

    start: int
    gone: tuple[Word, ...]
    new: tuple[Word, ...]

    @property
    def content_gone(self) -> list[Word]:
        return [word for word in self.gone if not word.is_function]

    @property
    def content_new(self) -> list[Word]:
        return [word for word in self.new if not word.is_function]


@dataclass(frozen=True, slots=True)
class Wordings:
    """`edits`: where the rephrasing differs from the original, in its order."""

    facts: StepFacts
    original: Text
    said: Text
    others: tuple[Text, ...]
    edits: tuple[Edit, ...]

    @property
    def gone(self) -> list[str]:
        """Keys of the content words of the original that the rephrasing has in no form."""
        return [key for key in self.original.content if not has_key(key, self.said.keys)]

    @property
    def is_near_copy(self) -> bool:
        """The original but for a few stretches, at most half of its words together."""
        changed = sum(max(len(edit.gone), len(edit.new)) for edit in self.edits)
        return len(self.edits) <= _MOST_EDITS and changed * 2 <= len(self.original.words)

    @property
    def differs_in_function_words(self) -> bool:
        """All content words of the original and no others, in few stretches: `changed`, `did not change`. Characters of
        unspaced scripts stand in too many words for that."""
        if self.original.pairs:
            return False
        new = any(not has_key(word.key, self.original.keys) for edit in self.edits for word in edit.content_new)
        return len(self.edits) <= _MOST_EDITS and not new and not self.gone

    @property
    def enough_siblings(self) -> bool:
        return len(self.others) >= _LEAST_SIBLINGS

    def missing(self, key: str) -> int:
        """How many siblings lack the word."""
        return sum(not has_key(key, other.keys) for other in self.others)

    def is_alone(self, word: Word) -> bool:
        """No sibling has the word."""
        return self.missing(word.key) == len(self.others)

    def novel(self) -> list[str]:
        """Content words that neither the original nor what was said before nor a sibling has."""
        before = (keys_of(line.text) for line in self.facts.history)
        keys = self.original.keys.union(*before, *(other.keys for other in self.others))
        return shown(self.said, [key for key in self.said.content if not has_key(key, keys)])

    def novel_of_domain(self, novel: Sequence[str]) -> list[str]:
        """Those of the novel words that are the assistant's own; characters count in pairs."""
        characters = {word for word in novel if is_unspaced(word)}
        pairs = [pair for pair in self.said.pairs & self.facts.vocabulary if characters & set(pair)]
        return [word for word in novel if word in self.facts.vocabulary and word not in characters] + sorted(pairs)


def compare_wordings(facts: StepFacts, text: str, siblings: Iterable[str]) -> Wordings:
    original, said = read(facts.original), read(text)
    edits = tuple(
        Edit(start, original.words[start:end], said.words[new_start:new_end])
        for start, end, new_start, new_end in _stretches(plain(original), plain(said))
    )
    return Wordings(facts, original, said, tuple(read(sibling) for sibling in siblings), edits)


@lru_cache(maxsize=4096)
def keys_of(text: str) -> frozenset[str]:
    """What a text says, as keys that marks are compared by."""
    return frozenset(mark.key for mark in marks_of(text)) | said_numbers(text) | read(text).keys


def plain(text: Text) -> list[str]:
    return [word.plain for word in text.words]


def shown(text: Text, keys: Iterable[str]) -> list[str]:
    """The words of the keys as the text has them, in its order."""
    wanted = set(keys)
    return list(dict.fromkeys(word.plain for word in text.words if word.key in wanted))


def holds(long: Sequence[str], short: Sequence[str]) -> bool:
    """Whether `short` is a stretch of `long`."""
    return any(list(long[at : at + len(short)]) == list(short) for at in range(len(long) - len(short) + 1))


def _stretches(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where the two differ, edits side by side taken as one."""
    found: list[tuple[int, int, int, int]] = []
    for edit in Levenshtein.opcodes(before, after):
        if edit.tag == "equal":
            continue
        if found and found[-1][1] == edit.src_start and found[-1][3] == edit.dest_start:
            found[-1] = (found[-1][0], edit.src_end, found[-1][2], edit.dest_end)
        else:
            found.append((edit.src_start, edit.src_end, edit.dest_start, edit.dest_end))
    return found
