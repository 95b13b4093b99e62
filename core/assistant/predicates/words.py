"""Reads the words of a condition: numbers, constants, names, and the references in any of them."""

from __future__ import annotations

import re
from functools import lru_cache

from core.assistant.predicates.tokens import REFERENCE, ConditionError, Token
from core.assistant.predicates.tree import (
    CONSTANTS,
    Constant,
    DynamicName,
    Empty,
    Name,
    Namespace,
    Number,
    Reference,
    Value,
)

_NAMESPACES: dict[str, Namespace] = {"slots": "slots", "context": "context"}
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?")
_PATH = re.compile(r"\w[\w.:;-]*")
_WHITESPACE_CONTROL = re.compile(r"^[-+]|[-+]$")


@lru_cache(maxsize=1024)
def read_word(text: str) -> Value | None:
    """What a word stands for, None if it is none: how a word with references is read once they are replaced."""
    try:
        return value_of_word(Token("word", text, 1))
    except ConditionError:
        return None


def value_of_word(token: Token) -> Value:
    """What a word stands for.

    Raises:
        ConditionError: it is neither a name nor a number.
    """
    text = token.value
    lowered = text.lower()
    if lowered in CONSTANTS:
        return Constant(CONSTANTS[lowered])
    if lowered == "empty":
        return Empty()
    if _NUMBER.fullmatch(text):
        return Number(float(text) if "." in text else int(text))
    parts = parts_of(text, token.column)
    if any(isinstance(part, Reference) for part in parts):
        return DynamicName(parts)
    namespace, _, path = text.partition(".")
    if namespace in _NAMESPACES:
        if not _PATH.fullmatch(path):
            fix = f"Write `{namespace}.` and the name, without blanks."
            raise ConditionError("a name is missing after", fix, token.column, text)
        return Name(_NAMESPACES[namespace], path, False, token.column)
    if text[0].isdigit() or not _PATH.fullmatch(text):
        raise ConditionError("neither a name nor a number", "Put text in quotes.", token.column, text)
    return Name("slots", text, True, token.column)


def parts_of(text: str, column: int) -> tuple[str | Reference, ...]:
    """`text` cut at its references.

    Raises:
        ConditionError: a reference that is more than a name.
    """
    if "{{" not in text:
        return (text,)
    parts: list[str | Reference] = []
    at = 0
    for found in REFERENCE.finditer(text):
        namespace, _, path = _WHITESPACE_CONTROL.sub("", found[1].strip()).strip().partition(".")
        if namespace not in _NAMESPACES or not _PATH.fullmatch(path):
            raise _not_allowed(column + found.start(), found[0])
        if found.start() > at:
            parts.append(text[at : found.start()])
        parts.append(Reference(_NAMESPACES[namespace], path))
        at = found.end()
    if at < len(text):
        parts.append(text[at:])
    if any(isinstance(part, str) and "{{" in part for part in parts):
        raise _not_allowed(column + text.index("{{"), text)
    return tuple(parts)


def _not_allowed(column: int, offending: str) -> ConditionError:
    fix = "Only `{{context.name}}` or `{{slots.name}}` can stand in a condition."
    return ConditionError("an expression that conditions do not allow", fix, column, offending)
