"""What differs in a rephrasing that is a copy of its original but for a stretch or two.

There every difference stands alone, and a single word can be told to be new matter or another matter.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

from core.validation.numbers import currency_of
from core.validation.opposites import is_opposed
from core.validation.word_lists import NEGATIONS, listed
from core.validation.wordings import Edit, Wordings, holds, plain, shown
from core.validation.words import Word, has_key, is_unspaced, read

_SHORT_ORIGINAL: Final = 3
_LONG_ORIGINAL: Final = 5
"""Words (or unspaced characters) from which on a copy of the original with more behind it is no chance."""
_LONGEST_STRETCH: Final = 3
_LONGEST_INSERTION: Final = 5
_BEFORE_VERBS: Final = listed("i we you to can could please pls would will have has just us let me and")
_BEHIND_VERBS: Final = listed("a an the my our me us to this that these those it some")
_CLAUSE_END: Final = re.compile(r"[,.;:!?，。；：！？…—–]+")
_HE: Final = listed("he him his himself 他")
_SHE: Final = listed("she her hers herself 她")


def exchanged(compared: Wordings) -> list[str]:
    """The original word by word but for one stretch, where most siblings keep its words and none has the new ones."""
    edit = _one_stretch(compared)
    if edit is None or not edit.content_gone or not edit.content_new:
        return []
    gone, new = edit.content_gone, edit.content_new
    if _is_governing_verb(compared, edit):
        return []
    kept = any(compared.missing(word.key) * 3 <= len(compared.others) for word in gone)
    if not kept and not compared.novel_of_domain([word.plain for word in new]) and (len(compared.edits) > 1 or edit.start == 0):
        return []
    return [_arrow(gone, new)]


def opposed(compared: Wordings) -> list[str]:
    """One of two opposites in the place of the other, unless half of the siblings have it there, too."""
    if not compared.is_near_copy:
        return []
    return [_arrow(edit.gone, edit.new) for edit in compared.edits if is_opposed(edit) and not _is_usual(compared, edit)]


def other_end(compared: Wordings) -> list[str]:
    """Begins like the original, and then exchanges what it says for content words that no other text has."""
    original, said = compared.original, compared.said
    pairs = zip(original.words, said.words, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0].plain == pair[1].plain, pairs))
    if shared < max(_LONG_ORIGINAL, 0.4 * len(original.words)):
        return []
    novel = set(compared.novel())
    new = [word for word in said.words[shared:] if word.plain in novel]
    gone = [word for word in original.words[shared:] if word.key in compared.gone]
    if not gone and len(new) > 1 and shared < len(original.words):
        gone = list(original.words[shared:])
    return [_arrow(gone, new)] if gone and new else []


def cut_off(compared: Wordings) -> list[str]:
    """A piece of the original, without content words that most siblings keep."""
    if len(compared.said.words) >= len(compared.original.words):
        return []
    if not holds(plain(compared.original), plain(compared.said)):
        return []
    gone = [key for key in compared.gone if compared.missing(key) * 3 <= len(compared.others)]
    return shown(compared.original, gone)


def left_out(compared: Wordings) -> list[str]:
    """Content words taken out of a copy that half of the siblings keep."""
    edit = _one_stretch(compared)
    if edit is None or edit.new or not compared.enough_siblings:
        return []
    gone = [word.key for word in edit.content_gone if word.key in compared.gone]
    return shown(compared.original, [key for key in gone if compared.missing(key) * 2 <= len(compared.others)])


def put_in(compared: Wordings) -> list[str]:
    """New matter beside all that the original says: content words that no sibling has put into or behind a copy of it, words
    of the assistant's own put before it, or two of any kind before or behind it."""
    if compared.gone or not compared.others:
        return []
    if inserted := _inserted(compared):
        return [word.shown for word in inserted]
    if len(compared.original.words) < _LONG_ORIGINAL:
        return []
    novel = compared.novel()
    of_domain = compared.novel_of_domain(novel)
    edit = _one_stretch(compared)
    grown = len(compared.said.words) - len(compared.original.words)
    if edit is not None and not edit.content_gone and of_domain and grown <= _LONGEST_STRETCH:
        return of_domain  # at the beginning, too
    return novel if len(novel) >= 2 and holds(plain(compared.said), plain(compared.original)) else []


def changes_denial(compared: Wordings) -> bool:
    """Whether only one of the two denies. Where a clause of the text is the original word for word, the others may deny."""
    words = plain(compared.original)
    clauses = (read(clause) for clause in _CLAUSE_END.split(compared.said.shown))
    said = next((clause for clause in clauses if holds(plain(clause), words)), compared.said) if words else compared.said
    return compared.original.denies != said.denies


def denial_in_copy(compared: Wordings) -> list[str]:
    """A negation that comes or goes in a copy, or moves from one of its statements to another."""
    before = compared.original.denies
    if changes_denial(compared):
        is_copy = compared.is_near_copy or compared.differs_in_function_words
        return ["negation dropped" if before else "negation added"] if is_copy else []
    if (
        before
        and compared.is_near_copy
        and len({_negations(edit.new) - _negations(edit.gone) for edit in compared.edits} - {0}) > 1
    ):
        return ["negation moved"]
    return []


def other_person(compared: Wordings) -> list[str]:
    before, after = ({word.plain for word in text.words} for text in (compared.original, compared.said))
    for own, other in ((_HE, _SHE), (_SHE, _HE)):
        if before & own and not before & other and after & other and not after & own:
            return [f"{min(before & own)} → {min(after & other)}"]
    return []


def other_currency(compared: Wordings) -> list[str]:
    before, after = ({currency_of(word.plain) for word in text.words} - {None} for text in (compared.original, compared.said))
    return [f"{min(map(str, before))} → {min(map(str, after))}"] if before and after and not before & after else []


def _one_stretch(compared: Wordings) -> Edit | None:
    """The only edit of content words, those of the text new to all siblings; else None."""
    edits, words = compared.edits, compared.original.words
    if len(words) < _SHORT_ORIGINAL or not compared.others:
        return None
    # One more edit may differ in function words only.
    if len(edits) > 2 or sum(len(edit.gone) for edit in edits) * 2 >= len(words):
        return None
    telling = [edit for edit in edits if edit.content_gone or edit.content_new]
    if len(telling) != 1 or len(telling[0].content_new) > _LONGEST_STRETCH:
        return None
    return telling[0] if all(map(compared.is_alone, telling[0].content_new)) else None


def _inserted(compared: Wordings) -> list[Word]:
    """The content words of one or two edits, where these are no opening and put in words that are new to all siblings (of
    characters, which stand in many words, most are enough)."""
    edits, length = compared.edits, len(compared.original.words)
    if not edits or length < _SHORT_ORIGINAL or edits[0].start == 0:
        return []
    is_copy = len(edits[0].gone) * 2 <= length if len(edits) == 1 else len(edits) == 2 and compared.is_near_copy
    if not is_copy or any(_introduces(edit, length) for edit in edits):
        return []
    new = [word for edit in edits for word in edit.content_new if not has_key(word.key, compared.original.keys)]
    strange = [word for word in new if compared.is_alone(word)]
    enough = len(strange) * 2 > len(new) if any(is_unspaced(word.plain) for word in new) else len(strange) == len(new)
    return new if enough and len(new) <= _LONGEST_INSERTION else []


def _introduces(edit: Edit, length: int) -> bool:
    """`I would like to report that` before the rest of the copy."""
    return edit.start + len(edit.gone) < length and any(word.plain == "that" for word in edit.new)


def _is_governing_verb(compared: Wordings, edit: Edit) -> bool:
    """One content word for the first one of a request or statement of the speaker's ("I lost", "please connect me"), a verb
    then: others are likely synonyms, and opposites are found before."""
    if len(edit.content_gone) != 1 or len(edit.content_new) != 1:
        return False
    words = compared.original.words
    verb = edit.content_gone[0]
    place = words.index(verb)
    if any(not word.is_function for word in words[:place]):
        return False
    if place:
        return words[place - 1].plain in _BEFORE_VERBS
    return len(words) > 1 and words[1].plain in _BEHIND_VERBS


def _is_usual(compared: Wordings, edit: Edit) -> bool:
    keys = {word.key for word in edit.new} - compared.original.keys
    return bool(keys and compared.others) and all(compared.missing(key) * 2 <= len(compared.others) for key in keys)


def _negations(words: tuple[Word, ...]) -> int:
    return sum(word.plain in NEGATIONS for word in words)


def _arrow(gone: list[Word] | tuple[Word, ...], new: list[Word] | tuple[Word, ...]) -> str:
    return f"{' '.join(word.shown for word in gone)} → {' '.join(word.shown for word in new)}"
