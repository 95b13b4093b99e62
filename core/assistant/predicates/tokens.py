"""Cuts a condition into words, texts, numbers and signs, each with its column.

In quotes, a backslash stands for itself, so that regular expressions need no doubling, except in front of the closing
kind of quote: there `\\"` is the quote, and `\\\\"` one backslash at the end of the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 10_000  # characters; a condition made by hand has a few dozen
REFERENCE = re.compile(r"\{\{([^{}]*)\}\}")

_WORD = r"(?:[\w.:;-]|\{\{[^{}\"']*\}\})+"
_SIGN = r"[<>!=]=|[<>=(){}]"
_TEXT = r"""\"(?:[^\"\\]|\\[\s\S])*\"|'(?:[^'\\]|\\[\s\S])*'"""
_BLANK = re.compile(r"(?:\s|\#.*+)*+")  # possessive: a comment must not be read in every way there is
_TOKEN = re.compile(rf"{_BLANK.pattern}(?:({_TEXT})|({_WORD})|({_SIGN})|(\Z))")
_KINDS = ("", "text", "word", "sign", "end")  # by group of `_TOKEN`
_QUOTED, _END = 1, 4
_HINTS = {
    "&": "Write `and`.",
    "|": "Write `or`.",
    "!": "Write `not`.",
    ",": "Items of a set stand side by side: `{'a' 'b'}`.",
    "%": "Only `{{context.name}}` can stand in a condition.",
    '"': 'Close it with another `"`.',
    "'": "Close it with another `'`.",
    "[": "Write a set as `{'a' 'b'}`.",
}


class ConditionError(ValueError):
    """A text is no condition. `column` is 1-based inside the text; `offending` is what stands there."""

    def __init__(self, what: str, fix: str, column: int = 1, offending: str = "") -> None:
        super().__init__(
            f"{what} `{offending}` at column {column}. {fix}" if offending else f"{what} at column {column}. {fix}"
        )
        self.what = what
        self.fix = fix
        self.column = column
        self.offending = offending


class Token(NamedTuple):
    """`kind`: `word` (numbers too), `text` (`value` without quotes, escapes read), `sign`, or `end`."""

    kind: str
    value: str
    column: int


def tokens_of(text: str) -> list[Token]:
    """The tokens, the last one of kind `end`.

    Raises:
        ConditionError: the text is too long, or has a character that no token begins with.
    """
    if len(text) > LONGEST:
        raise ConditionError(f"a condition of {len(text):,} characters", f"At most {LONGEST:,} are allowed: split it.")
    tokens: list[Token] = []
    at = 0
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unexpected(text, _BLANK.match(text, at))
        group = found.lastindex or 0
        value = found[group]
        if group == _END:
            tokens.append(Token("end", "", len(text.rstrip()) + 1))
            return tokens
        tokens.append(Token(_KINDS[group], _unquoted(value) if group == _QUOTED else value, found.start(group) + 1))
        at = found.end()


def _unexpected(text: str, blank: re.Match[str] | None) -> ConditionError:
    at = blank.end() if blank is not None else 0
    character = text[at]
    hint = _HINTS.get(character, "Put text in quotes; names begin with `slots.` or `context.`.")
    if character in "\"'":
        return ConditionError("a quote that is never closed", hint, at + 1, text[at : at + 40])
    return ConditionError("an unexpected character", hint, at + 1, character)


def _unquoted(token: str) -> str:
    mark, body = token[0], token[1:-1]
    if "\\" not in body:
        return body
    return re.sub(rf"(\\+)({mark}|$)", lambda found: found[1][: len(found[1]) // 2] + found[2], body)
