"""Everything that is wrong with an assistant, in one pass: what reading it found, and what its parts say of each other."""

from __future__ import annotations

import os
from collections.abc import Iterable

from core.assistant.checks.conditions import check_conditions
from core.assistant.checks.domain import check_responses, check_slots
from core.assistant.checks.flows import check_flows
from core.assistant.checks.report import Finding, Report
from core.assistant.checks.steps import check_steps
from core.assistant.graph import graph_of
from core.assistant.models import Assistant
from core.assistant.reading import ReadAssistant
from core.errors import Location

__all__ = ["Finding", "check", "check_read"]

_LEVELS = ("error", "warning")


def check_read(read: ReadAssistant) -> tuple[Finding, ...]:
    """What reading found and what `check` finds, by file and line. Flows that could not be read are not missing."""
    reading = (
        *(Finding("error", "file", problem) for problem in read.problems),
        *(Finding("warning", "file", problem) for problem in read.warnings),
    )
    found = (finding for finding in check(read.assistant) if finding.rule != "no-flows" or not read.problems)
    return _in_order((*reading, *found))


def check(assistant: Assistant) -> tuple[Finding, ...]:
    """What is wrong between the parts of an assistant, by file and line."""
    report = Report()
    graphs = {name: graph_of(flow) for name, flow in assistant.flows.items()}
    for graph in graphs.values():
        check_steps(graph, assistant, report)
        check_conditions(graph, assistant, report)
    check_flows(graphs, assistant, report)
    check_slots(assistant, report)
    check_responses(list(graphs.values()), assistant, report)
    if not assistant.flows:
        report.error("no-flows", Location(assistant.root), "the assistant has no flows", "Add files with `flows:`.")
    _prompt_template(assistant, report)
    return _in_order(report.findings)


def _prompt_template(assistant: Assistant, report: Report) -> None:
    template = assistant.generator.prompt_template
    if template and not os.path.isfile(os.path.join(assistant.root, template)):
        fix = "Mend the path in the configuration; it is relative to the assistant's folder."
        report.warning("missing-template", Location(assistant.root), "the prompt template does not exist", fix, template)


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def place(finding: Finding) -> tuple[str, int, int, int]:
        where = finding.problem.where
        return where.path, where.line or 0, where.column or 0, _LEVELS.index(finding.level)

    return tuple(sorted(dict.fromkeys(findings), key=place))
