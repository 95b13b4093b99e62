"""Reads the flows of one file."""

from __future__ import annotations

import re

from yaml.nodes import MappingNode, Node, ScalarNode

from core.assistant.fields import Fields, entries_of, location, mapping_of
from core.assistant.models import Flow
from core.assistant.steps import StepReader
from core.yaml.findings import Findings
from core.yaml.nodes import is_null

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_KNOWN = (
    *("name", "description", "always_include_in_prompt", "run_pattern_completed", "if", "nlu_trigger"),
    *("persisted_slots", "steps", "metadata"),
)


def read_flows(node: Node, agents: frozenset[str], line_breaks: int, findings: Findings) -> list[Flow]:
    """The flows below the key `flows`. `agents` and `line_breaks`: see `StepReader`."""
    read = []
    reader = StepReader(agents, line_breaks, findings)
    for name, key, value in entries_of(node, "`flows`", findings):
        flow = _read_flow(name, key, value, reader)
        if flow is not None:
            read.append(flow)
    return read


def _read_flow(name: str, key: ScalarNode, node: Node, reader: StepReader) -> Flow | None:
    findings = reader.findings
    if not _ID.fullmatch(name):
        fix = "Use letters, digits, `_` and `-`, and no `-` at the start."
        findings.problem(key, "a flow's id cannot be", fix, name)
    fields = mapping_of(node, f"the flow `{name}`", findings, _KNOWN)
    if fields is None:
        if is_null(node):
            findings.problem(key, "a flow without content", "Give it a `description:` and `steps:`.", name)
        return None
    steps = fields.values.get("steps")
    if steps is None:
        findings.problem(key, "a flow without `steps`", "Add `steps:`, if only an empty list `[]`.", name)
    return Flow(
        name,
        location(key, findings),
        reader.flow(steps) if steps is not None else (),
        name=fields.text("name"),
        description=fields.text("description") or "",
        guard=fields.condition("if"),
        always_include_in_prompt=fields.flag("always_include_in_prompt", False),
        run_pattern_completed=fields.flag("run_pattern_completed", True),
        nlu_triggers=_triggers(fields),
        persisted_slots=fields.names("persisted_slots"),
    )


def _triggers(fields: Fields) -> tuple[str, ...]:
    """Intents: `- intent: name`, or `- intent: {name: …, confidence_threshold: …}`."""
    intents = []
    for item in fields.mappings("nlu_trigger", ("intent",)):
        node = item.values.get("intent")
        if isinstance(node, MappingNode):
            intent = Fields(node, item.findings, ("name", "confidence_threshold")).required_text("name", "an intent")
        else:
            intent = item.required_text("intent", "a trigger")
        if intent is not None:
            intents.append(intent.strip())
    return tuple(intents)
