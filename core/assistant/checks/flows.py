"""Checks between flows: links, calls, guards, and what a flow says of itself."""

from __future__ import annotations

from collections.abc import Mapping

from core.assistant import builtin
from core.assistant.checks.report import Report
from core.assistant.checks.steps import may_wait
from core.assistant.graph import FlowGraph
from core.assistant.models import Assistant, Call, Collect, Flow, Link, SetSlots
from core.assistant.predicates.tree import Constant

Ways = Mapping[str, tuple[tuple[Call | Link, str], ...]]


def check_flows(graphs: Mapping[str, FlowGraph], assistant: Assistant, report: Report) -> None:
    ways = {
        flow: tuple((step, step.flow) for step in graph.steps if isinstance(step, Call | Link) and step.flow in graphs)
        for flow, graph in graphs.items()
    }
    reached = {target for found in ways.values() for _, target in found}
    for flow, graph in graphs.items():
        _description(graph.flow, report)
        _triggers(graph.flow, assistant, report)
        _persisted(graph, graphs, report)
        _guard(graph.flow, flow in reached, report)
    _linking_children(graphs, ways, report)
    _cycles(graphs, ways, report)


def _description(flow: Flow, report: Report) -> None:
    if not flow.description.strip() and not flow.is_pattern:
        fix = "Say in a sentence what it does for the user: the command generator chooses by it."
        report.warning("no-description", flow.where, "a flow without `description`", fix, flow.id)
    if flow.is_pattern and flow.id not in builtin.PATTERNS:
        fix = f"Name a built-in pattern{report.nearly(flow.id, builtin.PATTERNS)}."
        report.warning("unknown-pattern", flow.where, "no event starts a pattern of this name", fix, flow.id)


def _triggers(flow: Flow, assistant: Assistant, report: Report) -> None:
    for intent in flow.nlu_triggers:
        if intent not in assistant.intents and intent not in builtin.INTENTS:
            fix = f"Add it to the domain's `intents:`{report.nearly(intent, assistant.intents)}."
            report.warning("unknown-intent", flow.where, f"`{flow.id}` is triggered by an intent the domain lacks", fix, intent)


def _guard(flow: Flow, is_reached: bool, report: Report) -> None:
    tree = flow.guard.tree if flow.guard is not None else None
    if isinstance(tree, Constant) and tree.value is False and not (is_reached or flow.nlu_triggers or flow.is_pattern):
        fix = "Link to it or call it, give it an `nlu_trigger:`, or change its `if:`."
        report.warning("unreachable-flow", flow.where, "a flow that nothing can start", fix, flow.id)


def _persisted(graph: FlowGraph, graphs: Mapping[str, FlowGraph], report: Report) -> None:
    if not graph.flow.persisted_slots:
        return
    own = _slots_of(graph)
    for step in graph.steps:
        if isinstance(step, Call) and step.flow in graphs:
            own |= _slots_of(graphs[step.flow])
    for name in graph.flow.persisted_slots:
        if name not in own:
            fix = f"Name slots that it collects or sets{report.nearly(name, own)}."
            report.error("persisted-slot", graph.flow.where, f"`{graph.flow.id}` persists a slot that it never sets", fix, name)
    for step in graph.steps:
        if isinstance(step, Collect) and not step.reset_after_flow_ends:
            fix = "List the slot under `persisted_slots:` instead."
            report.warning(
                "two-ways-to-persist", step.where, "`reset_after_flow_ends` beside `persisted_slots`", fix, step.slot
            )


def _slots_of(graph: FlowGraph) -> set[str]:
    collected = {step.slot for step in graph.steps if isinstance(step, Collect)}
    return collected | {name for step in graph.steps if isinstance(step, SetSlots) for name, _ in step.values}


def _linking_children(graphs: Mapping[str, FlowGraph], ways: Ways, report: Report) -> None:
    called = {target: step for found in ways.values() for step, target in found if isinstance(step, Call)}
    for child, call in called.items():
        for step in graphs[child].steps:
            if isinstance(step, Link) and step.flow not in builtin.PATTERNS:
                what = f"`{child}` is called ({call.where}), so it may not `link`"
                report.error("child-links", step.where, what, "Use `call:`, or let the caller link.", step.flow)


def _cycles(graphs: Mapping[str, FlowGraph], ways: Ways, report: Report) -> None:
    """Flows that lead to each other in a circle: an error where nothing on the way waits for the user or branches."""
    done: set[str] = set()
    for start in graphs:
        path: dict[str, None] = {}
        waiting: list[tuple[str, int]] = [(start, 0)]
        while waiting:
            flow, depth = waiting.pop()
            while len(path) > depth:
                path.popitem()
            if flow in path:
                names = list(path)
                _report_cycle(names[names.index(flow) :], graphs, ways, report)
                continue
            if flow in done:
                continue
            done.add(flow)
            path[flow] = None
            waiting += [(target, depth + 1) for _, target in reversed(ways[flow])]


def _report_cycle(cycle: list[str], graphs: Mapping[str, FlowGraph], ways: Ways, report: Report) -> None:
    following = cycle[1 % len(cycle)]
    step = next(step for step, target in ways[cycle[0]] if target == following)
    way = " → ".join([*cycle, cycle[0]])
    if any(_may_pause(graphs[flow]) for flow in cycle):
        fix = "Make sure that some branch ends it."
        report.warning("flow-cycle", step.where, "flows that lead to each other", fix, way)
    else:
        fix = "Remove one of the links or calls."
        report.error("flow-cycle", step.where, "flows that lead to each other without ever waiting for the user", fix, way)


def _may_pause(graph: FlowGraph) -> bool:
    asks = any(may_wait(step) and not isinstance(step, Call) for step in graph.steps)
    return asks or any(jump.is_conditional for jumps in graph.jumps for jump in jumps)
