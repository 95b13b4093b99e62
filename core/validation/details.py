"""Details that a rephrasing adds, drops or changes though its commands stay the same.

What can be told from the text alone (numbers, addresses, names, days) is compared with the original and with what was said
before. For other words the siblings are the measure, so that no list of synonyms is needed: what the original says and
(nearly) all other rephrasings keep is meant to be kept.

| finding | where                                                                                        |
| ------- | -------------------------------------------------------------------------------------------- |
| added   | a mark that nothing before it holds; content words put into or beside a copy of the original |
| dropped | a mark that most siblings keep; a word that all keep; the original cut off                    |
| changed | one of each; a stretch of the original or its end exchanged; a denial that comes or goes; he for she |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Final

from rapidfuzz.distance import Levenshtein

from core.commands import SetSlot
from core.validation.marks import Mark, marks_of, said_numbers
from core.validation.models import Reason, ReasonCode, StepFacts
from core.validation.word_lists import listed
from core.validation.words import Text, Word, has_key, is_unspaced, read, unify

_LEAST_SIBLINGS: Final = 4
"""Below, agreement of the siblings says nothing."""
_LONG_ORIGINAL: Final = 5
"""Words (or unspaced characters) from which on a copy of the original with more behind it is no chance."""
_SHORT_ORIGINAL: Final = 3
_MOST_EDITS: Final = 2
"""Stretches that may differ in a copy, one of them in function words only."""
_LONGEST_STRETCH: Final = 3
_HE: Final = listed("he him his himself 他")
_SHE: Final = listed("she her hers herself 她")


def changed_details(facts: StepFacts, text: str, siblings: Sequence[str]) -> list[Reason]:
    """At most one reason for each of added, dropped and changed, with the words as its detail."""
    compared = _Compared(facts, read(facts.original), read(text), tuple(read(sibling) for sibling in siblings))
    added, dropped = _marks(facts, text, siblings)
    changed = (_exchanged(compared) or _other_end(compared)) + _denial(compared) + _person(compared)
    added += [] if added or changed else _appended(compared)
    dropped += [] if changed else _words_all_keep(compared) or _cut_off(compared)
    if not changed and dropped and added:
        changed, added, dropped = [f"{' '.join(dropped)} → {' '.join(added)}"], [], []
    found = (
        (ReasonCode.ADDED_DETAIL, added),
        (ReasonCode.DROPPED_DETAIL, dropped),
        (ReasonCode.CHANGED_DETAIL, changed),
    )
    return [Reason(code, ", ".join({word.casefold(): word for word in words}.values())) for code, words in found if words]


@dataclass(frozen=True, slots=True)
class _Compared:
    """A rephrasing beside its original and its siblings."""

    facts: StepFacts
    original: Text
    said: Text
    others: tuple[Text, ...]

    @property
    def gone(self) -> list[str]:
        """Keys of the content words of the original that the rephrasing has in no form."""
        return [key for key in self.original.content if not has_key(key, self.said.keys)]

    def missing(self, key: str) -> int:
        """How many siblings lack the word."""
        return sum(not has_key(key, other.keys) for other in self.others)

    def novel(self) -> list[str]:
        """Content words that neither the original nor what was said before nor a sibling has."""
        before = (_before(line.text) for line in self.facts.history)
        keys = self.original.keys.union(*before, *(other.keys for other in self.others))
        return _shown(self.said, [key for key in self.said.content if not has_key(key, keys)])

    def novel_of_domain(self, novel: Sequence[str]) -> list[str]:
        """Those of the novel words that are the assistant's own; characters count in pairs."""
        characters = {word for word in novel if is_unspaced(word)}
        pairs = [pair for pair in self.said.pairs & self.facts.vocabulary if characters & set(pair)]
        return [word for word in novel if word in self.facts.vocabulary and word not in characters] + sorted(pairs)

    @property
    def enough_siblings(self) -> bool:
        return len(self.others) >= _LEAST_SIBLINGS


def _marks(facts: StepFacts, text: str, siblings: Sequence[str]) -> tuple[list[str], list[str]]:
    own, wanted = marks_of(text), marks_of(facts.original)
    known = {mark.key for mark in wanted}.union(*(_before(line.text) for line in facts.history), said_numbers(facts.original))
    known.update(word.key for word in read(facts.original).words)
    for command in facts.commands:
        if isinstance(command, SetSlot) and command.value is not None:
            known |= _before(command.value)
    before = (facts.original, *(line.text for line in facts.history))
    added = [mark.shown for mark in own if mark.key not in known and not _is_usual(mark, siblings) and not _is_in(mark, before)]
    kept = _before(text)
    dropped = [
        mark.shown
        for mark in wanted
        if mark.key not in kept and not _is_often_dropped(mark, siblings) and not _is_in(mark, (text,))
    ]
    return sorted(added), sorted(dropped)


def _is_in(mark: Mark, texts: Iterable[str]) -> bool:
    """Whether one of the texts has a quotation without its marks, or an address amid other letters."""
    return mark.kind in ("quote", "address") and any(mark.key in unify(text).casefold() for text in texts)


@lru_cache(maxsize=4096)
def _before(text: str) -> frozenset[str]:
    """What a text says, as keys that marks are compared by."""
    return frozenset(mark.key for mark in marks_of(text)) | said_numbers(text) | read(text).keys


def _is_usual(mark: Mark, siblings: Sequence[str]) -> bool:
    """Half of the siblings say it too: it comes from somewhere."""
    return sum(mark.key in _before(sibling) for sibling in siblings) * 2 >= max(len(siblings), 1)


def _is_often_dropped(mark: Mark, siblings: Sequence[str]) -> bool:
    return sum(mark.key not in _before(sibling) for sibling in siblings) * 2 >= max(len(siblings), 1)


def _words_all_keep(compared: _Compared) -> list[str]:
    """Content words of the original that this text alone drops: one if it says nothing new instead, which might be the same
    in another word, or several."""
    if not compared.enough_siblings:
        return []
    few = len(compared.others) // 8  # with many siblings another may drop them too
    gone = _shown(compared.original, [key for key in compared.gone if compared.missing(key) <= few])
    weight = sum(0.5 if is_unspaced(word) else 1 for word in gone)
    return gone if weight >= 2 or not compared.novel() else []


def _exchanged(compared: _Compared) -> list[str]:
    """The original word by word but for one stretch, where most siblings keep its words and none has the new ones."""
    found = _one_stretch(compared)
    if found is None or not found[0] or not found[1]:
        return []
    gone, new = found
    kept = any(compared.missing(word.key) * 3 <= len(compared.others) for word in gone)
    if not kept and not compared.novel_of_domain([word.plain for word in new]):
        return []
    return [f"{' '.join(word.shown for word in gone)} → {' '.join(word.shown for word in new)}"]


def _other_end(compared: _Compared) -> list[str]:
    """Begins like the original, and then exchanges what it says for content words that no other text has."""
    original, said = compared.original, compared.said
    pairs = zip(original.words, said.words, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0].plain == pair[1].plain, pairs))
    if shared < max(_LONG_ORIGINAL, 0.4 * len(original.words)):
        return []
    novel = set(compared.novel())
    new = [word.shown for word in said.words[shared:] if word.plain in novel]
    gone = [word.shown for word in original.words[shared:] if word.key in compared.gone]
    return [f"{' '.join(gone)} → {' '.join(new)}"] if gone and new else []


def _one_stretch(compared: _Compared) -> tuple[list[Word], list[Word]] | None:
    """The content words of the only stretch where two wordings differ, those of the text new to all siblings; else None."""
    original, said = compared.original, compared.said
    if len(original.words) < _SHORT_ORIGINAL or not compared.others:
        return None
    edits = _stretches(_plain(original), _plain(said))
    if len(edits) > _MOST_EDITS or sum(end - start for start, end, *_ in edits) * 2 >= len(original.words):
        return None
    telling = []
    for start, end, new_start, new_end in edits:
        gone = [word for word in original.words[start:end] if not word.is_function]
        new = [word for word in said.words[new_start:new_end] if not word.is_function]
        if gone or new:
            telling.append((gone, new))
    if (
        len(telling) != 1
        or len(telling[0][1]) > _LONGEST_STRETCH
        or any(not _is_alone(word, compared.others) for word in telling[0][1])
    ):
        return None
    return telling[0]


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


def _is_alone(word: Word, others: Iterable[Text]) -> bool:
    return not any(has_key(word.key, other.keys) for other in others)


def _cut_off(compared: _Compared) -> list[str]:
    """A piece of the original, without content words that most siblings keep."""
    if len(compared.said.words) >= len(compared.original.words):
        return []
    if not _holds(_plain(compared.original), _plain(compared.said)):
        return []
    gone = [key for key in compared.gone if compared.missing(key) * 3 <= len(compared.others)]
    return _shown(compared.original, gone)


def _appended(compared: _Compared) -> list[str]:
    """New matter beside all that the original says: a word of the assistant's own put into a copy of it, or two content
    words of any kind before or behind the copy."""
    if compared.gone or not compared.others:
        return []
    novel = compared.novel()
    of_domain = compared.novel_of_domain(novel)
    inserted = _one_stretch(compared)
    if len(compared.original.words) < _LONG_ORIGINAL:
        return []
    grown = len(compared.said.words) - len(compared.original.words)
    if inserted is not None and not inserted[0] and of_domain and grown <= _LONGEST_STRETCH:
        return of_domain
    return novel if len(novel) >= 2 and _holds(_plain(compared.said), _plain(compared.original)) else []


def _denial(compared: _Compared) -> list[str]:
    """A negation that comes or goes in this text alone, which else says nothing new: with other words a denial may only be
    another way to say it ("never made" and "not mine", "lost" and "cannot find")."""
    original, said = compared.original, compared.said
    if original.denies == said.denies or not compared.enough_siblings:
        return []
    alike = sum(other.denies == original.denies for other in compared.others)
    if len(compared.others) - alike > len(compared.others) // 8 or said.content - original.content:
        return []
    if len(compared.gone) * 2 > len(original.content):
        return []
    return ["negation dropped" if original.denies else "negation added"]


def _person(compared: _Compared) -> list[str]:
    before, after = ({word.plain for word in text.words} for text in (compared.original, compared.said))
    for own, other in ((_HE, _SHE), (_SHE, _HE)):
        if before & own and not before & other and after & other and not after & own:
            return [f"{min(before & own)} → {min(after & other)}"]
    return []


def _plain(text: Text) -> list[str]:
    return [word.plain for word in text.words]


def _holds(long: Sequence[str], short: Sequence[str]) -> bool:
    """Whether `short` is a stretch of `long`."""
    return any(list(long[at : at + len(short)]) == list(short) for at in range(len(long) - len(short) + 1))


def _shown(text: Text, keys: Iterable[str]) -> list[str]:
    """The words of the keys as the text has them, in its order."""
    wanted = set(keys)
    return list(dict.fromkeys(word.plain for word in text.words if word.key in wanted))
