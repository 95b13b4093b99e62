"""A flow as a readable outline, and as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.assistant.models import Assistant, Branch, Call, Collect, Flow, Link, RunAction, SetSlots, Step

_INDENT = "  "


def flow_lines(flow: Flow, assistant: Assistant) -> Iterator[str]:
    """The flow's head, then a line a step with its branches below it."""
    yield f"{flow.id}  ({flow.display_name})  {flow.where}"
    for line in flow.description.strip().splitlines():
        yield f"{_INDENT}{line.strip()}"
    if flow.guard is not None:
        yield f"{_INDENT}can start if {flow.guard.text}"
    if flow.nlu_triggers:
        yield f"{_INDENT}started by the intents {', '.join(flow.nlu_triggers)}"
    if flow.persisted_slots:
        yield f"{_INDENT}keeps {', '.join(flow.persisted_slots)}"
    yield from _step_lines(flow.steps, assistant, 1)


def flow_data(flow: Flow) -> dict[str, Any]:
    return {
        "id": flow.id,
        "name": flow.display_name,
        "description": flow.description,
        "file": flow.where.path,
        "line": flow.where.line,
        "if": flow.guard.text if flow.guard is not None else None,
        "persisted_slots": list(flow.persisted_slots),
        "nlu_triggers": list(flow.nlu_triggers),
        "steps": [_step_data(step) for step in flow.steps],
    }


def kind_of(step: Step) -> tuple[str, str]:
    """The key that a step has in its file, and what it names."""
    match step:
        case Collect(slot=slot):
            return "collect", slot
        case RunAction(action=action):
            return "action", action
        case Call(flow=flow):
            return "call", flow
        case Link(flow=flow):
            return "link", flow
        case SetSlots(values=values):
            return "set_slots", ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values)
    return "noop", ""


def _step_lines(steps: tuple[Step, ...], assistant: Assistant, depth: int) -> Iterator[str]:
    indent = _INDENT * depth
    for step in steps:
        leads = f" → {step.next}" if isinstance(step.next, str) else ""
        yield f"{indent}{step.where.line:>4}  {' '.join(kind_of(step)).rstrip()}{_details(step, assistant)}{leads}"
        for branch in step.next if isinstance(step.next, tuple) else ():
            yield f"{indent}{'':6}{_head(branch)}"
            if isinstance(branch.then, tuple):
                yield from _step_lines(branch.then, assistant, depth + 3)


def _details(step: Step, assistant: Assistant) -> str:
    """What is worth knowing of a step, in parentheses. Its id only where jumps can name it."""
    details = [f"id {step.id}"] if not step.id[0].isdigit() else []
    if isinstance(step, Collect):
        slot = assistant.slots.get(step.slot)
        details += [slot.type.value] if slot is not None else []
        details += ["asked anew"] if step.ask_before_filling else []
        details += ["forced"] if step.force_slot_filling else []
        details += [f"{len(step.rejections)} rejections"] if step.rejections else []
    return f"  ({', '.join(details)})" if details else ""


def _head(branch: Branch) -> str:
    words = "else" if branch.condition is None else f"if {branch.condition.text}"
    return f"{words} → {branch.then}" if isinstance(branch.then, str) else f"{words}:"


def _step_data(step: Step) -> dict[str, Any]:
    kind, name = kind_of(step)
    data: dict[str, Any] = {"id": step.id, "kind": kind, "name": name, "line": step.where.line, "last_line": step.last_line}
    if isinstance(step, Collect):
        data |= {
            "description": step.description,
            "response": step.response,
            "ask_before_filling": step.ask_before_filling,
            "force_slot_filling": step.force_slot_filling,
            "rejections": [{"if": one.condition.text, "utter": one.utter} for one in step.rejections],
        }
    if isinstance(step, SetSlots):
        data |= {"name": "", "values": dict(step.values)}
    data["next"] = [_branch_data(branch) for branch in step.next] if isinstance(step.next, tuple) else step.next
    return data


def _branch_data(branch: Branch) -> dict[str, Any]:
    then = branch.then if isinstance(branch.then, str) else [_step_data(step) for step in branch.then]
    return {"if": branch.condition.text if branch.condition is not None else None, "then": then}
