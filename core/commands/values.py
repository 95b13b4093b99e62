"""How a slot value is written: plain where that is unambiguous, else in double quotes with JSON escapes.

Rules of the Rasa changelog that reading follows: surrounding quotes are not part of a value (3.10.11), escaped
characters are read (3.12.14), `None`, `null` and `undefined` empty a slot (3.9.0). Ours in addition: inside quotes
those three words are text; without that the text "None" could not survive printing and reading.
"""

from __future__ import annotations

import re
from typing import Final

QUOTES: Final = "\"'`"
EMPTY_WORDS: Final = frozenset({"None", "null", "undefined"})

# One complete quoted value on one line; a backslash protects the character behind it.
QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|\'(?:[^\'\\\n]|\\[^\n])*\'|`(?:[^`\\\n]|\\[^\n])*`')

# Control characters and Unicode line ends: invisible on screen, and other readers break lines at some of them.
HARD_CHARACTERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_ESCAPED: Final = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.S)
_ESCAPED_QUOTE: Final = re.compile(r"\\([\"'`])")
_NEEDS_ESCAPE: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_MEANING: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "`": "`"}
_LETTER: Final = {meaning: letter for letter, meaning in _MEANING.items()}
_TYPOGRAPHIC_PAIRS: Final = (("\u201c", "\u201d"), ("\u2018", "\u2019"))


def quote(value: str) -> str:
    """The value in double quotes; `read_value` gives it back unchanged, whatever it holds."""
    return '"' + _NEEDS_ESCAPE.sub(_escape, value) + '"'


def read_value(raw: str) -> str | None:
    """The value that a stretch of model output stands for.

    `'30 Pine Road'` → `30 Pine Road`, `"two\\nlines"` → two lines, `None` → None, `"None"` → the text None.
    """
    text = raw.strip()
    if text in EMPTY_WORDS:
        return None
    if "\\" not in text and text[:1].isalnum():  # nearly every value: nothing to undo
        return text
    bare = strip_quotes(text)
    return _ESCAPED_QUOTE.sub(r"\1", bare) if bare == text else bare


def strip_quotes(text: str) -> str:
    """Without surrounding blanks and one pair of surrounding quotes, escapes inside the quotes read."""
    text = text.strip()
    if len(text) < 2:
        return text
    mark = text[0]
    if mark in QUOTES and text[-1] == mark:
        if QUOTED.fullmatch(text) is not None:
            return _ESCAPED.sub(_unescape, text[1:-1])
        # Models quote `'it's fine'` without escaping. But `'a' or 'b'` is two quoted words, not one value in quotes.
        inner = text[1:-1]
        if re.search(rf"(?<!\w){mark}|{mark}(?!\w)", inner) is None:
            return inner
    elif (mark, text[-1]) in _TYPOGRAPHIC_PAIRS and not set(text[1:-1]) & {mark, text[-1]}:
        return text[1:-1]
    return text


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    letter = _LETTER.get(character)
    return f"\\{letter}" if letter else f"\\u{ord(character):04x}"


def _unescape(match: re.Match[str]) -> str:
    high, low, single, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if single:
        code = int(single, 16)
        # Half a surrogate pair is no character and could not be stored: it stays as it was written.
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)
    # An unknown escape is most likely no escape: `C:\dir` keeps its backslash.
    return _MEANING.get(letter, match[0])
