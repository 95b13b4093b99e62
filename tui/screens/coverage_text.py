"""What the Coverage screen says at the right: of everything, of a flow, or of a step with its YAML and the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.coverage.histogram import histogram_lines
from core.coverage.report import CoverageReport, FlowCoverage, StepCoverage
from core.coverage.text import extra_lines, training_lines, way_lines
from tui.styles import BAD, DOUBTFUL, GOOD, HEADING, KEY, MUTED
from tui.widgets.plain import one_line, printable
from tui.widgets.transcript_text import Block

NOTHING_MEASURED = (
    "Nothing measured yet.",
    "",
    "r runs the tests of this project now; in a terminal:",
    "  workbench coverage",
)
BAR_CELLS = 16
_NOTHING = Content()


def nothing_measured() -> list[Block]:
    return [Block(_NOTHING, Content.styled(line, MUTED)) for line in NOTHING_MEASURED]


def summary(report: CoverageReport | None, at: str, changed: frozenset[str], width: int) -> Content:
    """The line above both panes: total, tests, time, and whether files have changed since."""
    if report is None:
        return Content.styled("Coverage", HEADING)
    tests = f"{report.passed_tests:,} tests passed"
    tests += f", {report.failed_tests:,} failed" if report.failed_tests else ""
    tests += f", {report.not_run:,} could not be run" if report.not_run else ""
    parts = [
        Content.assemble(("Coverage ", HEADING), (f"{report.percent():.2f} %", "bold")),
        Content.styled(f" of {report.steps:,} steps  {tests}", ""),
        Content.styled(f"  {at[:16].replace('T', ' ')} UTC", MUTED),
    ]
    if changed:
        parts.insert(1, Content.styled("  flows changed since: r", DOUBTFUL))
    line = _NOTHING
    for part in parts:
        if line.cell_length + part.cell_length <= width:
            line += part
    return line


def all_blocks(report: CoverageReport) -> Iterator[Block]:
    """Limits, commands, and what steps do not show."""
    yield _heading("Limits")
    if not report.is_whole:
        yield _line("! Only some of the project's tests were run.", DOUBTFUL)
    failed = report.failed_gates
    if not failed:
        yield _line(f"✓ all {len(report.gates)} are reached", GOOD)
    for gate in failed:
        yield Block(Content.styled("✗ ", BAD), Content(one_line(str(gate))))
    yield from _part("Commands in passing tests", histogram_lines(report.commands, "passed", BAR_CELLS))
    yield from _part("What steps do not show", extra_lines(report))
    yield from _part("Texts in the training data", training_lines(report, BAR_CELLS))


def flow_blocks(report: CoverageReport, flow: FlowCoverage, source: Sequence[str] | None) -> Iterator[Block]:
    """A flow's branches and its YAML. `source`: the lines of its file, None if it cannot be read."""
    yield _heading(flow.name)
    count = f"{len(flow.steps) - len(flow.missing())} of {len(flow.steps)} steps"
    paths = f"{flow.paths} different path{'' if flow.paths == 1 else 's'}"
    yield _line(f"{one_line(flow.file)}:{flow.line}  {count}, {paths}", MUTED)
    branches = [branch for branch in report.extras.branches if branch.flow == flow.id]
    if branches:
        yield Block(_NOTHING, _NOTHING)
        yield _heading("Branches")
    for branch in branches:
        mark = Content.styled("✓ " if branch.taken else "✗ ", GOOD if branch.taken else BAD)
        text = f"{branch.condition} -> {branch.leads_to}"
        yield Block(mark, Content.assemble(one_line(text), (f"  {branch.taken:,}", MUTED)))
    last = max((step.last_line for step in flow.steps), default=flow.line)
    missing = {line for step in flow.missing() for line in range(step.first_line, step.last_line + 1)}
    covered = {step.first_line for step in flow.steps if step.passed}
    yield Block(_NOTHING, _NOTHING)
    yield from _yaml(source, flow.line, last, missing - covered)


def step_blocks(
    report: CoverageReport, flow: FlowCoverage, step: StepCoverage, source: Sequence[str] | None
) -> Iterator[Block]:
    """A step: how often it was visited, the shortest way to it where it was not, and its YAML."""
    yield _heading(f"{step.kind} {step.what}")
    yield _line(f"{one_line(flow.file)}:{step.lines}  step {one_line(step.id)}", MUTED)
    if step.passed:
        yield _line(f"✓ visited {_times(step.passed)} by passing tests", GOOD)
    else:
        by_failed = f", {_times(step.failed)} by failing ones" if step.failed else ""
        yield _line(f"✗ no passing test visits it{by_failed}", BAD)
        way = report.way_to(flow.id, step.id)
        if way is not None:
            yield Block(_NOTHING, _NOTHING)
            yield _heading("Shortest way")
            yield from (_way_line(line) for line in way_lines(way))
    yield Block(_NOTHING, _NOTHING)
    yield from _yaml(source, step.first_line, step.last_line, set())


def _times(count: int) -> str:
    return f"{count:,} time{'' if count == 1 else 's'}"


def _way_line(line: str) -> Block:
    """`message 1  start flow x`: what it is, then what it says."""
    what, separator, text = line.partition("  ")
    if not separator:
        return _line(line, DOUBTFUL)
    return Block(Content.styled(f"{what:<11}", MUTED), Content.styled(one_line(text), KEY if what.startswith("m") else ""))


def _yaml(source: Sequence[str] | None, first: int, last: int, missing: set[int]) -> Iterator[Block]:
    if source is None:
        yield _line("Its file cannot be read.", DOUBTFUL)
        return
    shown = [printable(line).rstrip() for line in source[first - 1 : last]]
    while shown and not shown[-1]:
        shown.pop()
    margin = min((len(line) - len(line.lstrip()) for line in shown if line), default=0)
    cells = len(str(last))
    for number, line in enumerate(shown, start=first):
        is_missing = number in missing
        mark = Content.styled(f"{number:>{cells}} {'✗' if is_missing else ' '} ", BAD if is_missing else MUTED)
        text = line[margin:].lstrip(" ")
        yield Block(mark + " " * (len(line[margin:]) - len(text)), Content(text))


def _part(title: str, lines: Iterator[str] | Sequence[str]) -> Iterator[Block]:
    yield Block(_NOTHING, _NOTHING)
    yield _heading(title)
    for line in lines:
        text = line.lstrip(" ")
        yield Block(Content(" " * (len(line) - len(text))), Content(one_line(text)))


def _heading(text: str) -> Block:
    return Block(_NOTHING, Content.styled(one_line(text), HEADING))


def _line(text: str, style: str = "") -> Block:
    return Block(_NOTHING, Content.styled(text, style))
