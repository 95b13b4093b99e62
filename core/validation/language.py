"""Whether a text is in another language than its step, said only where it can be seen.

The script decides first; among languages of one script their commonest words do. Made for messages of a few words, where
statistical detectors guess. On 186 messages of one to eight words in 14 languages, with an English original:

| detector                         | switches found | English taken for another | time   | size               |
| -------------------------------- | -------------: | ------------------------: | -----: | ------------------ |
| this                             |       138 / 157 |                    0 / 29 |  64 µs | –                  |
| py3langid 0.4                    |       157 / 157 |                   15 / 29 |  55 µs | 4 MB, and numpy    |
| lingua 2.1                       |       155 / 157 |                   16 / 29 |  44 ms at first | 96 MB, 1.1 GB in memory |
| lingua, distance at least 0.25   |        89 / 157 |                    2 / 29 | 419 µs | the same           |

On 74 messages written afterwards: 43 of 44 switches found, 2 of 30 English ones taken for another language.
A miss costs less than a false alarm, which is a rephrasing that a person has to look at for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from core.validation.language_words import ACCENTED, WORDS
from core.validation.word_lists import ENGLISH
from core.validation.words import unify

_SCRIPTS: Final[tuple[tuple[str, str], ...]] = (
    ("Japanese", r"\u3040-\u30ff\u31f0-\u31ff"),
    ("Chinese", r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"),
    ("Korean", r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("Cyrillic", r"\u0400-\u052f"),
    ("Greek", r"\u0370-\u03ff"),
    ("Arabic", r"\u0600-\u06ff\u0750-\u077f"),
    ("Hebrew", r"\u0590-\u05ff"),
    ("Devanagari", r"\u0900-\u097f"),
    ("Bengali", r"\u0980-\u09ff"),
    ("Tamil", r"\u0b80-\u0bff"),
    ("Thai", r"\u0e00-\u0e7f"),
    ("Georgian", r"\u10a0-\u10ff"),
    ("Armenian", r"\u0530-\u058f"),
    ("Latin", r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"),
)
_LETTERS: Final = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS}
_SHARED: Final = frozenset({"Latin", "Cyrillic"})
"""Scripts of many languages; the others name their language, or one close enough."""
# Addresses, handles, codes and numbers belong to no language; neither does what stands in quotes.
_NO_LANGUAGE: Final = re.compile(r"\S*[@/]\S*|\S*\d\S*|\"[^\"]*\"|“[^”]*”|「[^」]*」|\{[^}]*\}")
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_KNOWN: Final = {**WORDS, "English": WORDS["English"] | ENGLISH}
"""Words that are no sign of another language: more than those that are a sign of their own."""
_LANGUAGES_OF: Final[dict[str, tuple[str, ...]]] = {
    word: tuple(language for language, words in WORDS.items() if word in words) for word in frozenset().union(*WORDS.values())
}
_CODES: Final = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "sv": "Swedish", "da": "Danish", "no": "Norwegian", "nb": "Norwegian", "pl": "Polish", "cs": "Czech", "tr": "Turkish",
    "ro": "Romanian", "hu": "Hungarian", "fi": "Finnish", "id": "Indonesian", "vi": "Vietnamese", "ru": "Russian",
    "uk": "Ukrainian", "bg": "Bulgarian", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "el": "Greek", "ar": "Arabic",
    "he": "Hebrew", "th": "Thai", "hi": "Devanagari", "hindi": "Devanagari",
}  # fmt: skip
_LATIN_LOOSE: Final = re.compile(r"[A-Za-z]{2,}")


@lru_cache(maxsize=2048)
def script_of(text: str) -> str | None:
    """The script of most of the text; kana among Han are Japanese. None without letters."""
    plain = _NO_LANGUAGE.sub(" ", unify(text))
    if plain.isascii():  # most texts: nothing to be counted
        return "Latin" if _LETTERS["Latin"].search(plain) else None
    counts = {name: len(letters.findall(plain)) for name, letters in _LETTERS.items()}
    if counts["Japanese"] and counts["Chinese"]:
        return "Japanese"
    # A Latin word is a few letters for one character of Han or Hangul: brand names do not outweigh a sentence.
    counts["Latin"] = (
        len(_LATIN_LOOSE.findall(plain)) if any(counts[s] for s in ("Chinese", "Japanese", "Korean")) else counts["Latin"]
    )
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


@lru_cache(maxsize=2048)
def hits(text: str) -> dict[str, int]:
    """How many words of the text are common words of a language, for each language with any."""
    words = [word.casefold() for word in _words(text)]
    return Counter(language for word in words for language in _LANGUAGES_OF.get(word, ()))


@lru_cache(maxsize=2048)
def language_of(text: str) -> str | None:
    """The language in English words, or None where that cannot be told: few words, or names only.

    Among languages of one script it takes two common words more than of any other language, or a quarter of the text.
    """
    script = script_of(text)
    if script is None or script not in _SHARED:
        return script
    found = hits(text)
    if not found:
        return None
    ranked = sorted(found.values(), reverse=True)
    best = max(found, key=lambda language: found[language])
    lead = ranked[0] - (ranked[1] if len(ranked) > 1 else 0)
    words = len(_WORD.findall(text))
    return best if lead >= 2 or (lead >= 1 and ranked[0] * 3 >= words) else None


def language_switch(
    text: str, original: str, around: Sequence[str] = (), intended: str | None = None, names: Iterable[str] = ()
) -> str | None:
    """What is wrong with the language of `text`, e.g. `German, not English`; None if nothing is, or nothing can be told.

    `intended`: the language the rephrasing was asked for (English name or two-letter code), else the original's; where the
    original is too short to tell, the texts around it speak for it: its siblings, the conversation. `names`: texts whose
    words speak for no language (slot values).
    """
    script = script_of(text)
    if script is None:
        return None
    asked = _named(intended)
    wanted = asked or language_of(original) or _majority([language_of(other) for other in around])
    wanted_script = _script_of_language(wanted) or script_of(original)
    if wanted_script is not None and script != wanted_script and {script, wanted_script} != {"Japanese", "Chinese"}:
        if script == script_of(original) and asked is None:
            return None  # a name in another script, as in the original
        return f"{_likeliest(text) or script}, not {wanted or wanted_script}"
    if wanted is None or wanted not in WORDS:
        return None
    return _foreign_words(text, wanted, {original, *names} if asked is None else set(names))


def _likeliest(text: str) -> str | None:
    found = hits(text)
    return language_of(text) or max(found, key=lambda language: found[language], default=None)


def comparable(original: str, siblings: Sequence[str]) -> list[str]:
    """The siblings that are not plainly in another language than the original; where that is unclear, than most of them."""
    language = language_of(original) or _majority([language_of(sibling) for sibling in siblings])
    return [sibling for sibling in siblings if _speaks(sibling, original, language)]


@lru_cache(maxsize=2048)
def _speaks(text: str, original: str, language: str | None) -> bool:
    return language_switch(text, original, intended=language) is None


def is_language_of(text: str, language: str) -> bool:
    """Whether a text seems to be in the language (English name or code)."""
    return _named(language) == language_of(text)


def _foreign_words(text: str, wanted: str, known_texts: set[str]) -> str | None:
    """Words of another language of the same script, if they outnumber those of the language wanted."""
    known = {word.casefold() for known_text in known_texts for word in _words(known_text)}
    words = _words(text)
    letters = ACCENTED.get(wanted)
    scores: Counter[str] = Counter()
    evidence: set[str] = set()
    unlisted = 0
    for place, word in enumerate(words):
        plain = word.casefold()
        languages = _LANGUAGES_OF.get(plain, ())
        scores.update(languages)
        if plain in known or plain in _KNOWN[wanted] or len(plain) < 2 or (word != plain and (place > 0 or not languages)):
            continue  # a word with a capital is most likely a name
        if languages:
            evidence.add(plain)
        elif letters is not None and any(c not in letters for c in plain if not c.isascii()):
            evidence.add(plain)
            unlisted += 1
    of_wanted = scores.pop(wanted, 0)
    rival, hits_of_rival = scores.most_common(1)[0] if scores else ("another language", 0)
    # English hardly does without its common words. Other languages do, and a single odd word says little there.
    least = 1 if wanted == "English" and not _may_be_name(words) else 2
    return f"{rival}, not {wanted}" if len(evidence) >= least and hits_of_rival + unlisted > of_wanted else None


def _may_be_name(words: Sequence[str]) -> bool:
    """`Los Angeles`, `Rio de Janeiro`: begins and ends with a capital."""
    return len(words) > 1 and words[0][0].isupper() and words[-1][0].isupper()


def _words(text: str) -> list[str]:
    return _WORD.findall(_NO_LANGUAGE.sub(" ", unify(text)))


def _named(language: str | None) -> str | None:
    if not language:
        return None
    return _CODES.get(language.strip().lower().replace("_", "-").split("-")[0], language.strip().title())


def _majority(languages: Sequence[str | None]) -> str | None:
    known = [language for language in languages if language]
    if not known:
        return None
    best = max(set(known), key=known.count)
    return best if known.count(best) * 2 > len(known) else None


def _script_of_language(language: str | None) -> str | None:
    if language is None:
        return None
    if language in WORDS:
        return "Cyrillic" if language in ("Russian", "Ukrainian", "Bulgarian") else "Latin"
    return language if language in _LETTERS else None
