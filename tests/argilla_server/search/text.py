"""The engine's `simple_query_string` in the form Argilla sends it: all words must be there."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The standard analyser makes one word of each Chinese character and Japanese kana.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def says(query: str, texts: Iterable[str]) -> bool:
    """True when one alternative (`|`) holds: every word in some field, `"a phrase"` in one, `word*` begun, `-word` absent."""
    fields = [words(text) for text in texts]
    return any(_holds(alternative, fields) for alternative in re.split(r"\s*\|\s*", query))


def _holds(alternative: str, fields: list[list[str]]) -> bool:
    for minus, phrase, word in TERM.findall(alternative):
        if _found(words(phrase or word), fields, begun=word.endswith("*"), together=bool(phrase)) == bool(minus):
            return False
    return True


def _found(wanted: list[str], fields: list[list[str]], *, begun: bool, together: bool) -> bool:
    if together:
        count = len(wanted)
        return any(field[at : at + count] == wanted for field in fields for at in range(len(field) - count + 1))
    present = {word for field in fields for word in field}
    if begun and wanted:
        return any(word.startswith(wanted[-1]) for word in present) and present.issuperset(wanted[:-1])
    return present.issuperset(wanted)
