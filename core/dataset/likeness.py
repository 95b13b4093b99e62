"""When two user messages are the same or nearly the same.

Two questions, because the two mistakes cost differently. A *duplicate* is taken out of a dataset, and if it said something
else, that is lost: so duplicates must say the same. A *look-alike* must not stand on the other side of a split, whatever it
says: so looking alike is enough. Every duplicate is a look-alike.

Two texts are equal if they are after normalisation (`core.rephrasing.words`) and hold the same values. Two texts with other
values are neither duplicates nor look-alikes, and equal to nothing: numbers, in digits or in words, in their order; signs
before numbers; `%`, currencies, emoji and all other symbols; e-mail addresses, `@` and `#`.

Below a threshold of 1, English contractions count as written out (`dont`, `don't`, `do not`), and:

- Texts of fewer than five words or twenty characters (eight, in scripts without spaces between words) must be equal, after
  well-known words that were mistyped are put right (`core.dataset.slips`): `plaese` is `please`. Nothing else is, since a
  short answer is mostly a value: `yes` and `yep`, `Basel` and `Bern`, `Hanson` and `Hansson` are two.
- Longer ones look alike if their sets of character 5-grams have a Jaccard index of at least the threshold. In scripts without
  spaces 2-grams are taken: there a character says as much as half a word. At 0.8 that is one letter in 41 changed, or one
  character in 17.
- They are duplicates if moreover they have the same words in the same order, apart from fillers
  (`core.validation.duplicates.FILLERS`) that came or went but did not move (`can I …`, `I can …`), and from mistyped words that
  are no names. So negations, directions, pronouns, days and names always make a difference. Of eleven pairs among 2,200 real
  messages that were at 0.8 and above, seven said something else (savings or checking account, her or him, this or last month).

A payload (`/SetSlots(…)`, what a button sends) must be equal, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from zlib import crc32

from core.dataset.slips import SHORTEST, is_mistyped, is_number_word, put_right
from core.rephrasing.words import normalised
from core.validation.duplicates import FILLERS, is_name
from core.validation.word_lists import CONTRACTIONS
from core.validation.words import is_unspaced, read

Form = Literal["short", "spaced", "unspaced"]
"""What two texts must have in common to be compared, since it decides how."""

_LEAST_WORDS: Final = 5
_LEAST_CHARACTERS: Final = 20
_LEAST_UNSPACED: Final = 8
_GRAM: Final[Mapping[Form, int]] = {"spaced": 5, "unspaced": 2}
_HAS_VALUE: Final = re.compile(r"[\d@#%$+<=>^|~]|[^\x00-\x7f]")
_VALUE: Final = re.compile(
    r"[a-z0-9._%+-]*@[a-z0-9._-]*[a-z0-9]"
    r"|(?:(?<![\w.,])[-\u2212+])?[a-z0-9]*\d(?:[a-z0-9.,:/_-]*[a-z0-9])?"
    r"|[@#%$+<=>^|~]|[^\x00-\x7f]"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared. `plain`: its words, normalised, with blanks between them; `values`: equal for equal values."""

    plain: str
    values: str
    form: Form


def wording_of(text: str, threshold: float) -> Wording:
    """`threshold`: at 1 nothing but normalisation is done to the text."""
    plain = normalised(text)
    if threshold >= 1:
        return Wording(plain, values_of(text, plain.split()), "short")
    words = [part for word in plain.split(" ") for part in _WRITTEN_OUT.get(word, (word,))]
    form: Form = "short" if text.startswith("/") else _form(words)
    if form == "short":
        words = [put_right(word) for word in words]
    return Wording(" ".join(words), values_of(text, words), form)


def values_of(text: str, words: Iterable[str]) -> str:
    """The values that a text names, in its order; its `words` for the numbers that are said in words."""
    said = [word for word in words if is_number_word(word)]
    if _HAS_VALUE.search(text) is not None:
        folded = unicodedata.normalize("NFKC", text).casefold()
        found = (match[0] for match in _VALUE.finditer(folded))
        said += [value for value in found if value.isascii() or len(value) > 1 or _is_symbol(value)]
    return " ".join(said)


@lru_cache(maxsize=8192)
def _is_symbol(character: str) -> bool:
    return character.isdigit() or unicodedata.category(character)[0] == "S"


def _form(words: Sequence[str]) -> Form:
    letters = sum(map(len, words))
    alone = 0 if all(map(str.isascii, words)) else sum(map(is_unspaced, words))
    if 2 * alone > letters:
        return "unspaced" if letters >= _LEAST_UNSPACED else "short"
    return "short" if len(words) < _LEAST_WORDS or letters + len(words) - 1 < _LEAST_CHARACTERS else "spaced"


def grams(plain: str, form: Form) -> frozenset[str]:
    """The character n-grams of a text that is not short, with blanks before and behind it so that its ends count as much."""
    length = _GRAM[form]
    ends = " " * (length - 1)
    padded = f"{ends}{plain if form == 'spaced' else plain.replace(' ', '')}{ends}"
    return frozenset([padded[at : at + length] for at in range(len(padded) - length + 1)])


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def looks_alike(one: frozenset[str], other: frozenset[str], threshold: float) -> bool:
    """Whether two sets of n-grams are as alike as that."""
    fewer, more = sorted((len(one), len(other)))
    return fewer >= threshold * more and jaccard(one, other) >= threshold


def outline(plain: str) -> int:
    """Equal for texts that say the same (`says_the_same`): what a filler or a mistyped word leaves as it is."""
    kept = (word if len(word) < SHORTEST else word[0] for word in plain.split(" ") if word not in FILLERS)
    return crc32(" ".join(kept).encode())


def says_the_same(one: str, other: str, texts: tuple[str, str]) -> bool:
    """Whether two texts, as plain words, differ in fillers and mistyped words only. `texts`: the two as they are written."""
    words, fillers = _parted(one)
    other_words, other_fillers = _parted(other)
    if len(words) != len(other_words):
        return False
    for word, another in zip(words, other_words, strict=True):
        if word != another and not (is_mistyped(word, another) and not _is_name(texts[0], word, texts[1], another)):
            return False
    gone, come = set[str](), set[str]()
    for before, after in zip(fillers, other_fillers, strict=True):
        gone |= before - after
        come |= after - before
    return not gone & come


@lru_cache(maxsize=256)
def _parted(plain: str) -> tuple[list[str], list[set[str]]]:
    """The words that count, and the fillers before each of them and behind the last."""
    words: list[str] = []
    fillers: list[set[str]] = [set()]
    for word in plain.split(" "):
        if word in FILLERS:
            fillers[-1].add(word)
        else:
            words.append(word)
            fillers.append(set())
    return words, fillers


def _is_name(text: str, word: str, other_text: str, other: str) -> bool:
    return (_has_capital(text) and is_name(read(text), word)) or (_has_capital(other_text) and is_name(read(other_text), other))


def _has_capital(text: str) -> bool:
    """Not at its beginning. A tenth of the time of reading it."""
    rest = text[1:]
    return rest != rest.lower()


def _written_out() -> Mapping[str, tuple[str, ...]]:
    """By contraction, as normalisation leaves it: without apostrophe. Some are words of their own (`id`, `its`), which does no
    harm: every text is treated so, and `my i would` is nothing that anybody says."""
    endings = {"s": "is", "re": "are", "ve": "have", "ll": "will", "d": "would"}
    subjects = {
        "s": "he she it that what there who where here how", "re": "you we they", "ve": "i you we they",
        "ll": "i you they he she it that", "d": "i you they he it",
    }  # fmt: skip
    denied = "do does did is are was were has have had could would should must need"
    return {
        **{who + ending: (who, verb) for ending, verb in endings.items() for who in subjects[ending].split()},
        **{f"{verb}nt": (verb, "not") for verb in denied.split()},
        **{short.replace("'", ""): parts for short, parts in CONTRACTIONS.items()},
    }


_WRITTEN_OUT: Final = _written_out()
