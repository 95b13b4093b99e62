"""From the results of a test run to the whole report."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.assistant.models import Assistant
from core.commands import Dialect
from core.coverage.command_types import can_be_started, usable_commands
from core.coverage.extras import declared_values, find_extras, slot_value
from core.coverage.gates import DEFAULT_LIMITS, Limits, judge
from core.coverage.measure import Trace, command_counts, flow_coverage
from core.coverage.reach import Reach
from core.coverage.report import CoverageReport, FlowCoverage, TrainingCount, TrainingKind
from core.coverage.steps import user_flows
from core.coverage.training import training_counts
from core.coverage.walk import Walk, walk
from core.dataset.selection import Rephrasings
from core.dialogue.compat import Compat
from core.dialogue.engine import Engine


@dataclass(frozen=True, slots=True)
class Measured:
    """`walks`: the shortest way to each step no passing test reaches, gone with the engine."""

    report: CoverageReport
    walks: tuple[Walk, ...]


def measure(
    assistant: Assistant,
    compat: Compat,
    dialect: Dialect,
    traces: Sequence[Trace],
    *,
    limits: Limits = DEFAULT_LIMITS,
    engine: Engine | None = None,
    training: tuple[TrainingCount, ...] = (),
    not_run: int = 0,
    is_whole: bool = True,
) -> Measured:
    """Everything that tests cover and how to reach the rest. Without an engine the ways are not tried."""
    flows = flow_coverage(assistant, traces)
    unusable = usable_commands(assistant, dialect, compat)
    commands = command_counts(traces, unusable)
    walks = tuple(_walks(assistant, dialect, flows, engine))
    passed = sum(trace.passed for trace in traces)
    report = CoverageReport(
        passed_tests=passed,
        failed_tests=len(traces) - passed,
        flows=flows,
        commands=commands,
        extras=find_extras(assistant, traces, unusable),
        training=training,
        gates=judge(flows, commands, limits),
        ways=tuple(walk.way for walk in walks),
        not_run=not_run,
        is_whole=is_whole,
    )
    return Measured(report, walks)


def _walks(assistant: Assistant, dialect: Dialect, flows: Iterable[FlowCoverage], engine: Engine | None) -> Iterator[Walk]:
    reach = Reach(assistant, dialect)
    for flow in flows:
        for step in flow.missing():
            way = reach.way_to(flow.id, step.id)
            yield Walk(way) if engine is None else walk(way, engine)


def training_of(
    connection: sqlite3.Connection, assistant: Assistant, compat: Compat, dialect: Dialect, mode: Rephrasings
) -> tuple[TrainingCount, ...]:
    """What the project's training data has of everything the assistant knows."""
    usable = usable_commands(assistant, dialect, compat)
    expected: list[tuple[TrainingKind, str]] = [("command", name) for name, why_not in usable.items() if not why_not]
    expected += [("flow", flow.id) for flow in user_flows(assistant) if can_be_started(flow)]
    expected += [("value", slot_value(slot.name, value)) for slot, value in declared_values(assistant) if slot.filled_by_llm]
    return training_counts(connection, dialect, mode, expected)
