"""The lines of the coverage tree: everything, each flow, and the steps of the flows that are open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.coverage.report import CoverageReport, FlowCoverage, StepCoverage


@dataclass(frozen=True, slots=True)
class Row:
    """`flow` None: the line of all flows. `step` None: the flow's own line."""

    flow: FlowCoverage | None = None
    step: StepCoverage | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it stands for, the same from run to run."""
        return self.flow.id if self.flow else "", self.step.id if self.step else ""

    @property
    def is_missing(self) -> bool:
        return self.step is not None and not self.step.passed


def tree_rows(report: CoverageReport, opened: Collection[str]) -> list[Row]:
    """Flows that miss most come first; those covered alike stay in file order."""
    return [Row(), *(row for flow in sorted(report.flows, key=FlowCoverage.percent) for row in _of_flow(flow, opened))]


def _of_flow(flow: FlowCoverage, opened: Collection[str]) -> Iterator[Row]:
    yield Row(flow)
    if flow.id in opened:
        yield from (Row(flow, step) for step in flow.steps)


def missing_after(report: CoverageReport, key: tuple[str, str], direction: int) -> tuple[str, str] | None:
    """The next (1) or previous (-1) missing step from a line of the tree, whether its flow is open or not."""
    rows = tree_rows(report, [flow.id for flow in report.flows])
    at = next((number for number, row in enumerate(rows) if row.key == key), 0)
    wanted = rows[at + 1 :] if direction > 0 else rows[:at][::-1]
    return next((row.key for row in wanted if row.is_missing), None)
