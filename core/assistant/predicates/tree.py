"""What a condition consists of. Trees print as conditions that parse to the same tree again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Namespace = Literal["slots", "context"]
Operator = Literal["=", "!=", "<", "<=", ">", ">="]
CONSTANTS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
"""In any case. `None` and `undefined` are null here: a slot of the domain always exists, if only empty."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`{{context.name}}`: replaced by the text of the value. `path` is the name without its namespace."""

    namespace: Namespace
    path: str

    def __str__(self) -> str:
        return f"{{{{{self.namespace}.{self.path}}}}}"


@dataclass(frozen=True, slots=True)
class Name:
    """A slot or a value of a pattern's context. `column`, 1-based, is where it stands in the condition."""

    namespace: Namespace
    path: str
    is_bare: bool = False
    """Written without `slots.`, as old files do."""
    column: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return self.path if self.is_bare else f"{self.namespace}.{self.path}"


@dataclass(frozen=True, slots=True)
class DynamicName:
    """A word with references in it, such as `slots.{{context.collect}}`: read as a word once they are replaced."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    column: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return quoted(self.value)


@dataclass(frozen=True, slots=True)
class DynamicText:
    """A quoted text with references in it."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return quoted("".join(str(part) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float

    def __str__(self) -> str:
        if isinstance(self.value, int):
            return str(self.value)
        digits = format(Decimal(repr(self.value)), "f")  # without an exponent
        return digits if "." in digits else f"{digits}.0"


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool | None

    def __str__(self) -> str:
        return "null" if self.value is None else str(self.value).lower()


@dataclass(frozen=True, slots=True)
class Empty:
    """Equal to null and to whatever has no items or characters."""

    def __str__(self) -> str:
        return "empty"


@dataclass(frozen=True, slots=True)
class Collection:
    """`{'A' 'B'}`."""

    items: tuple[Name | DynamicName | Text | DynamicText | Number | Constant, ...]

    def __str__(self) -> str:
        return "{" + " ".join(str(item) for item in self.items) + "}"


@dataclass(frozen=True, slots=True)
class Compare:
    operator: Operator
    left: Node
    right: Node

    def __str__(self) -> str:
        return f"{_operand(self.left)} {self.operator} {_operand(self.right)}"


@dataclass(frozen=True, slots=True)
class Contains:
    left: Node
    right: Node

    def __str__(self) -> str:
        return f"{_operand(self.left)} contains {_operand(self.right)}"


@dataclass(frozen=True, slots=True)
class Matches:
    left: Node
    pattern: Text | DynamicText

    def __str__(self) -> str:
        return f"{_operand(self.left)} matches {self.pattern}"


@dataclass(frozen=True, slots=True)
class Not:
    item: Node

    def __str__(self) -> str:
        return f"not {_part(self.item)}"


@dataclass(frozen=True, slots=True)
class Both:
    """`and`, of two or more."""

    items: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(_part(item) for item in self.items)


@dataclass(frozen=True, slots=True)
class Either:
    """`or`, of two or more."""

    items: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(_part(item) for item in self.items)


Value = Name | DynamicName | Text | DynamicText | Number | Constant | Empty | Collection
Node = Value | Compare | Contains | Matches | Not | Both | Either


def quoted(text: str) -> str:
    """`text` in the quotes it needs least escapes in (see `tokens` for what a backslash means)."""
    mark = "'" if '"' in text and "'" not in text else '"'
    out: list[str] = []
    backslashes = 0
    for character in text:
        if character == mark:
            out.append("\\" * (backslashes + 1))
        out.append(character)
        backslashes = backslashes + 1 if character == "\\" else 0
    out.append("\\" * backslashes)
    return f"{mark}{''.join(out)}{mark}"


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Compare(_, left, right) | Contains(left, right):
            return left, right
        case Matches(left, pattern):
            return left, pattern
        case Not(item):
            return (item,)
        case Both(items) | Either(items) | Collection(items):
            return items
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def _operand(node: Node) -> str:
    return f"({node})" if isinstance(node, Compare | Contains | Matches | Not | Both | Either) else str(node)


def _part(node: Node) -> str:
    return f"({node})" if isinstance(node, Both | Either) else str(node)
