"""A text as the checks see it: its words in order, what they have in common with other forms, and what carries meaning.

Scripts without blanks between words (Chinese, Japanese, Thai) are taken character by character: word lists for them would
be larger than everything else here, and a character that is new or gone tells enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.validation.word_lists import CONTRACTIONS, FUNCTION_CHARACTERS, FUNCTION_WORDS, HARMLESS_NEGATIONS, NEGATIONS

_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})
# Scripts that are written without blanks: Han, kana, Thai, Lao, Khmer, Burmese.
_UNSPACED: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
# Vowel signs and accents of their own, which are letters to a reader and none to `\w`; not those that only style a symbol.
_MARKS: Final = "".join(chr(code) for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)).startswith("M"))
_CURRENCIES: Final = "$€£¥₹₩₽₺₫฿₴₦₱₪"
_TOKEN: Final = re.compile(
    rf"[{_UNSPACED}]"  # one character of such a script
    rf"|[{_CURRENCIES}]"
    rf"|[@#]?[^\W_](?:[^\W{_UNSPACED}]|[{_MARKS}]|[.@:/+-](?=[^\W_{_UNSPACED}])|'(?=[^\W\d_]))*(?:\s?%)?"
)
_UNSPACED_CHARACTER: Final = re.compile(f"[{_UNSPACED}]")
_KEY_LENGTH: Final = 6
"""Letters that forms of one word share: `recurrent` and `recurring`, not `transfer` and `transaction`."""
_ENDINGS: Final = ("ingly", "edly", "ies", "ing", "ied", "est", "ed", "er", "es", "ly", "s", "e", "y")


@dataclass(frozen=True, slots=True)
class Word:
    """`shown`: as written; `plain`: lower case; `key`: equal for forms of one word. `start`: where in the text."""

    shown: str
    plain: str
    key: str
    start: int
    is_function: bool


@dataclass(frozen=True, slots=True)
class Text:
    """`keys`: those of all words; `content`: without function words. `pairs`: characters of unspaced scripts, two by two.

    `denies`: it holds a negation that is more than a turn of phrase.
    """

    shown: str
    words: tuple[Word, ...]
    keys: frozenset[str]
    content: frozenset[str]
    pairs: frozenset[str]
    denies: bool


def unify(text: str) -> str:
    """Full-width forms and typographic apostrophes as their plain forms."""
    return unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)


def without_marks(text: str) -> str:
    """Lower case and without accents: `Zürich` → `zurich`."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def is_unspaced(text: str) -> bool:
    """Whether characters of the text stand for words."""
    return _UNSPACED_CHARACTER.search(text) is not None


@lru_cache(maxsize=8192)
def key_of(word: str) -> str:
    """What forms of one word have in common; `word` in lower case. Rough, and made for English; others lose little by it."""
    if not word.isalpha() or len(word) < 4 or not word.isascii():
        return without_marks(word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and ending in ("ing", "ed", "er"):
                word = word[:-1]  # dropped, dropping → drop
            break
    return word[:_KEY_LENGTH]


@lru_cache(maxsize=2048)
def read(text: str) -> Text:
    """Kept for a while: an original and its siblings are compared with every rephrasing of the step."""
    words: list[Word] = []
    unified = unify(text)
    for match in _TOKEN.finditer(unified):
        shown = match[0]
        folded = shown.casefold()
        if not folded.isalnum():
            folded = "".join(folded.split())  # 5 %
        for part in CONTRACTIONS.get(folded, ()) or _split_clitic(folded):
            lone = len(part) == 1 and _UNSPACED_CHARACTER.match(part) is not None
            is_function = part in (FUNCTION_CHARACTERS if lone else FUNCTION_WORDS) or part in _CURRENCIES
            words.append(Word(shown, part, key_of(part), match.start(), is_function))
    keys = frozenset(word.key for word in words)
    content = frozenset(word.key for word in words if not word.is_function)
    runs = re.findall(f"[{_UNSPACED}]+", unified)
    pairs = frozenset(run[at : at + 2] for run in runs for at in range(len(run) - 1))
    return Text(unified, tuple(words), keys, content, pairs, _denies(words, unified))


def has_key(key: str, keys: frozenset[str]) -> bool:
    """Whether a form of the word is among them; `fraud` is in `fraudulent`."""
    if key in keys:
        return True
    return len(key) >= 5 and any(len(other) >= 5 and (other.startswith(key) or key.startswith(other)) for other in keys)


def _denies(words: Sequence[Word], text: str) -> bool:
    if not any(word.plain in NEGATIONS for word in words):
        return False
    opening = _CORRECTION.match(text)
    if opening is not None:
        words = [word for word in words if word.start >= opening.end()] or words
    plain = _TAG_QUESTION.sub(" ", " ".join(word.plain for word in words))
    together = plain.replace(" ", "")
    for phrase in HARMLESS_NEGATIONS:
        if phrase.isascii():
            plain = plain.replace(phrase, " ")
        elif phrase in together:
            plain = plain.replace(" ".join(phrase), " ")
    return any(word in NEGATIONS for word in plain.split())


_CORRECTION: Final = re.compile(r"^\W*(?:(?:oh|no|wait|hmm|ah)\s*[,.!…]\s*|(?:oh|no|wait|ah)\s+(?=(?:no|wait|sorry)\b))+", re.I)
"""`no no, the other one` corrects what was said, and denies nothing."""
_TAG_QUESTION: Final = re.compile(
    r"\b(?:can|could|do|does|did|is|are|was|were|will|would|should|have|has) not (?:i|you|it|we|they|he|she|there)\b"
)
_CLITICS: Final = {"'s": "is", "'re": "are", "'m": "am", "'ll": "will", "'ve": "have", "'d": "would"}


def _split_clitic(word: str) -> tuple[str, ...]:
    if "'" not in word:
        return (word,)
    if word.endswith("n't"):
        return (word[:-3], "not")
    head, mark, tail = word.rpartition("'")
    written = _CLITICS.get(mark + tail)
    return (head, written) if written else (word,)
