"""From what happened in each test to what the tests cover."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.assistant.models import Assistant, Flow
from core.commands import Command
from core.coverage.command_types import ALWAYS_SHOWN, name_of
from core.coverage.report import CommandCount, FlowCoverage, StepCoverage
from core.coverage.steps import counted_steps, user_flows
from core.dialogue.events import Event
from core.dialogue.turn import StepVisit, Turn


@dataclass(frozen=True, slots=True)
class Trace:
    """What one test did. `visits` and `events` of the whole conversation, in order.

    `commands`: those carried out, in order. A button's payload bypasses the command generator, so it counts for none.
    """

    passed: bool
    visits: tuple[StepVisit, ...]
    commands: tuple[Command, ...] = ()
    events: tuple[Event, ...] = ()


def trace_of(passed: bool, turns: Sequence[Turn], started: Sequence[Event] = ()) -> Trace:
    """`started`: events of the session start."""
    return Trace(
        passed,
        tuple(visit for turn in turns for visit in turn.visits),
        tuple(command for turn in turns if not turn.is_button for command in turn.processed),
        (*started, *(event for turn in turns for event in turn.events)),
    )


def flow_coverage(assistant: Assistant, traces: Iterable[Trace]) -> tuple[FlowCoverage, ...]:
    """Every user flow with how often each of its steps was visited, in file order.

    Steps of called and linked flows count for those flows alone, as in the reference since its fix (3.13.23, 3.14.11,
    3.15.7, 3.16.0); the merging of the versions before it is not copied.
    """
    visits: dict[bool, Counter[StepVisit]] = {True: Counter(), False: Counter()}
    paths: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for trace in traces:
        visits[trace.passed].update(trace.visits)
        if trace.passed:
            for flow, path in paths_through(trace.visits).items():
                paths[flow].add(path)
    return tuple(_of_flow(flow, visits, len(paths[flow.id])) for flow in user_flows(assistant))


def _of_flow(flow: Flow, visits: Mapping[bool, Counter[StepVisit]], paths: int) -> FlowCoverage:
    steps = tuple(
        StepCoverage(
            step.id, step.kind, step.what, step.first_line, step.last_line, step.depth,
            visits[True][StepVisit(flow.id, step.id)], visits[False][StepVisit(flow.id, step.id)],
        )
        for step in counted_steps(flow)
    )  # fmt: skip
    return FlowCoverage(flow.id, flow.display_name, flow.where.path, flow.where.line or 0, steps, paths)


def paths_through(visits: Iterable[StepVisit]) -> dict[str, tuple[str, ...]]:
    """For each flow the steps one test took in it, in order."""
    paths: dict[str, list[str]] = defaultdict(list)
    for flow, step in visits:
        paths[flow].append(step)
    return {flow: tuple(steps) for flow, steps in paths.items()}


def command_counts(traces: Iterable[Trace], unusable: Mapping[str, str]) -> tuple[CommandCount, ...]:
    """One row a kind of command, by name. What cannot be used and never occurs is left out unless the reference's
    histogram shows it.
    """
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for trace in traces:
        counts[trace.passed].update(map(name_of, trace.commands))
    rows = (CommandCount(name, counts[True][name], counts[False][name], why) for name, why in sorted(unusable.items()))
    return tuple(row for row in rows if row.passed or row.failed or not row.unusable or row.name in ALWAYS_SHOWN)
