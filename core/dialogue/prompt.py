"""The variables of a command generator's prompt, computed from the state of a dialogue.

Which flows and slots are listed, and how values and messages are shown, follows what public prompts of the reference show
(default templates of its documentation; real prompts rendered by it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from core.assistant.models import Branch, Call, Collect, Flow, SlotType, Step
from core.dialogue.engine import Engine
from core.dialogue.events import ActionExecuted, BotUttered, Event, UserUttered
from core.dialogue.turn import State
from core.prompts.context import UNSET, Line, PromptContext, one_line

MOCKED: Final = "mocked_datetime"
"""The slot by which a test fixes the time."""

RESTART: Final = "action_restart"
"""What was said before this action is no longer shown."""

ASKS_AGAIN: Final = "pattern_validate_slot"
"""Asks again for a refused value: the flow whose slot it is stays the active one, as while it asks by itself."""


class PromptBuilder:
    """Computes prompt contexts for one assistant. What does not depend on the state is worked out once."""

    def __init__(self, engine: Engine, *, now: datetime | None = None) -> None:
        """`now`: the time a prompt with a date block shows, where the test does not mock one.

        Without either the block is left out, so that prompts repeat.
        """
        self._flows, self._slots, self._compat = engine.flows, engine.slots, engine.compat
        self._now = now
        self._shows_time = self._compat.date_time_in_prompt and engine.assistant.generator.include_date_time
        startable = [flow for flow in engine.assistant.flows.values() if not flow.is_pattern]
        self._listings = [(flow.guard, self._listing(flow)) for flow in startable]
        self._always = [listing for _, listing in self._listings]
        self._guarded = any(flow.guard is not None for flow in startable)

    def context(self, state: State, recorded: Mapping[int, Sequence[str]] | None = None) -> PromptContext:
        """What a template needs for the message that `state.history` ends with.

        `recorded`: the bot's texts after the user message of that number (1-based; 0: before the first), for those that
        something else than the assistant's files made up; they take the place of what was said here.
        """
        history = self.lines(state.history, recorded or {})
        active = self._active(state)
        asked = self._asked(state)
        variables: dict[str, Any] = {
            "available_flows": self._available(state),
            "flow_slots": [] if active is None else self._flow_slots(active, state),
            "current_flow": None if active is None else active.id,
            "current_slot": state.asked,
            "current_slot_description": None if asked is None else asked.description,
            "current_slot_type": None if state.asked is None else self._type(state.asked),
            "current_slot_allowed_values": None if state.asked is None else self._allowed(state.asked),
        }
        if self._compat.has_repeat:
            variables["is_repeat_command_enabled"] = True
        if self._shows_time and (now := _mocked(state.slots.get(MOCKED)) or self._now) is not None:
            variables["current_datetime"] = now
        return PromptContext(variables, history, history[-1].text)

    def lines(self, events: Sequence[Event], recorded: Mapping[int, Sequence[str]]) -> tuple[Line, ...]:
        """The conversation as a prompt shows it, from the last restart on."""
        lines: list[Line] = []
        turn = 0
        for event in events:
            if isinstance(event, UserUttered):
                lines.extend(Line("AI", one_line(text)) for text in recorded.get(turn, ()))
                turn += 1
                lines.append(Line("USER", one_line(event.text)))
            elif isinstance(event, BotUttered) and event.text and turn not in recorded:
                lines.append(Line("AI", one_line(self._with_buttons(event))))
            elif isinstance(event, ActionExecuted) and event.name == RESTART:
                lines.clear()
        return tuple(lines)

    def _with_buttons(self, event: BotUttered) -> str:
        text = event.text or ""
        if not (self._compat.button_titles_in_history and event.buttons):
            return text
        return " ".join([text, *(f"[{button.title}]" for button in event.buttons)])

    def _available(self, state: State) -> list[dict[str, Any]]:
        if not self._guarded:
            return self._always
        slots = state.slots
        return [listing for guard, listing in self._listings if guard is None or guard.holds(slots, {})]

    def _active(self, state: State) -> Flow | None:
        """The flow on top; of flows that were called, the one that called them."""
        frame = next((frame for frame in reversed(state.stack) if not frame.called and frame.flow != ASKS_AGAIN), None)
        return None if frame is None else self._flows.get(frame.flow)

    def _asked(self, state: State) -> Collect | None:
        """The step that asked for the slot: the one the top frame stands at, else the first that asks for it."""
        top = next((frame for frame in reversed(state.stack) if frame.flow != ASKS_AGAIN), None)
        if state.asked is None or top is None:
            return None
        flows = [flow for flow in (self._flows.get(top.flow), self._active(state)) if flow is not None]
        asking = [one for flow in flows for one in collects(self._flows, flow) if one.slot == state.asked]
        return next((one for one in asking if one.id == top.step), asking[0] if asking else None)

    def _listing(self, flow: Flow) -> dict[str, Any]:
        slots = [
            {"name": collect.slot, "description": collect.description, "allowed_values": self._allowed(collect.slot)}
            for collect in _listed(self._flows, flow, None)
        ]
        return {"name": flow.id, "description": flow.description, "slots": slots}

    def _flow_slots(self, flow: Flow, state: State) -> list[dict[str, Any]]:
        return [
            {
                "name": collect.slot,
                "description": collect.description,
                "allowed_values": self._allowed(collect.slot),
                "value": UNSET if (value := state.slots.get(collect.slot)) is None else value,
                "type": self._type(collect.slot),
            }
            for collect in _listed(self._flows, flow, state.asked)
        ]

    def _type(self, name: str) -> str:
        slot = self._slots.get(name)
        return (SlotType.ANY if slot is None else slot.type).value

    def _allowed(self, name: str) -> list[str | bool] | None:
        slot = self._slots.get(name)
        if slot is None:
            return None
        return [True, False] if slot.type is SlotType.BOOL else list(slot.values) or None


def _mocked(value: Any) -> datetime | None:
    """ISO 8601 with a zone; without one it is UTC, and a date alone its midnight."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def collects(flows: Mapping[str, Flow], flow: Flow) -> Iterator[Collect]:
    """The collect steps of a flow in step order, nested branches and called flows included, each flow once."""
    yield from _collects(flows, flow.steps, {flow.id})


def _collects(flows: Mapping[str, Flow], steps: Sequence[Step], seen: set[str]) -> Iterator[Collect]:
    for step in steps:
        if isinstance(step, Collect):
            yield step
        elif isinstance(step, Call) and step.flow not in seen and (called := flows.get(step.flow)) is not None:
            seen.add(step.flow)
            yield from _collects(flows, called.steps, seen)
        for branch in step.next if isinstance(step.next, tuple) else ():
            yield from _branch(flows, branch, seen)


def _branch(flows: Mapping[str, Flow], branch: Branch, seen: set[str]) -> Iterator[Collect]:
    if isinstance(branch.then, tuple):
        yield from _collects(flows, branch.then, seen)


def _listed(flows: Mapping[str, Flow], flow: Flow, asked: str | None) -> Iterator[Collect]:
    """Each slot once. One that is asked before filling cannot be filled in advance: it is listed only while it is asked."""
    seen: set[str] = set()
    for collect in collects(flows, flow):
        if collect.slot not in seen and (not collect.ask_before_filling or collect.slot == asked):
            seen.add(collect.slot)
            yield collect
