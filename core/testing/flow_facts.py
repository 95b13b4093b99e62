"""What an assistant's flows say, fill and decide by themselves: all else is left to custom actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.assistant.conditions import Condition
from core.assistant.graph import all_steps
from core.assistant.models import (
    Call,
    Collect,
    Flow,
    Link,
    Response,
    RunAction,
    SetSlots,
    Slot,
    SlotType,
    Step,
)
from core.testing.response_templates import Template, template_of
from core.yaml.scalars import value_of


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may be decided after a step. `conditions`: nearest first; `names`: the slots they read.

    `own`: those that the step's own branches read. `usable`: those an action at the step may be assumed to set.
    """

    conditions: tuple[Condition, ...]
    names: frozenset[str]
    own: frozenset[str]
    usable: frozenset[str]


@dataclass(frozen=True)
class FlowFacts:
    """Facts of an assistant's flows, worked out once. `flows`: pattern flows and the built-in defaults among them."""

    flows: Mapping[str, Flow]
    slots: Mapping[str, Slot]
    responses: Mapping[str, Response]
    # What was worked out before: tests ask the same again and again.
    _ahead: dict[tuple[str, str | None], Ahead] = field(default_factory=dict, repr=False, compare=False)
    _said_texts: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    _slot_texts: dict[str, Sequence[Mapping[str, str]]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def said(self) -> frozenset[str]:
        """Responses that flows, rejections and questions say."""
        names = {name for flow in self.flows.values() for step in all_steps(flow.steps) for name in _said_by(step)}
        names.update(one.utter for slot in self.slots.values() for one in slot.rejections)
        names.update(slot.refill_utter for slot in self.slots.values() if slot.refill_utter)
        return frozenset(names)

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """The texts of those responses."""
        texts = (
            variation.text
            for name in sorted(self.said)
            if (response := self.responses.get(name)) is not None
            for variation in response.variations
            if variation.text and not variation.is_jinja
        )
        return tuple(template for text in texts if (template := template_of(text)) is not None)

    @cached_property
    def filled(self) -> frozenset[str]:
        """Slots that flows collect or set: commands, or the flow itself, give them their values."""
        names: set[str] = set()
        for flow in self.flows.values():
            for step in all_steps(flow.steps):
                if isinstance(step, Collect):
                    names.add(step.slot)
                elif isinstance(step, SetSlots):
                    names.update(name for name, _ in step.values)
        return frozenset(names)

    def asked_by(self, flow: str | None) -> frozenset[str]:
        """Slots that a flow collects."""
        steps = all_steps(self.flows[flow].steps) if flow is not None and flow in self.flows else ()
        return frozenset(step.slot for step in steps if isinstance(step, Collect))

    def is_question(self, slot: str, line: str) -> bool:
        """Whether a line, a response's name or a text, asks for a slot."""
        names = {
            step.response
            for flow in self.flows.values()
            for step in all_steps(flow.steps)
            if isinstance(step, Collect) and step.slot == slot
        }
        if line in names:
            return True
        known = (self.responses[name] for name in names if name in self.responses)
        texts = (variation.text for response in known for variation in response.variations if variation.text)
        return any((one := template_of(text)) is not None and one.values(line) is not None for text in texts)

    def left_to_actions(self, slot: str) -> bool:
        known = self.slots.get(slot)
        return slot not in self.filled or (known is not None and not known.filled_by_llm)

    def is_said_by_flows(self, text: str) -> bool:
        """Whether a text is one that a flow says: then no action is given it, or a flow that went wrong went unseen."""
        if (known := self._said_texts.get(text)) is None:
            known = any(one.says_something and one.values(text) is not None for one in self.templates)
            self._said_texts[text] = known
        return known

    def slot_texts(self, text: str) -> Sequence[Mapping[str, str]]:
        """Slots whose values would make a flow say this text."""
        if (known := self._slot_texts.get(text)) is None:
            found = (template.values(text) for template in self.templates if template.slots)
            known = tuple(values for values in found if values is not None)
            self._slot_texts[text] = known
        return known

    def ahead(self, flow: str, step: str | None) -> Ahead:
        """What may be decided after a step: by the rest of its flow, by flows called or linked from there, and by the
        rest of its callers."""
        if (known := self._ahead.get((flow, step))) is None:
            known = self._ahead[flow, step] = self._find_ahead(flow, step)
        return known

    def _find_ahead(self, flow: str, step: str | None) -> Ahead:
        found: list[Condition] = []
        own: set[str] = set()
        seen: set[str] = set()
        waiting: list[tuple[str, str | None]] = [(flow, step)]
        while waiting:
            id_, after = waiting.pop(0)
            if id_ in seen or id_ not in self.flows:
                continue
            seen.add(id_)
            for one, is_step in _from(self.flows[id_].steps, after):
                conditions = list(_conditions(one))
                found += conditions
                if is_step and id_ == flow:
                    own.update(name for condition in conditions for name in condition.names)
                if isinstance(one, Call | Link) and one.flow not in seen:
                    waiting.append((one.flow, None))
            waiting += self._callers.get(id_, [])
        names = frozenset(name for condition in found for name in condition.names)
        usable = frozenset(name for name in names if name in own or self.left_to_actions(name))
        return Ahead(tuple(found), names, frozenset(own), usable)

    @cached_property
    def _callers(self) -> Mapping[str, list[tuple[str, str | None]]]:
        callers: dict[str, list[tuple[str, str | None]]] = {}
        for flow in self.flows.values():
            for step in all_steps(flow.steps):
                if isinstance(step, Call):
                    callers.setdefault(step.flow, []).append((flow.id, step.id))
        return callers


def _from(steps: tuple[Step, ...], step_id: str | None) -> Iterator[tuple[Step, bool]]:
    """The steps from the one of this id on, and whether it is that one; all where it is None or unknown."""
    ordered = list(all_steps(steps))
    start = next((place for place, step in enumerate(ordered) if step.id == step_id), None)
    for place, step in enumerate(ordered[start or 0 :]):
        yield step, start is not None and place == 0


def _conditions(step: Step) -> Iterator[Condition]:
    for branch in step.next if isinstance(step.next, tuple) else ():
        if branch.condition is not None:
            yield branch.condition
    if isinstance(step, Collect):
        yield from (rejection.condition for rejection in step.rejections)


def _said_by(step: Step) -> Iterator[str]:
    if isinstance(step, RunAction):
        yield step.action
    elif isinstance(step, Collect):
        yield step.response
        yield from (rejection.utter for rejection in step.rejections)


def typed(slot: Slot | None, text: str) -> Any:
    """A value as an action would have set it, told by how it is printed: numbers and booleans where they look so."""
    if text == "None":
        return None
    if (slot is not None and slot.type in (SlotType.TEXT, SlotType.CATEGORICAL)) or not text:
        return text
    return {"True": True, "False": False}.get(text, value_of(text))
