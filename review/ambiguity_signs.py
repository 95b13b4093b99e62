"""What the texts alone say of a rephrasing, short of what validation calls a finding: signs that rank, not reasons to doubt.

Measured on hand-labelled rephrasings with validation's own checks switched off, where each is found in how many of the
faithful and of the unfaithful whose commands are the label's (305 and 34):

| sign            | what is seen                                                             | faithful | unfaithful |
| --------------- | ------------------------------------------------------------------------ | -------: | ---------: |
| close_copy      | three quarters of its words are those of the original or an earlier text |      2 % |       41 % |
| word_gone       | a content word that three quarters of the siblings keep                  |      8 % |       47 % |
| mostly_new      | more than half of its content words are in no other text                 |      5 % |       15 % |
| cut_down        | most of its content words are gone and at most one is new                |     <1 % |        3 % |
| much_shorter    | less than half of the original's words, and three or more fewer          |      3 % |        6 % |

Tried and left out, for they are as often or more often in faithful ones: a question made of a statement or the other way
round, much longer texts, words that limit (`only`, `until`), a denial that comes or goes elsewhere than in a copy.
The last two signs (shouting, another register) are in none of them; reviewers refuse such texts for style. `cut_down` is hardly
in them either: it was found on 81 fresh rephrasings of the same steps, where it takes four of the nine unfaithful ones that
nothing else had seen, and no faithful one. Its bounds were chosen looking at both collections.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Levenshtein

from core.validation.duplicates import normal_form
from core.validation.language import script_of
from core.validation.models import StepFacts
from core.validation.word_lists import listed
from core.validation.wordings import Wordings, compare_wordings, shown
from core.validation.words import has_key, is_unspaced, read


class Sign(StrEnum):
    CLOSE_COPY = "close_copy"
    WORD_GONE = "word_gone"
    MOSTLY_NEW = "mostly_new"
    CUT_DOWN = "cut_down"
    MUCH_SHORTER = "much_shorter"
    SHOUTING = "shouting"
    REGISTER_SWITCH = "register_switch"


_CLOSE: Final = 0.75
_LEAST_WORDS: Final = 4
"""Of shorter texts one word is more than a quarter."""
_LEAST_SIBLINGS: Final = 4
_MOST: Final = 0.6
# Strong words only: `gonna`, `pls` and `kindly` are in faithful rephrasings.
_SLANG: Final = listed("bro bruh dude dunno imma innit lmao lol omg sup u ur wassup wtf y'all")
_FORMAL: Final = listed("aforementioned henceforth hereby herewith hitherto pursuant respectfully sincerely undersigned")


def signs_of(facts: StepFacts, text: str, siblings: Sequence[str], earlier: int) -> dict[Sign, str]:
    """The signs with their details: the words they are seen by, for people, or nothing.

    `siblings`: the step's other rephrasings, of which the first `earlier` stand before this one.
    """
    compared = compare_wordings(facts, text, _of_one_script(facts.original, siblings))
    found = {
        Sign.CLOSE_COPY: _close_copy(facts.original, text, siblings[:earlier]),
        Sign.WORD_GONE: _word_gone(compared),
        Sign.MOSTLY_NEW: _mostly_new(compared),
        Sign.CUT_DOWN: _cut_down(compared),
        Sign.MUCH_SHORTER: "" if _much_shorter(compared) else None,
        Sign.SHOUTING: "" if _shouting(facts.original, text) else None,
        Sign.REGISTER_SWITCH: _register(compared),
    }
    return {sign: detail for sign, detail in found.items() if detail is not None}


def _of_one_script(original: str, siblings: Sequence[str]) -> list[str]:
    """Rough beside validation's `comparable`, and at a quarter of its cost: a sibling in another language is one of many."""
    script = script_of(original)
    return [sibling for sibling in siblings if script_of(sibling) == script]


def _close_copy(original: str, text: str, before: Sequence[str]) -> str | None:
    words = normal_form(text)
    if len(words) < _LEAST_WORDS:
        return None
    for other in (original, *before):
        if Levenshtein.normalized_similarity(words, normal_form(other), score_cutoff=_CLOSE):
            return other
    return None


def _word_gone(compared: Wordings) -> str | None:
    if len(compared.others) < _LEAST_SIBLINGS:
        return None
    gone = [key for key in compared.gone if compared.missing(key) * 4 <= len(compared.others)]
    return _listed(shown(compared.original, gone)) if gone else None


def _mostly_new(compared: Wordings) -> str | None:
    if len(compared.others) < _LEAST_SIBLINGS or len(compared.said.content) < 2:
        return None
    novel = compared.novel()
    return _listed(novel) if len(novel) * 2 > len(compared.said.content) else None


def _cut_down(compared: Wordings) -> str | None:
    """The words that are gone, where they are most of the original's and hardly anything stands in their place."""
    gone, content = compared.gone, compared.original.content
    if len(gone) < 2 or len(gone) < _MOST * len(content) or len(compared.said.words) > _MOST * len(compared.original.words):
        return None
    new = [key for key in compared.said.content if not has_key(key, compared.original.keys)]
    return _listed(shown(compared.original, gone)) if len(new) <= 1 else None


def _much_shorter(compared: Wordings) -> bool:
    before, after = len(compared.original.words), len(compared.said.words)
    return after * 2 < before and before - after >= 3


def _shouting(original: str, text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 4 and len(read(text).words) > 1 and text.isupper() and not original.isupper()


def _register(compared: Wordings) -> str | None:
    """Slang, or a letter's turns of phrase, where the original talks otherwise."""
    usual = {word.plain for word in compared.original.words}
    for words in (_SLANG, _FORMAL):
        found = [word.shown for word in compared.said.words if word.plain in words]
        if found and not words & usual:
            return _listed(found)
    return None


def _listed(words: Sequence[str]) -> str:
    joiner = "" if words and is_unspaced(words[0]) else ", "
    return joiner.join(dict.fromkeys(words))
