"""How values compare. Nothing here raises, whatever the values are.

- Two texts compare as texts, character by character; two numbers as numbers; true is 1 and false is 0.
- A text and a number compare as numbers if the text is one; they differ otherwise.
- A text equals a boolean if it spells it, in any case: text slots filled by a model hold "True" or "true", and
  assistants compare them with `true`.
- null equals null only. Comparing with null by size is false, as is any comparison of kinds that have no order.
- Bare truth is Python's: null, zero, false and what has no items are false; the text "False" is true.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sized
from functools import lru_cache
from typing import Any

LONGEST_PATTERN = 1_000
LONGEST_SUBJECT = 10_000  # characters of a value that `matches` looks at: bounds what a polynomial pattern can cost

_NUMERIC = re.compile(r"\s*[-+]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})\s*")


def equal(left: Any, right: Any) -> bool:
    if type(left) is type(right):
        return _safely_equal(left, right)
    if isinstance(left, str):
        left, right = right, left
    if isinstance(right, str):
        if isinstance(left, bool):
            return right.strip().lower() == ("true" if left else "false")
        number = number_of(right) if isinstance(left, int | float) else None
        return number is not None and bool(left == number)
    return _safely_equal(left, right)


def is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Sized) and len(value) == 0)


def ordered(left: Any, right: Any) -> tuple[Any, Any] | None:
    """The two values as ones that Python can order; None if they have no order."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    first = number_of(left) if isinstance(left, str) else left
    second = number_of(right) if isinstance(right, str) else right
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first, second
    return None


def contains(container: Any, item: Any) -> bool:
    """A text contains a part of itself, a collection an equal item, a mapping a key."""
    if isinstance(item, str) and isinstance(container, str | frozenset):  # a frozen set is one of texts written out
        return item in container
    if isinstance(container, list | tuple | set | frozenset | dict):
        return any(equal(one, item) for one in container)
    return False


def number_of(text: str) -> float | None:
    return float(text) if _NUMERIC.fullmatch(text) else None


@lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> re.Pattern[str] | str:
    """The compiled regular expression, or what is wrong with it."""
    if len(pattern) > LONGEST_PATTERN:
        return f"longer than {LONGEST_PATTERN:,} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "nested too deeply"


def matches(value: Any, pattern: str) -> bool:
    """Whether a text has the pattern anywhere in its first `LONGEST_SUBJECT` characters."""
    if not isinstance(value, str):
        return False
    compiled = compiled_pattern(pattern)
    return not isinstance(compiled, str) and compiled.search(value[:LONGEST_SUBJECT]) is not None


def _safely_equal(left: Any, right: Any) -> bool:
    try:
        return bool(left == right)
    except RecursionError:  # values nested thousands of levels deep
        return False
