"""A flow compiled: its steps as nodes that know their successors, and the sets that the engine asks for at each turn.

Compiling is done once for an assistant. What a turn costs does not depend on how many flows there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import IntEnum, auto
from functools import cached_property
from itertools import chain
from typing import Any, Final

from core.assistant.models import END, Branch, Call, Collect, Flow, Link, Noop, RunAction, SetSlots, Slot, Step
from core.dialogue.events import FlowStarted, SlotSet
from core.dialogue.turn import StepVisit

LISTEN: Final = "action_listen"

_Test = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]


class Kind(IntEnum):
    COLLECT = 0
    ACTION = auto()
    LISTEN = auto()
    CALL = auto()
    LINK = auto()
    SET_SLOTS = auto()
    NOOP = auto()
    NOWHERE = auto()
    """A jump to a step that does not exist."""


class Node:
    """A step. `following`: the node after it, None at the end of the flow. `branches`: None where it does not branch.

    `name`: the slot it collects, the action it runs, the flow it leads to, or the step it cannot find.
    """

    __slots__ = ("branches", "collect", "following", "is_template", "kind", "name", "sets", "step", "visit")

    def __init__(self, kind: Kind, step: Step, flow: str, name: str = "") -> None:
        self.kind = kind
        self.step = step
        self.name = name
        self.is_template = kind is Kind.ACTION and "{{" in name
        self.visit = StepVisit(flow, step.id)
        self.following: Node | None = None
        self.branches: tuple[tuple[_Test | None, Node | None], ...] | None = None
        self.collect = step if isinstance(step, Collect) else None
        self.sets = tuple(SlotSet(slot, value) for slot, value in step.values) if isinstance(step, SetSlots) else ()

    def __repr__(self) -> str:
        return f"<{self.visit.flow}/{self.step.id}>"


class Program:
    """A compiled flow. What it shares with flows that it calls is worked out once it is needed, after `connect`."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.id = flow.id
        self.label = flow.name or flow.id
        self.is_pattern = flow.is_pattern
        self.started = FlowStarted(flow.id)
        self.nodes: list[Node] = []
        self.first = _Compiler(self).whole(flow.steps)
        self._programs: Mapping[str, Program] = {flow.id: self}
        self._slots: Mapping[str, Slot] = {}
        self._includes_others = True

    def __repr__(self) -> str:
        return f"<flow {self.id}>"

    def connect(self, programs: Mapping[str, Program], slots: Mapping[str, Slot], *, includes_others: bool) -> None:
        """`includes_others`: slots of called and linked flows count as the flow's own (see `Compat`)."""
        self._programs, self._slots, self._includes_others = programs, slots, includes_others

    @property
    def collects(self) -> list[Collect]:
        """Its own collect steps."""
        return [node.collect for node in self.nodes if node.collect is not None]

    @cached_property
    def fillable(self) -> frozenset[str]:
        """Slots that commands may fill while the flow runs."""
        owners = self._reached((Kind.CALL, Kind.LINK)) if self._includes_others else [self]
        return frozenset(collect.slot for program in owners for collect in program.collects)

    @cached_property
    def correctable(self) -> frozenset[str]:
        """Slots of the flow and of those it calls."""
        return frozenset(collect.slot for collect in self._all_collects)

    @cached_property
    def asked_anew(self) -> frozenset[str]:
        """Of these, slots whose every collect step asks before filling."""
        return self.correctable - {collect.slot for collect in self._all_collects if not collect.ask_before_filling}

    @cached_property
    def empty_slots(self) -> Mapping[str, Any]:
        """The slots that are reset when the flow ends, and what to."""
        kept = {name for program in self._called for name in program.flow.persisted_slots}
        kept.update(collect.slot for collect in self._all_collects if not collect.reset_after_flow_ends)
        collected = (collect.slot for collect in self._all_collects)
        names = chain(collected, (one.name for program in self._called for node in program.nodes for one in node.sets))
        reset = (name for name in dict.fromkeys(names) if name not in kept)
        return {name: slot.initial_value if (slot := self._slots.get(name)) else None for name in reset}

    @cached_property
    def resets(self) -> tuple[SlotSet, ...]:
        """The events of that."""
        return tuple(SlotSet(name, value) for name, value in self.empty_slots.items())

    @cached_property
    def _called(self) -> list[Program]:
        return self._reached((Kind.CALL,))

    @cached_property
    def _all_collects(self) -> list[Collect]:
        return [collect for program in self._called for collect in program.collects]

    def _reached(self, kinds: tuple[Kind, ...]) -> list[Program]:
        """This flow and those it leads to by steps of these kinds, directly or not, each once."""
        found = {self.id: self}
        waiting = deque([self])
        while waiting:
            for node in waiting.popleft().nodes:
                target = self._programs.get(node.name) if node.kind in kinds else None
                if target is not None and target.id not in found:
                    found[target.id] = target
                    waiting.append(target)
        return list(found.values())


class _Compiler:
    """Makes the nodes of one flow, then connects them: jumps may lead forward, and into branches."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.by_id: dict[str, Node] = {}
        self.by_step: dict[int, Node] = {}  # keyed by identity: two steps may have one id, which is a mistake but no crash

    def whole(self, steps: tuple[Step, ...]) -> Node | None:
        """The first node of the flow, None if it has no steps."""
        self.make(steps)
        return self.connect(steps, None)

    def make(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            kind, name = _kind(step)
            node = Node(kind, step, self.program.id, name)
            self.program.nodes.append(node)
            self.by_id.setdefault(step.id, node)
            self.by_step[id(step)] = node
            for branch in step.next if isinstance(step.next, tuple) else ():
                if isinstance(branch.then, tuple):
                    self.make(branch.then)

    def connect(self, steps: tuple[Step, ...], after: Node | None) -> Node | None:
        """The first node of a list of steps, `after` if there is none. The last step leads to `after`."""
        nodes = [self.by_step[id(step)] for step in steps]
        for index, (step, node) in enumerate(zip(steps, nodes, strict=True)):
            following = nodes[index + 1] if index + 1 < len(nodes) else after
            if isinstance(step.next, str):
                node.following = self.target(step.next, step)
            else:
                node.following = following
            if isinstance(step.next, tuple):
                node.branches = tuple(self.branch(branch, step, following) for branch in step.next)
        return nodes[0] if nodes else after

    def branch(self, branch: Branch, step: Step, following: Node | None) -> tuple[_Test | None, Node | None]:
        test = None if branch.condition is None else branch.condition.holds
        if isinstance(branch.then, str):
            return test, self.target(branch.then, step)
        return test, self.connect(branch.then, following)

    def target(self, name: str, step: Step) -> Node | None:
        if name == END:
            return None
        return self.by_id.get(name) or Node(Kind.NOWHERE, step, self.program.id, name)


def _kind(step: Step) -> tuple[Kind, str]:
    match step:
        case Collect(slot=slot):
            return Kind.COLLECT, slot
        case RunAction(action=action):
            return (Kind.LISTEN if action == LISTEN else Kind.ACTION), action
        case Call(flow=flow, is_external=True):  # a tool or an agent: whoever runs custom actions may know it
            return Kind.ACTION, flow
        case Call(flow=flow):
            return Kind.CALL, flow
        case Link(flow=flow):
            return Kind.LINK, flow
        case SetSlots():
            return Kind.SET_SLOTS, ""
        case Noop():
            return Kind.NOOP, ""
    raise AssertionError(step)
