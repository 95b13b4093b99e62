"""Choosing values: a slot gets one when a condition first reads it, and only then.

So a flow with twenty questions is one way to its end, not a million. What the user said is open until it is read; a slot
that no flow on the way fills can only come from outside: from the last custom action before, or from a fixture if there
was none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import islice, product
from typing import Final

from core.assistant.conditions import Condition
from core.assistant.models import Slot
from core.assistant.predicates.program import Test, compiled
from core.assistant.predicates.tree import Both, Either, Name, Node, Not, walk
from core.coverage.candidates import Value, values_to_try

MOST_COMBINATIONS: Final = 64
"""Of values tried for one comparison, and of outcomes of one condition."""


class Open(Enum):
    """In place of a value: filled by the user, and nothing has asked with what yet."""

    OPEN = "open"


OPEN: Final = Open.OPEN
Known = Mapping[str, Value | Open]


@dataclass(frozen=True, slots=True)
class Said:
    """The user fills a slot."""

    slot: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user said last for this slot is this value."""

    slot: str
    value: Value


@dataclass(frozen=True, slots=True)
class Assumed:
    """A slot has this value because `action` set it, or a fixture if that is empty."""

    slot: str
    value: Value
    action: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A custom action ran."""

    action: str


@dataclass(frozen=True, slots=True)
class Held:
    """A condition decided where it goes on."""

    text: str


Record = Said | Chosen | Assumed | Ran | Held


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a condition holds if these values are chosen. `effort`: assumptions it takes."""

    holds: bool
    known: Known
    records: tuple[Record, ...] = ()
    effort: int = 0


class Choices:
    """`conditions`: all on the way; what they compare with is worth trying."""

    def __init__(self, slots: Mapping[str, Slot], conditions: Iterable[Condition]) -> None:
        self.slots = slots
        self.conditions = list(conditions)

    def said(self, name: str) -> tuple[Value, ...]:
        """Values a user may give a slot."""
        return values_to_try(self.slots.get(name), name, self.conditions, said=True)

    def set_outside(self, name: str) -> tuple[Value, ...]:
        """Values an action or a fixture may give a slot, null among them."""
        return *values_to_try(self.slots.get(name), name, self.conditions, said=False), None

    def initial(self, name: str) -> Value:
        slot = self.slots.get(name)
        value = None if slot is None else slot.initial_value
        return value if isinstance(value, str | int | float | bool) else None

    def decide(self, condition: Condition | None, known: Known, action: str) -> Iterator[Outcome]:
        """Each way a condition can turn out, with the values chosen for it; the first that holds has the plainest."""
        if condition is None:
            yield Outcome(True, known)
            return
        for found in islice(self._decide(condition.tree, Outcome(True, known), action), MOST_COMBINATIONS):
            held = Held(condition.text if found.holds else _negated(condition))
            yield Outcome(found.holds, found.known, (*found.records, held), found.effort)

    def _decide(self, tree: Node, so_far: Outcome, action: str) -> Iterator[Outcome]:
        """Part by part, and no further than it takes: what an `or` need not read stays open."""
        match tree:
            case Not(item):
                for found in self._decide(item, so_far, action):
                    yield Outcome(not found.holds, found.known, found.records, found.effort)
            case Both(items) | Either(items):
                stops_at = isinstance(tree, Either)
                waiting = [so_far]
                for item in items:
                    going_on: list[Outcome] = []
                    for before in waiting:
                        for found in self._decide(item, before, action):
                            if found.holds is stops_at:
                                yield found
                            else:
                                going_on.append(found)
                    waiting = going_on[:MOST_COMBINATIONS]
                yield from waiting
            case _:
                yield from self._compare(tree, so_far, action)

    def _compare(self, leaf: Node, so_far: Outcome, action: str) -> Iterator[Outcome]:
        names, test = _read(leaf)
        free = [name for name in names if so_far.known.get(name, OPEN) is OPEN]
        tried = [self.said(name) if name in so_far.known else self._outside_first_initial(name) for name in free]
        for values in islice(product(*tried), MOST_COMBINATIONS):
            chosen = dict(zip(free, values, strict=True))
            known = {**so_far.known, **chosen}
            records: list[Record] = []
            for name, value in chosen.items():
                if name in so_far.known:
                    records.append(Chosen(name, value))
                elif value != self.initial(name):
                    records.append(Assumed(name, value, action))
            effort = so_far.effort + sum(isinstance(record, Assumed) for record in records)
            yield Outcome(test(known, {}), known, (*so_far.records, *records), effort)

    def _outside_first_initial(self, name: str) -> tuple[Value, ...]:
        return tuple(dict.fromkeys((self.initial(name), *self.set_outside(name))))


@lru_cache(maxsize=4096)
def _read(leaf: Node) -> tuple[tuple[str, ...], Test]:
    names = dict.fromkeys(node.path for node in walk(leaf) if isinstance(node, Name) and node.namespace == "slots")
    return tuple(names), compiled(leaf)


def _negated(condition: Condition) -> str:
    return str(condition.tree.item) if isinstance(condition.tree, Not) else f"not ({condition.text})"
