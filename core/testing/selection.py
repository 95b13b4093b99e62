"""Which tests are meant: `PATH`, `file::name`, `folder::name`, and `-k` expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageError

_WORDS = re.compile(r"\(|\)|[^()\s]+")
_OPERATORS = frozenset({"and", "or", "not", "(", ")"})


@dataclass(frozen=True, slots=True)
class Selector:
    """A file or folder, and the name of the tests wanted of it (None: all)."""

    path: Path
    name: str | None = None


def parse_selector(text: str) -> Selector:
    """`path` or `path::name`; a name may hold `::` itself."""
    if "::" not in text or Path(text).exists():
        return Selector(Path(text))
    path, _, name = text.partition("::")
    return Selector(Path(path), name)


def parse_keyword(expression: str) -> Callable[[str], bool]:
    """A test of `file::name` texts: a substring in any case, or substrings with `and`, `or`, `not` and parentheses.

    Raises:
        UsageError: the expression is not complete.
    """
    words = _WORDS.findall(expression)
    if not any(word in _OPERATORS for word in words):
        wanted = " ".join(expression.split()).casefold()
        return lambda text: wanted in text.casefold()
    return _Parser(expression, words).parse()


class _Parser:
    def __init__(self, expression: str, words: list[str]) -> None:
        self.expression = expression
        self.words = words
        self.at = 0

    def parse(self) -> Callable[[str], bool]:
        test = self.either()
        if self.at != len(self.words):
            raise self.error(f"`{self.words[self.at]}` is not expected here")
        return test

    def either(self) -> Callable[[str], bool]:
        tests = [self.both()]
        while self.take("or"):
            tests.append(self.both())
        return lambda text: any(test(text) for test in tests)

    def both(self) -> Callable[[str], bool]:
        tests = [self.one()]
        while self.take("and"):
            tests.append(self.one())
        return lambda text: all(test(text) for test in tests)

    def one(self) -> Callable[[str], bool]:
        if self.take("not"):
            test = self.one()
            return lambda text: not test(text)
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.error("`)` is missing")
            return inner
        words = []
        while self.at < len(self.words) and self.words[self.at] not in _OPERATORS:
            words.append(self.words[self.at])
            self.at += 1
        if not words:
            raise self.error("a word is missing")
        wanted = " ".join(words).casefold()
        return lambda text: wanted in text.casefold()

    def take(self, word: str) -> bool:
        if self.at < len(self.words) and self.words[self.at] == word:
            self.at += 1
            return True
        return False

    def error(self, what: str) -> UsageError:
        return UsageError(f"-k `{self.expression}`: {what}", remedy='Write e.g. -k "loan and not (zh or cards)".')
