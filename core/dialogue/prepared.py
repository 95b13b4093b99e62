"""An assistant made ready to run: flows compiled, defaults filled in, and what the engine looks up at every turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.assistant.models import Assistant, Flow, Slot
from core.dialogue.compat import Compat
from core.dialogue.defaults import defaults
from core.dialogue.program import Program
from core.dialogue.responses import Responses

COLLECT_PATTERN: Final = "pattern_collect_information"
"""Its default is built in; a project's own is run like any other flow."""

ROUTED: Final = "route_session_to_calm"
"""The slot by which an assistant with two systems knows that the flows have the word."""


class Prepared:
    """Read-only after it is made: conversations share it, also across threads."""

    def __init__(self, assistant: Assistant, compat: Compat) -> None:
        base = defaults(compat)
        self.assistant = assistant
        self.compat = compat
        inherited = {name: flow for name, flow in base.flows.items() if name not in assistant.flows}
        self.flows: Mapping[str, Flow] = {**assistant.flows, **inherited}
        self.programs = {flow.id: Program(flow) for flow in self.flows.values()}
        self.slots = _slots(assistant, base.slots, self.programs)
        self.initial: Mapping[str, Any] = {slot.name: slot.initial_value for slot in self.slots.values()}
        self.responses = Responses({**base.responses, **assistant.responses}.values())
        self.actions = assistant.actions
        for program in self.programs.values():
            program.connect(self.programs, self.slots, includes_others=compat.called_slots_belong_to_caller)
        self.collect_pattern = self.programs.get(COLLECT_PATTERN)
        self.askable = frozenset(collect.slot for program in self.programs.values() for collect in program.collects)
        self.by_action = frozenset(slot for slot in self.askable if f"action_ask_{slot}" in self.actions)
        self.validated = frozenset(slot for slot in self.askable if f"validate_{slot}" in self.actions)
        self.watched = frozenset(slot.name for slot in self.slots.values() if slot.rejections)
        self.from_entities = frozenset(slot.name for slot in self.slots.values() if "from_entity" in slot.mappings)
        self.triggers = _triggers(self.programs)
        self.intents = assistant.intents | self.triggers.keys()
        self.most_characters = assistant.generator.max_characters

    def is_startable(self, program: Program, slots: Mapping[str, Any]) -> bool:
        """Whether its guard holds; a call, a link and an intent do not ask."""
        guard = program.flow.guard
        return guard is None or guard.holds(slots, {})


def _slots(assistant: Assistant, base: Mapping[str, Slot], programs: Mapping[str, Program]) -> dict[str, Slot]:
    """The project's slots, and of the defaults those that a flow asks for."""
    asked = {collect.slot for program in programs.values() for collect in program.collects}
    return {**{name: slot for name, slot in base.items() if name in asked}, **assistant.slots}


def _triggers(programs: Mapping[str, Program]) -> dict[str, Program]:
    """Which flow an intent starts; if several, the first, and the project's own before a default."""
    found: dict[str, Program] = {}
    for program in programs.values():
        for intent in program.flow.nlu_triggers:
            found.setdefault(intent, program)
    return found
