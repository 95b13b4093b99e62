"""Which ways out of branching steps the tests took.

What the engine records is visits, not decisions: a way counts as taken if the next step the test visits in that flow is
the one the way leads to, or, for a way to the end, if the flow was completed at the branching step. Ways that lead to
the same place cannot be told apart and are listed as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.assistant.models import END, Assistant, Flow
from core.coverage.measure import Trace, paths_through
from core.coverage.report import BranchCoverage
from core.coverage.steps import user_flows
from core.dialogue.events import FlowCompleted
from core.dialogue.program import Program

ELSE = "else"


def branch_coverage(assistant: Assistant, traces: Sequence[Trace]) -> tuple[BranchCoverage, ...]:
    """Every way out of every branching step of the user flows, in file order."""
    ways = {flow.id: _ways(flow) for flow in user_flows(assistant)}
    taken: Counter[tuple[str, str, str]] = Counter()
    for trace in traces:
        for flow, path in paths_through(trace.visits).items():
            taken.update((flow, *pair) for pair in _steps_after(path))
        for event in trace.events:
            if isinstance(event, FlowCompleted):
                taken[event.flow, event.step, END] += 1
    return tuple(
        BranchCoverage(flow, step, line, condition, target, taken[flow, step, target])
        for flow, found in ways.items()
        for (step, target), (line, condition) in found.items()
    )


def _ways(flow: Flow) -> dict[tuple[str, str], tuple[int, str]]:
    """By step and target: the line, and the conditions that lead there."""
    found: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for node in Program(flow).nodes:
        if node.branches is None or not isinstance(node.step.next, tuple) or len(node.branches) < 2:
            continue
        for branch, (_, target) in zip(node.step.next, node.branches, strict=True):
            key = node.step.id, END if target is None else target.visit.step
            found.setdefault(key, (branch.where.line or 0, []))[1].append(
                ELSE if branch.condition is None else branch.condition.text
            )
    return {key: (line, " | ".join(conditions)) for key, (line, conditions) in found.items()}


def _steps_after(path: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each step with the next different one; a step is visited again where its question is asked again."""
    last = ""
    for step in path:
        if last and step != last:
            yield last, step
        last = step
