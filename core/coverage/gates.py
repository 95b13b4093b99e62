"""Limits that the coverage of a project has to reach (`[coverage]` in workbench.toml).

Their defaults are the user guide's of the recipe (3.10): 90 % in all, 80 % of every flow, every command represented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.coverage.report import CommandCount, FlowCoverage, Gate, percent


@dataclass(frozen=True, slots=True)
class Limits:
    """Percentages. `commands`: names that must occur; None: all that the assistant can use."""

    total: float = 90.0
    flow: float = 80.0
    commands: tuple[str, ...] | None = None


DEFAULT_LIMITS = Limits()


def judge(flows: Sequence[FlowCoverage], commands: Sequence[CommandCount], limits: Limits) -> tuple[Gate, ...]:
    """Every limit with what passing tests reach, the total first."""
    return tuple(_gates(flows, commands, limits))


def _gates(flows: Sequence[FlowCoverage], commands: Sequence[CommandCount], limits: Limits) -> Iterator[Gate]:
    steps = sum(len(flow.steps) for flow in flows)
    total = percent(steps - sum(len(flow.missing()) for flow in flows), steps)
    yield Gate("total", "total", limits.total, total, total >= limits.total)
    for flow in flows:
        yield Gate("flow", flow.id, limits.flow, flow.percent(), flow.percent() >= limits.flow)
    counts = {row.name: row.passed for row in commands}
    wanted = [row.name for row in commands if not row.unusable] if limits.commands is None else limits.commands
    for name in wanted:
        yield Gate("command", name, 1, counts.get(name, 0), counts.get(name, 0) > 0)
