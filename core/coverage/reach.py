"""The shortest way to a step: what the user says, which values it takes, which conditions hold on the way."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from core.assistant.models import Assistant
from core.commands import Dialect, SetSlot, StartFlow, to_text
from core.coverage.candidates import Value, shown
from core.coverage.command_types import can_be_started
from core.coverage.maps import FlowMap
from core.coverage.reach_moves import Move, Moves, Place
from core.coverage.reach_values import Assumed, Chosen, Held, Ran, Record, Said
from core.coverage.report import ActionStub, SlotValue, Way, WayMessage
from core.dialogue.program import Node

MOST_PLACES: Final = 10_000
"""Looked at for one step before giving up: some tenths of a second."""


class Reach:
    """Finds ways through the flows of an assistant. Nothing is run: `core.coverage.draft` checks them with the engine."""

    def __init__(self, assistant: Assistant, dialect: Dialect) -> None:
        self.assistant = assistant
        self.dialect = dialect
        self.flows = FlowMap(assistant)

    def way_to(self, flow: str, step: str) -> Way:
        """The way with the fewest messages and assumptions, and among these the fewest steps; `note` says why if none."""
        target = self.flows.node(flow, step)
        if target is None:
            return Way(flow, step, note="there is no such step")
        leading = self.flows.leading_to(target)
        starts = [name for name in self._starts(flow) if self.flows.programs[name].first in leading]
        if not starts:
            return Way(flow, step, note="no flow that a message can start leads to it")
        why_not = ""
        for may_override in (False, True):
            moves = Moves(self.flows, self.flows.called_from(leading), may_override=may_override)
            found = _search(moves, starts, leading, target)
            if isinstance(found, tuple):
                return self._way(flow, step, *found, moves)
            why_not = found
        return Way(flow, step, note=why_not or "no values were found that lead to it")

    def _starts(self, flow: str) -> Iterator[str]:
        """The step's own flow first: of two ways equally short it is the plainer."""
        for name in dict.fromkeys((flow, *self.flows.programs)):
            program = self.flows.programs[name].flow
            if can_be_started(program) or program.nlu_triggers:
                yield name

    def _way(self, flow: str, step: str, start: str, records: Iterable[Record], moves: Moves) -> Way:
        said: list[tuple[str, Value]] = []
        fixtures: dict[str, SlotValue] = {}
        stubs: dict[str, dict[str, SlotValue]] = {}
        conditions: list[str] = []
        for record in records:
            match record:
                case Said(slot):
                    said.append((slot, moves.choices.said(slot)[0]))
                case Chosen(slot, value):
                    last = max(number for number, (name, _) in enumerate(said) if name == slot)
                    said[last] = slot, value
                case Assumed(slot, value, ""):
                    fixtures[slot] = SlotValue(slot, value)
                case Assumed(slot, value, action):
                    stubs.setdefault(action, {})[slot] = SlotValue(slot, value)
                case Ran(action):
                    stubs.setdefault(action, {})
                case Held(text):
                    conditions.append(text)
        return Way(
            flow, step, (self._start(start), *(self._say(*one) for one in said)), tuple(fixtures.values()),
            tuple(ActionStub(action, tuple(sets.values())) for action, sets in stubs.items()), tuple(conditions),
        )  # fmt: skip

    def _start(self, flow: str) -> WayMessage:
        if can_be_started(self.flows.programs[flow].flow):
            return WayMessage((to_text(StartFlow(flow), self.dialect),))
        return WayMessage((), f"/{self.flows.programs[flow].flow.nlu_triggers[0]}")

    def _say(self, slot: str, value: Value) -> WayMessage:
        """A slot the command generator may not fill is filled by a button."""
        known = self.assistant.slots.get(slot)
        if known is None or known.filled_by_llm:
            return WayMessage((to_text(SetSlot(slot, shown(value)), self.dialect),))
        return WayMessage((), f"/SetSlots({slot}={shown(value)})")


def _search(
    moves: Moves, starts: Iterable[str], leading: frozenset[Node], target: Node
) -> tuple[str, tuple[Record, ...]] | str:
    """The flow to start and what happens from there, or why nothing was found (empty: nothing leads there)."""
    number = count()
    queue: list[tuple[int, int, int, Place, str, tuple[Record, ...]]] = []

    def add(move: Move, effort: int, steps: int, start: str, records: tuple[Record, ...]) -> None:
        if any(node in leading for node in move.place.stack):
            entry = (effort + move.effort, steps, next(number), move.place, start, records + move.records)
            heapq.heappush(queue, entry)

    for start in starts:
        for move in moves.starts(start):
            add(move, 0, 0, start, ())
    seen: set[Place] = set()
    while queue:
        effort, steps, _, place, start, records = heapq.heappop(queue)
        if place.stack[-1] is target:
            return start, records
        if place in seen:
            continue
        seen.add(place)
        if len(seen) > MOST_PLACES:
            return f"given up after {MOST_PLACES:,} places"
        for move in moves.moves(place):
            add(move, effort, steps + 1, start, records)
    return ""
