"""Compiles a condition's tree into nested closures: no source code, nothing but the two mappings within reach."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from core.assistant.predicates.tree import (
    Both,
    Collection,
    Compare,
    Constant,
    Contains,
    DynamicName,
    DynamicText,
    Either,
    Empty,
    Matches,
    Name,
    Namespace,
    Node,
    Not,
    Number,
    Operator,
    Reference,
    Text,
)
from core.assistant.predicates.values import contains, equal, is_empty, matches, ordered
from core.assistant.predicates.words import read_word

Values = Mapping[str, Any]
Test = Callable[[Values, Values], bool]
_Value = Callable[[Values, Values], Any]
_ORDER: dict[Operator, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compiled(node: Node) -> Test:
    """A function of slots and context that says whether the condition holds."""
    match node:
        case Not(item):
            test = compiled(item)
            return lambda slots, context: not test(slots, context)
        case Both(items):
            return _both(items)
        case Either(items):
            return _either(items)
        case Compare("=", left, right):
            return _equality(left, right)
        case Compare("!=", left, right):
            same = _equality(left, right)
            return lambda slots, context: not same(slots, context)
        case Compare(sign, left, right):
            return _order(_ORDER[sign], _value(left), _value(right))
        case Contains(left, right):
            container, wanted = _value(left), _value(right)
            return lambda slots, context: contains(container(slots, context), wanted(slots, context))
        case Matches(left, pattern):
            subject, regex = _value(left), _value(pattern)
            return lambda slots, context: matches(subject(slots, context), regex(slots, context))
    bare = _value(node)
    return lambda slots, context: bool(bare(slots, context))


def _both(items: tuple[Node, ...]) -> Test:
    tests = tuple(compiled(item) for item in items)
    if len(tests) == 2:
        first, second = tests
        return lambda slots, context: first(slots, context) and second(slots, context)
    return lambda slots, context: all(test(slots, context) for test in tests)


def _either(items: tuple[Node, ...]) -> Test:
    tests = tuple(compiled(item) for item in items)
    if len(tests) == 2:
        first, second = tests
        return lambda slots, context: first(slots, context) or second(slots, context)
    return lambda slots, context: any(test(slots, context) for test in tests)


def _equality(left: Node, right: Node) -> Test:
    if isinstance(left, Empty):
        left, right = right, left
    value = _value(left)
    if isinstance(right, Empty):
        return (
            (lambda slots, context: True) if isinstance(left, Empty) else lambda slots, context: is_empty(value(slots, context))
        )
    if isinstance(right, Constant) and right.value is None:
        return lambda slots, context: value(slots, context) is None
    if isinstance(right, Text):
        return _equals_text(value, right.value)
    other = _value(right)
    return lambda slots, context: equal(value(slots, context), other(slots, context))


def _equals_text(value: _Value, text: str) -> Test:
    def test(slots: Values, context: Values) -> bool:
        found = value(slots, context)
        return found == text if type(found) is str else equal(found, text)

    return test


def _order(compare: Callable[[Any, Any], bool], left: _Value, right: _Value) -> Test:
    def test(slots: Values, context: Values) -> bool:
        pair = ordered(left(slots, context), right(slots, context))
        return pair is not None and compare(*pair)

    return test


def _value(node: Node) -> _Value:
    match node:
        case Name(namespace, path):
            return _lookup(namespace, path)
        case Text(text):
            return lambda slots, context: text
        case Number(number):
            return lambda slots, context: number
        case Constant(constant):
            return lambda slots, context: constant
        case Empty():
            return lambda slots, context: None
        case DynamicText(parts):
            return lambda slots, context: _replaced(parts, slots, context)
        case DynamicName(parts):
            return lambda slots, context: _read(_replaced(parts, slots, context), slots, context)
        case Collection(items):
            return _collection(items)
    return compiled(node)


def _collection(items: tuple[Node, ...]) -> _Value:
    if all(isinstance(item, Text) for item in items):
        texts = frozenset(item.value for item in items if isinstance(item, Text))
        return lambda slots, context: texts
    values = tuple(_value(item) for item in items)
    return lambda slots, context: tuple(value(slots, context) for value in values)


def _lookup(namespace: Namespace, path: str) -> _Value:
    if "." in path:
        if namespace == "slots":
            return lambda slots, context: _nested(slots, path)
        return lambda slots, context: _nested(context, path)
    if namespace == "slots":
        return lambda slots, context: slots.get(path)
    return lambda slots, context: context.get(path)


def _nested(values: Values, path: str) -> Any:
    """The value under the whole path, else what its parts lead to through mappings; None if they lead nowhere."""
    if path in values:
        return values[path]
    found: Any = values
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _replaced(parts: tuple[str | Reference, ...], slots: Values, context: Values) -> str:
    """References replaced by their values' texts, as jinja writes them: `None` for null, nothing for what is missing."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        values = slots if part.namespace == "slots" else context
        value = _nested(values, part.path)
        texts.append("" if value is None and part.path not in values else str(value))
    return "".join(texts)


def _read(word: str, slots: Values, context: Values) -> Any:
    node = read_word(word)
    return _value(node)(slots, context) if node is not None and not isinstance(node, DynamicName) else None
