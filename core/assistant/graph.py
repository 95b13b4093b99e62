"""The steps of one flow in file order, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.assistant.models import END, Flow, Link, Step

FLOW_END: Final = -1
"""The target that stands for the end of the flow."""


@dataclass(frozen=True, slots=True)
class Jump:
    """`target`: index of a step, `FLOW_END`, or None where no step has the id `name`."""

    target: int | None
    name: str | None
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class FlowGraph:
    """`steps`: every step, those of branches where they stand. `jumps[i]`: where step `i` may lead, first match first."""

    flow: Flow
    steps: tuple[Step, ...]
    jumps: tuple[tuple[Jump, ...], ...]

    def reachable(self) -> frozenset[int]:
        """The steps that can be reached from the first."""
        found: set[int] = set()
        waiting = [0] if self.steps else []
        while waiting:
            index = waiting.pop()
            if index in found or index == FLOW_END:
                continue
            found.add(index)
            waiting += [jump.target for jump in self.jumps[index] if jump.target is not None]
        return frozenset(found)


def graph_of(flow: Flow) -> FlowGraph:
    steps: list[Step] = []
    places: dict[int, int] = {}
    for step in all_steps(flow.steps):
        places[id(step)] = len(steps)  # by identity: two steps may have one id by mistake
        steps.append(step)
    ids: dict[str, int] = {}
    for index, step in enumerate(steps):
        ids.setdefault(step.id, index)
    jumps: list[tuple[Jump, ...]] = [()] * len(steps)
    _connect(flow.steps, FLOW_END, places, ids, jumps)
    return FlowGraph(flow, tuple(steps), tuple(jumps))


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps in file order, each before those of its branches."""
    for step in steps:
        yield step
        for branch in step.next if isinstance(step.next, tuple) else ():
            if isinstance(branch.then, tuple):
                yield from all_steps(branch.then)


def _connect(
    steps: tuple[Step, ...], after: int, places: dict[int, int], ids: dict[str, int], jumps: list[tuple[Jump, ...]]
) -> None:
    for position, step in enumerate(steps):
        following = places[id(steps[position + 1])] if position + 1 < len(steps) else after
        if isinstance(step, Link):
            found: list[Jump] = []
        elif isinstance(step.next, str):
            found = [_jump(step.next, ids, is_conditional=False)]
        elif step.next is None:
            found = [Jump(following, None, False)]
        else:
            found = []
            for branch in step.next:
                is_conditional = branch.condition is not None
                if isinstance(branch.then, str):
                    found.append(_jump(branch.then, ids, is_conditional=is_conditional))
                    continue
                _connect(branch.then, following, places, ids, jumps)
                found.append(Jump(places[id(branch.then[0])] if branch.then else following, None, is_conditional))
            if all(jump.is_conditional for jump in found):
                found.append(Jump(following, None, True))
        jumps[places[id(step)]] = tuple(found)


def _jump(name: str, ids: dict[str, int], *, is_conditional: bool) -> Jump:
    return Jump(FLOW_END if name == END else ids.get(name), name, is_conditional)
