"""Values worth trying for a slot: those its type lists, and those that the conditions about it compare it with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.assistant.conditions import Condition
from core.assistant.models import Slot, SlotType
from core.assistant.predicates.tree import Constant, Matches, Number, Text, walk
from core.coverage.pattern_example import example_of

Value = str | float | bool | None

MOST = 12
"""Values tried for one slot."""


def values_to_try(slot: Slot | None, name: str, conditions: Iterable[Condition], *, said: bool) -> tuple[Value, ...]:
    """At most twelve values other than null, the plainest first. `said`: by the user, so that a slot of any type gets a
    text; what actions and fixtures set may be of other types.
    """
    kind = SlotType.ANY if slot is None else slot.type
    if kind is SlotType.BOOL:
        return True, False
    if kind is SlotType.CATEGORICAL and slot is not None:
        return tuple(slot.values)
    about = [condition for condition in conditions if name in condition.names]
    literals = [value for condition in about for value in literals_of(condition)]
    numbers = [value + step for value in literals if isinstance(value, float) for step in (0.0, 1.0, -1.0)]
    others = sorted({other for condition in about for other in condition.names} - {name})
    found: list[Value]
    if kind is SlotType.FLOAT:
        found = [1.0, *numbers, *((2.0, 0.0) if others else ())]
    elif not said and kind is not SlotType.TEXT:
        found = [example_text(name), *literals, *numbers, True, False]
    else:
        texts = [str(value) for value in literals if not isinstance(value, float)]
        # one that another slot has too is neither before nor after it
        found = [example_text(name), *texts, *map(example_text, others), *map(shown, numbers)]
    return tuple({(type(value), value): value for value in found}.values())[:MOST]


def example_text(slot: str) -> str:
    """What stands for a text in a drafted test: the slot's own words."""
    return slot.replace("_", " ").replace("-", " ").strip() or slot


def shown(value: Value) -> str:
    """A value as a command or a button's payload has it: 3.0 is `3`."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)


def literals_of(condition: Condition) -> Iterator[str | float | bool]:
    """What a condition compares with; of a pattern a text that it matches."""
    for node in walk(condition.tree):
        if isinstance(node, Matches) and isinstance(node.pattern, Text):
            if (example := example_of(node.pattern.value)) is not None:
                yield example
        elif isinstance(node, Text):
            yield node.value
        elif isinstance(node, Number):
            yield float(node.value)
        elif isinstance(node, Constant) and node.value is not None:
            yield node.value
