"""Checks of one flow's steps: where they lead, and whether what they name exists."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from core.assistant import builtin
from core.assistant.checks.names import known_action, known_response, known_slot
from core.assistant.checks.report import Report
from core.assistant.graph import FLOW_END, FlowGraph, all_steps
from core.assistant.models import END, Assistant, Call, Collect, Flow, Link, Noop, RunAction, SetSlots, SlotType, Step


def check_steps(graph: FlowGraph, assistant: Assistant, report: Report) -> None:
    _ids(graph, report)
    _jumps(graph, report)
    _order(graph, report)
    _endless(graph, report)
    for step in graph.steps:
        match step:
            case Collect():
                _collect(step, assistant, report)
            case RunAction():
                _action(step, assistant, report)
            case SetSlots():
                for name, _ in step.values:
                    known_slot(name, step.where, assistant, report)
            case Call() | Link():
                _other_flow(step, graph.flow, assistant, report)
            case Noop() if step.next is None:
                report.warning(
                    "noop-without-next", step.where, "a step that does nothing", "Add `next:`, or remove it.", step.id
                )


def _ids(graph: FlowGraph, report: Report) -> None:
    first: dict[str, Step] = {}
    for step in graph.steps:
        other = first.setdefault(step.id, step)
        if other is not step:
            what = f"two steps of `{graph.flow.id}` have one id; the first is in line {other.where.line}"
            report.error("duplicate-step", step.where, what, "Give each its own `id:`.", step.id)


def _jumps(graph: FlowGraph, report: Report) -> None:
    ids = [step.id for step in graph.steps]
    for step, jumps in zip(graph.steps, graph.jumps, strict=True):
        for jump in jumps:
            if jump.target is None and jump.name is not None:
                fix = f"Name a step's `id:` or `END`{report.nearly(jump.name, chain(ids, (END,)))}."
                report.error(
                    "next-to-nowhere", step.where, f"`next` leads to a step that `{graph.flow.id}` lacks", fix, jump.name
                )
        if not isinstance(step.next, tuple):
            continue
        for branch in step.next[:-1]:
            if branch.condition is None:
                fix = "Put `else:` last, and have one of it."
                report.warning("else-not-last", branch.where, "branches after `else` are never taken", fix)
        if step.next and step.next[-1].condition is not None:
            fix = "Add `- else:`; here, the next step in the file follows."
            report.warning("missing-else", step.where, "branches without `else`", fix, step.id)


def _order(graph: FlowGraph, report: Report) -> None:
    reachable = graph.reachable()
    for index, step in enumerate(graph.steps):
        previous = graph.steps[index - 1] if index else None
        if isinstance(previous, Link) and index not in reachable:
            continue  # said below, of the link
        if index not in reachable:
            fix = "Lead to it by `next:`, or remove it."
            report.warning("unreachable-step", step.where, f"no way leads to this step of `{graph.flow.id}`", fix, step.id)
    for steps in _lists(graph.flow.steps):
        for step in steps[:-1]:
            if isinstance(step, Link):
                report.error("link-not-last", step.where, "steps after a `link` never run", "Make it the last step.", step.flow)
    for step in graph.steps:
        if isinstance(step, Link) and step.next is not None:
            report.error("link-not-last", step.where, "a `link` ends the flow", "Remove its `next:`.", step.flow)


def _lists(steps: tuple[Step, ...]) -> Iterable[tuple[Step, ...]]:
    yield steps
    for step in all_steps(steps):
        for branch in step.next if isinstance(step.next, tuple) else ():
            if isinstance(branch.then, tuple):
                yield branch.then


def _endless(graph: FlowGraph, report: Report) -> None:
    """Steps that lead back to themselves without a condition or a question in between run forever."""
    state: dict[int, int] = {}
    for start in range(len(graph.steps)):
        index = start
        while index != FLOW_END and index not in state:
            state[index] = start
            jumps = graph.jumps[index]
            if may_wait(graph.steps[index]) or len(jumps) != 1 or jumps[0].is_conditional or jumps[0].target is None:
                break
            index = jumps[0].target
        else:
            if index != FLOW_END and state[index] == start:
                step = graph.steps[index]
                fix = "End it, or branch on a condition."
                report.error("endless-loop", step.where, f"steps of `{graph.flow.id}` repeat forever, from", fix, step.id)


def may_wait(step: Step) -> bool:
    """Whether the user may have to answer before the next step."""
    return isinstance(step, Collect | Call) or (isinstance(step, RunAction) and step.action == "action_listen")


def _collect(step: Collect, assistant: Assistant, report: Report) -> None:
    for rejection in step.rejections:
        known_response(rejection.utter, rejection.where, assistant, report)
    if "{{" in step.slot or not known_slot(step.slot, step.where, assistant, report):
        return
    action = f"action_ask_{step.slot}"
    has_action = action in assistant.actions
    has_response = step.response in assistant.responses or step.response in builtin.RESPONSES
    if step.utter is not None and step.utter.startswith("action_"):
        known_action(step.utter, step.where, assistant, report)
        return
    if step.utter is None and not has_action and not has_response:
        fix = f"Add the response `{step.response}`, or declare the action `{action}`."
        report.error("missing-question", step.where, "nothing asks for the slot", fix, step.slot)
    elif step.utter is not None:
        known_response(step.utter, step.where, assistant, report)
    elif has_action and has_response:
        fix = "Keep one of the two."
        report.warning(
            "two-questions", step.where, f"both `{step.response}` and `{action}` exist; the action asks", fix, step.slot
        )
    slot = assistant.slots.get(step.slot)
    if slot is None:
        return
    if slot.type is SlotType.LIST:
        fix = "Let an action set it, or change its type."
        report.error("list-slot", step.where, "a flow cannot ask for a slot of type list", fix, step.slot)
    if slot.mappings == ("controlled",) and not has_action and not _has_buttons(step.response, assistant):
        fix = "Map it `from_llm`, or give its question buttons with `/SetSlots(…)`."
        report.warning("controlled-slot", step.where, "no answer of the user can fill the controlled slot", fix, step.slot)


def _has_buttons(response: str, assistant: Assistant) -> bool:
    found = assistant.responses.get(response)
    return found is not None and any(variation.buttons for variation in found.variations)


def _action(step: RunAction, assistant: Assistant, report: Report) -> None:
    if step.action.startswith("utter_"):
        if step.action not in assistant.actions:
            known_response(step.action, step.where, assistant, report)
        return
    known_action(step.action, step.where, assistant, report)


def _other_flow(step: Call | Link, flow: Flow, assistant: Assistant, report: Report) -> None:
    verb = "call" if isinstance(step, Call) else "link"
    if isinstance(step, Call) and step.is_external:
        fix = "Stub it in tests; only its slots matter to a conversation."
        report.warning("external-call", step.where, "a tool or sub-agent, which is not run here", fix, step.flow)
    elif step.flow not in assistant.flows and step.flow not in builtin.PATTERNS and "{{" not in step.flow:
        fix = f"Name a flow of this assistant{report.nearly(step.flow, assistant.flows)}."
        report.error("missing-flow", step.where, f"`{verb}` to a flow that does not exist", fix, step.flow)
    if isinstance(step, Call) and flow.is_pattern:
        fix = "Use `link:`, or the steps themselves."
        report.error("pattern-calls", step.where, "a pattern may not `call` another flow", fix, step.flow)
