"""The report as plain lines for the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.coverage.histogram import bar
from core.coverage.report import CoverageReport, FlowCoverage, Side, Way

MOST_PAIRS = 8


def flow_rows(report: CoverageReport, side: Side) -> list[tuple[str, str, int, int, str]]:
    """Flow, coverage, steps, missing steps and their lines; best covered first, the total last (as in the reference)."""
    flows = sorted(report.flows, key=lambda flow: -flow.percent(side))
    rows = [(flow.label, f"{flow.percent(side):7.2f}%", len(flow.steps), *_missing(flow, side)) for flow in flows]
    return [*rows, ("Total", f"{report.percent(side):7.2f}%", report.steps, report.missing(side), "")]


def _missing(flow: FlowCoverage, side: Side) -> tuple[int, str]:
    missing = flow.missing(side)
    return len(missing), f"[{', '.join(step.lines for step in missing)}]" if missing else ""


def missing_lines(report: CoverageReport) -> Iterator[str]:
    """Every step no passing test reaches, with its place and the shortest way there."""
    for flow in report.flows:
        for step in flow.missing():
            yield f"{flow.file}:{step.lines}  {step.kind} {step.what}  (flow {flow.id})"
            way = report.way_to(flow.id, step.id)
            if way is not None:
                yield f"    {way_line(way)}"


def way_line(way: Way) -> str:
    """All of a way on one line."""
    if not way.messages:
        return f"no way: {way.note}"
    parts = [f"{one.slot} = {one.value} (fixture)" for one in way.fixtures]
    parts += [message.payload or "; ".join(message.commands) for message in way.messages]
    parts += [f"{stub.action} sets {one.slot} = {one.value}" for stub in way.stubs for one in stub.sets]
    missed = f"  tried, and not reached: {way.note}" if way.checked == "missed" else ""
    return " > ".join(parts) + missed


def way_lines(way: Way) -> Iterator[str]:
    """What the user says, message by message, and what has to hold."""
    if not way.messages:
        yield f"no way: {way.note}"
        return
    for fixture in way.fixtures:
        yield f"fixture  {fixture.slot} = {fixture.value}"
    for number, message in enumerate(way.messages, start=1):
        yield f"message {number}  {message.payload or '; '.join(message.commands)}"
    for stub in way.stubs:
        for one in stub.sets:
            yield f"action  {stub.action} sets {one.slot} = {one.value}"
    if way.conditions:
        yield f"where  {', '.join(way.conditions)}"
    if way.checked == "missed":
        yield f"tried, and it is not reached: {way.note}"


def extra_lines(report: CoverageReport) -> Iterator[str]:
    """What steps do not show: ways not taken, values not seen, patterns not met, pairs of commands."""
    extras = report.extras
    taken = sum(branch.taken > 0 for branch in extras.branches)
    yield f"branches taken: {taken} of {len(extras.branches)}"
    files = {flow.id: flow.file for flow in report.flows}
    for branch in extras.branches:
        if not branch.taken:
            place = f"{files.get(branch.flow, branch.flow)}:{branch.line}"
            yield f"    never: {place}  {branch.flow} / {branch.step}: {branch.condition} -> {branch.leads_to}"
    seen = sum(value.tests > 0 for value in extras.values)
    yield f"values seen of categorical and boolean slots: {seen} of {len(extras.values)}"
    for slot in dict.fromkeys(value.slot for value in extras.values if not value.tests):
        unseen = [value.value for value in extras.values if value.slot == slot and not value.tests]
        yield f"    never: {slot} = {' | '.join(unseen)}"
    met = sum(pattern.tests > 0 for pattern in extras.patterns)
    yield f"repair patterns met: {met} of {len(extras.patterns)}"
    unmet = [pattern.name for pattern in extras.patterns if not pattern.tests]
    if unmet:
        yield f"    never: {', '.join(unmet)}"
    yield f"pairs of commands: {len(extras.pairs)} different"
    for pair in extras.pairs[:MOST_PAIRS]:
        yield f"    {pair.count:>5,}  {pair.first}, then {pair.second}"


def training_lines(report: CoverageReport, cells: int = 30) -> Iterator[str]:
    """Commands and flows with the number of texts that carry them into the training data; values nothing carries."""
    rows = [row for row in report.training if row.kind != "value"]
    if not any(row.texts for row in rows):
        yield "no annotated steps in this project yet: `workbench ingest` reads them"
        return
    most = max(row.texts for row in rows)
    names = max(len(row.name) for row in rows)
    for row in rows:
        yield f"{row.kind:<7}  {row.name:<{names}}  {row.texts:>7,}  {bar(row.texts, most, cells)}".rstrip()
    values = [row for row in report.training if row.kind == "value"]
    without = [row.name for row in values if not row.texts]
    yield f"values of categorical and boolean slots: {len(values) - len(without)} of {len(values)}"
    yield from (f"    never: {name}" for name in without)


def gate_lines(report: CoverageReport) -> Sequence[str]:
    failed = report.failed_gates
    if not failed:
        return [f"all {len(report.gates)} limits are reached"]
    return [f"{len(failed)} of {len(report.gates)} limits are not reached:", *(f"    {gate}" for gate in failed)]
