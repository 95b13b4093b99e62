"""Which values a custom action could give its slots so that the flow goes another way: read off the conditions that follow.

The values are guesses, tried in order until what the test expects comes; so they are few, and always the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Any, Final

from core.assistant.conditions import Condition
from core.assistant.models import Slot, SlotType
from core.assistant.predicates.tree import (
    Collection,
    Compare,
    Constant,
    Contains,
    Name,
    Node,
    Number,
    Text,
    children,
)

ASSUMED_TEXT: Final = "assumed"
"""A text where any will do. It shows in what the bot says, and is meant to."""

_MOST_SLOTS = 5
_MOST = 40


def assignments(
    conditions: Iterable[Condition], slots: Mapping[str, Slot], current: Mapping[str, Any], usable: Iterable[str]
) -> list[dict[str, Any]]:
    """Slots and values to try, single slots before pairs of them, in the order of the conditions; a few dozen at most."""
    allowed = frozenset(usable)
    values: dict[str, list[Any]] = {}
    for condition in conditions:
        for name, value in _values(condition.tree, slots, current):
            if name in allowed and (name in values or len(values) < _MOST_SLOTS):
                known = values.setdefault(name, [])
                if not any(_is_same(value, one) for one in known) and not _is_same(value, current.get(name)):
                    known.append(value)
    found = [{name: value} for name, options in values.items() for value in options]
    for first, second in combinations(values, 2):
        found += [{first: one, second: two} for one, two in product(values[first], values[second])]
    return found[:_MOST]


def _values(node: Node, slots: Mapping[str, Slot], current: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    match node:
        case Name(namespace="slots", path=name):
            yield from ((name, value) for value in _yes_and_no(slots.get(name)))
        case Compare(_, left, right):
            yield from _compared(left, right, slots, current)
            yield from _compared(right, left, slots, current)
        case Contains(Collection(items), Name(namespace="slots", path=name)):
            yield from ((name, item.value) for item in items if isinstance(item, Text | Number | Constant))
            yield name, None
        case Contains(Name(namespace="slots", path=name), Text(value)):
            is_list = (slot := slots.get(name)) is not None and slot.type is SlotType.LIST
            yield name, [value] if is_list else value
            yield name, None
        case _:
            for child in children(node):
                yield from _values(child, slots, current)


def _compared(side: Node, other: Node, slots: Mapping[str, Slot], current: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if not isinstance(side, Name) or side.namespace != "slots":
        return
    slot = slots.get(side.path)
    match other:
        case Text(value):
            yield side.path, value
            yield side.path, None
        case Constant(None):
            yield from ((side.path, value) for value in _yes_and_no(slot))
        case Constant(value):
            yield side.path, value
            yield side.path, not value
        case Number(value):
            yield from ((side.path, one) for one in _around(value))
        case Name(namespace="slots", path=name):
            known = current.get(name)
            if isinstance(known, int | float) and not isinstance(known, bool):
                yield from ((side.path, one) for one in _around(known))
            elif known is not None:
                yield side.path, known


def _around(number: float) -> tuple[float, float, float]:
    return number, number + 1, number - 1


def _yes_and_no(slot: Slot | None) -> tuple[Any, ...]:
    """A value that counts as true, and one that does not."""
    return (something(slot), False if slot is not None and slot.type is SlotType.BOOL else None)


def something(slot: Slot | None) -> Any:
    """A value of the slot's type, not empty."""
    if slot is None or slot.type in (SlotType.BOOL, SlotType.ANY):
        return True
    if slot.type is SlotType.FLOAT:
        return 1.0
    if slot.type is SlotType.CATEGORICAL and slot.values:
        return slot.values[0]
    return [ASSUMED_TEXT] if slot.type is SlotType.LIST else ASSUMED_TEXT


def may_hold(slot: Slot, value: Any) -> bool:
    """Whether a value has the slot's type, and is one of its categories."""
    match slot.type:
        case SlotType.BOOL:
            return isinstance(value, bool)
        case SlotType.FLOAT:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case SlotType.CATEGORICAL:
            return str(value) in slot.values
        case SlotType.TEXT:
            return isinstance(value, str)
        case SlotType.LIST:
            return isinstance(value, list)
    return True


def _is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
