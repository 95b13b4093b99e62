"""A text that a regular expression matches, as plain as possible: `^[0-9]{6}$` gives `111111`."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

_PLAIN = "1aA -_.@"
_CATEGORIES = {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "a",
               "CATEGORY_NOT_WORD": "-", "CATEGORY_NOT_SPACE": "a"}  # fmt: skip
_LONGEST = 200


@lru_cache(maxsize=1024)
def example_of(pattern: str) -> str | None:
    """None if the pattern is none, or needs more than this looks at (assertions, references back)."""
    try:
        # Python's own reading of a pattern. It is not public, so whatever it does is taken as "no example".
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of patterns that a later Python may read otherwise
            text = _sequence(import_module("re._parser").parse(pattern))
        return text if len(text) <= _LONGEST and re.search(pattern, text) else None
    except (ImportError, AttributeError, TypeError, ValueError, KeyError, IndexError, RecursionError, re.error):
        return None


def _sequence(items: Any) -> str:
    return "".join(_item(str(kind), value) for kind, value in items)


def _item(kind: str, value: Any) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(character for character in _PLAIN if character != chr(value))
        case "ANY":
            return "a"
        case "IN":
            return _one_of(value)
        case "BRANCH":
            return _sequence(value[1][0])
        case "SUBPATTERN":
            return _sequence(value[-1])
        case "ATOMIC_GROUP":
            return _sequence(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, _, repeated = value
            return _sequence(repeated) * min(int(least), _LONGEST + 1)
        case "AT":
            return ""
    raise ValueError(kind)


def _one_of(members: Any) -> str:
    kinds = [(str(kind), value) for kind, value in members]
    if kinds[0][0] == "NEGATE":
        return next(character for character in _PLAIN if not any(_is_in(character, *one) for one in kinds[1:]))
    plain = [character for character in _PLAIN if any(_is_in(character, *one) for one in kinds)]
    if plain:
        return plain[0]
    kind, value = kinds[0]
    return chr(value[0]) if kind == "RANGE" else _CATEGORIES[str(value)] if kind == "CATEGORY" else chr(value)


def _is_in(character: str, kind: str, value: Any) -> bool:
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    if kind == "CATEGORY":
        return character == _CATEGORIES[str(value)]
    return kind == "LITERAL" and ord(character) == value
