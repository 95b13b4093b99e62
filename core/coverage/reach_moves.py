"""One step further on the way through the flows: where it can lead, and what it takes to go there.

This walks the flows as the engine does, but chooses what the user says and what custom actions set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.assistant.conditions import Condition
from core.assistant.models import SlotType
from core.coverage.candidates import Value
from core.coverage.command_types import can_be_started
from core.coverage.maps import FlowMap, conditions_at
from core.coverage.reach_values import OPEN, Assumed, Choices, Known, Open, Outcome, Ran, Record, Said
from core.dialogue.program import Kind, Node


@dataclass(frozen=True, slots=True)
class Place:
    """`stack`: the step about to be visited, on top of the calls it is inside of. `values`: of the slots known so far.

    `action`: the custom action that ran last.
    """

    stack: tuple[Node, ...]
    values: frozenset[tuple[str, Value | Open]]
    action: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """`effort`: messages and assumptions it takes."""

    place: Place
    effort: int
    records: tuple[Record, ...] = ()


class Moves:
    """Of the ways that lead through `nodes`. `may_override`: custom actions may set slots that flows fill, too."""

    def __init__(self, flows: FlowMap, nodes: Iterable[Node], *, may_override: bool) -> None:
        self.flows = flows
        self.may_override = may_override
        members = list(nodes)
        slots = flows.assistant.slots
        conditions = [condition for node in members for condition in conditions_at(node)]
        collected = {node.name: slots.get(node.name) for node in members if node.kind is Kind.COLLECT}
        conditions += [one.condition for slot in collected.values() if slot is not None for one in slot.rejections]
        self.choices = Choices(slots, conditions)
        self.read = frozenset(name for condition in conditions for name in condition.names)
        self.filled = collected.keys() | {event.name for node in members for event in node.sets}

    def starts(self, flow: str) -> Iterator[Move]:
        """A conversation in which `flow` has been started. Its guard must hold, unless an intent starts it."""
        program = self.flows.programs[flow]
        if program.first is None:
            return
        guard = program.flow.guard if can_be_started(program.flow) else None
        initial = {name: self.choices.initial(name) for name in self.filled}
        for found in self.choices.decide(guard, initial, ""):
            if found.holds:
                yield Move(Place((program.first,), frozenset(found.known.items())), found.effort + 1, found.records)

    def moves(self, place: Place) -> Iterator[Move]:
        """Everything that can come after visiting the step on top."""
        node, known = place.stack[-1], dict(place.values)
        match node.kind:
            case Kind.COLLECT:
                yield from self._collect(place, node, known)
            case Kind.ACTION if not node.name.startswith("utter_"):
                yield from self._run(place, node, known)
            case Kind.CALL if (called := self.flows.programs.get(node.name)) is not None and called.first is not None:
                if all(one.visit.flow != called.id for one in place.stack):  # not a flow that calls itself
                    yield Move(Place((*place.stack, called.first), place.values, place.action), 0)
            case Kind.LINK:
                linked = self.flows.programs.get(node.name)
                if linked is not None and linked.first is not None:
                    known |= self.flows.programs[place.stack[0].visit.flow].empty_slots
                    yield Move(Place((linked.first,), frozenset(known.items()), place.action), 0)
            case Kind.NOWHERE:
                return
            case _:
                known |= {event.name: event.value for event in node.sets}
                yield from self._go_on(place.stack, Outcome(True, known), place.action)

    def _collect(self, place: Place, node: Node, known: dict[str, Value | Open]) -> Iterator[Move]:
        step = node.collect
        assert step is not None
        if known.get(step.slot) is not None and not step.ask_before_filling:
            yield from self._go_on(place.stack, Outcome(True, known), place.action)
            return
        slot = self.flows.assistant.slots.get(step.slot)
        if slot is not None and slot.type is SlotType.LIST:
            return  # no message can fill it
        refusals = [one.condition for one in (*step.rejections, *(slot.rejections if slot else ()))]
        said = Outcome(True, {**known, step.slot: OPEN}, (Said(step.slot),), 1)
        for accepted in self._none_of(refusals, said, place.action):
            yield from self._go_on(place.stack, accepted, place.action)

    def _none_of(self, refusals: list[Condition], so_far: Outcome, action: str) -> Iterator[Outcome]:
        if not refusals:
            yield so_far
            return
        first, *others = refusals
        for found in self.choices.decide(first, so_far.known, action):
            if not found.holds:
                records = so_far.records + found.records[:-1]  # that it is accepted goes without saying
                yield from self._none_of(others, Outcome(True, found.known, records, so_far.effort + found.effort), action)

    def _run(self, place: Place, node: Node, known: Known) -> Iterator[Move]:
        ran = Outcome(True, known, (Ran(node.name),))
        yield from self._go_on(place.stack, ran, node.name)
        if not self.may_override:
            return
        for name in sorted(self.read & self.filled):
            for value in self.choices.set_outside(name):
                if value != known.get(name):
                    assumed = (*ran.records, Assumed(name, value, node.name))
                    yield from self._go_on(place.stack, Outcome(True, {**known, name: value}, assumed, 1), node.name)

    def _go_on(self, stack: tuple[Node, ...], so_far: Outcome, action: str) -> Iterator[Move]:
        """Leave the step on top by each way that some choice of values opens."""
        node = stack[-1]
        branches = node.step.next if node.branches is not None and isinstance(node.step.next, tuple) else ()
        targets = [target for _, target in node.branches or ()]
        waiting = [so_far]
        for branch, target in zip(branches, targets, strict=True):
            going_on: list[Outcome] = []
            for before in waiting:
                for found in self.choices.decide(branch.condition, before.known, action):
                    after = Outcome(True, found.known, before.records + found.records, before.effort + found.effort)
                    if found.holds:
                        yield from self._arrive(stack[:-1], target, after, action)
                    else:
                        going_on.append(after)
            waiting = going_on
        for before in waiting:
            yield from self._arrive(stack[:-1], node.following, before, action)

    def _arrive(self, below: tuple[Node, ...], target: Node | None, so_far: Outcome, action: str) -> Iterator[Move]:
        """At `target`, or back in the calling flow if this one has ended."""
        if target is not None:
            place = Place((*below, target), frozenset(so_far.known.items()), action)
            yield Move(place, so_far.effort, so_far.records)
        elif below:
            yield from self._go_on(below, so_far, action)
