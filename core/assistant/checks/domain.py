"""Checks of slots and responses."""

from __future__ import annotations

import re

from core.assistant import builtin
from core.assistant.checks.conditions import check_condition, may_hold
from core.assistant.checks.names import known_response, known_slot
from core.assistant.checks.report import Report
from core.assistant.conditions import Condition
from core.assistant.graph import FlowGraph
from core.assistant.models import Assistant, Button, Collect, Response, RunAction, Slot, SlotType, Variation
from core.commands import SetSlot
from core.dialogue.payloads import Intent, read_payload

_TEMPLATE_CHARACTERS = 200_000  # of all templates together: jinja takes a second for as many
_BLANKS = re.compile(r"\s+")
_PLACEHOLDER = re.compile(r"(?<!\{)\{([\w-]+)\}(?!\})")


def check_slots(assistant: Assistant, report: Report) -> None:
    for slot in assistant.slots.values():
        _values(slot, report)
        for rejection in slot.rejections:
            known_response(rejection.utter, rejection.where, assistant, report)
            check_condition(rejection.condition, rejection.where, assistant, report)
        if slot.refill_utter is not None:
            known_response(slot.refill_utter, slot.where, assistant, report)


def check_responses(graphs: list[FlowGraph], assistant: Assistant, report: Report) -> None:
    said = _said_by_flows(graphs)
    template_characters = 0
    for response in assistant.responses.values():
        for variation in response.variations:
            _condition(variation, assistant, report)
            for button in variation.buttons:
                _button(button, variation, response, assistant, report)
            if variation.is_jinja:
                template_characters += len(variation.text or "")
                if template_characters <= _TEMPLATE_CHARACTERS:
                    _template(variation, response, report)
                else:
                    what = f"templates of more than {_TEMPLATE_CHARACTERS:,} characters together"
                    report.error("bad-template", variation.where, what, "Shorten them.", response.name)
            elif response.name in said:
                _placeholders(variation, response, assistant, report)
            if variation.text is None and variation.custom is None and variation.image is None and not variation.buttons:
                fix = "Add `text:`."
                report.warning("silent-response", variation.where, "a variation that says nothing", fix, response.name)


def _values(slot: Slot, report: Report) -> None:
    if slot.type is SlotType.CATEGORICAL and not slot.values:
        fix = "List them under `values:`."
        report.error("no-values", slot.where, "a categorical slot without values", fix, slot.name)
    elif slot.initial_value is not None and not _is_listed(slot, str(slot.initial_value)):
        fix = f"Use one of its values{report.nearly(str(slot.initial_value), slot.values)}."
        what = f"the initial value of `{slot.name}` is none of its values"
        report.warning("impossible-value", slot.where, what, fix, str(slot.initial_value))


def _is_listed(slot: Slot, value: str) -> bool:
    return value in slot.values if slot.type is SlotType.CATEGORICAL else may_hold(slot, value)


def _said_by_flows(graphs: list[FlowGraph]) -> frozenset[str]:
    """Responses that flows other than patterns say themselves; what actions say may have placeholders of its own."""
    said: set[str] = set()
    for graph in graphs:
        for step in graph.steps if not graph.flow.is_pattern else ():
            if isinstance(step, RunAction):
                said.add(step.action)
            elif isinstance(step, Collect):
                said |= {step.response, *(rejection.utter for rejection in step.rejections)}
    return frozenset(said)


def _condition(variation: Variation, assistant: Assistant, report: Report) -> None:
    if isinstance(variation.condition, Condition):
        check_condition(variation.condition, variation.where, assistant, report)
    for slot_is in variation.condition if isinstance(variation.condition, tuple) else ():
        known_slot(slot_is.name, variation.where, assistant, report)


def _placeholders(variation: Variation, response: Response, assistant: Assistant, report: Report) -> None:
    for name in _PLACEHOLDER.findall(variation.text or ""):
        if name not in assistant.slots:
            fix = f"Name a slot{report.nearly(name, assistant.slots)}."
            report.warning("unknown-placeholder", variation.where, f"`{response.name}` shows no slot but `None` for", fix, name)


def _template(variation: Variation, response: Response, report: Report) -> None:
    from jinja2 import TemplateError  # tens of milliseconds, and few assistants have templates

    from core.prompts.environment import environment

    try:
        environment().parse(variation.text or "")
    except (TemplateError, RecursionError) as error:
        what = f"the template of `{response.name}` cannot be read ({error})"
        report.error("bad-template", variation.where, what, "Mend it, or remove `template: jinja`.")


def _button(button: Button, variation: Variation, response: Response, assistant: Assistant, report: Report) -> None:
    if not button.payload.lstrip().startswith("/") or _PLACEHOLDER.search(button.payload):
        return  # free text, or known only once a slot is filled in
    payload = read_payload(_BLANKS.sub(" ", button.payload))
    if payload is None:
        fix = "Write `/SetSlots(slot=value)`, or an intent such as `/greet`."
        what = f"a button of `{response.name}` sends what cannot be read"
        report.warning("bad-payload", variation.where, what, fix, button.payload)
    elif isinstance(payload, Intent):
        if payload.name not in assistant.intents and payload.name not in builtin.INTENTS:
            fix = f"Add it to the domain's `intents:`{report.nearly(payload.name, assistant.intents)}."
            what = f"a button of `{response.name}` sends an intent the domain lacks"
            report.warning("unknown-intent", variation.where, what, fix, payload.name)
    else:
        for command in payload:
            _set_slot(command, variation, assistant, report)


def _set_slot(command: SetSlot, variation: Variation, assistant: Assistant, report: Report) -> None:
    slot = assistant.slots.get(command.name)
    if slot is None:
        known_slot(command.name, variation.where, assistant, report)
    elif slot.type is SlotType.LIST:
        fix = "Let an action set it."
        report.warning("list-slot", variation.where, "a button cannot set a slot of type list", fix, slot.name)
    elif isinstance(command.value, str) and not may_hold(slot, _as_listed(command.value, slot)):
        fix = f"Send one of its values{report.nearly(command.value, slot.values)}."
        what = f"a button sets `{slot.name}` to a value that it cannot have"
        report.warning("impossible-value", variation.where, what, fix, command.value)


def _as_listed(value: str, slot: Slot) -> str:
    """Values of categorical slots are matched without regard to case."""
    return next((listed for listed in slot.values if listed.lower() == value.strip().lower()), value)
