"""Reads annotated conversations: the recipe's `1_command_annotations` and `2_rephrasings`."""

from __future__ import annotations

from collections import Counter

from yaml.nodes import MappingNode, Node

from core.conversations.models import AnnotatedConversation
from core.conversations.steps import (
    STEP_KINDS,
    StepFormat,
    read_steps,
    report_stray_steps,
    required_steps,
    required_text,
)
from core.yaml.findings import Findings
from core.yaml.nodes import fields_of, items_of, shown, warn_unknown

STEP_FORMAT = StepFormat("llm_commands", has_rephrasings=True, other_keys=())
_KEYS = ("original_test_case", "steps")


def read_conversations(root: MappingNode, findings: Findings) -> tuple[AnnotatedConversation, ...]:
    fields = fields_of(root, findings)
    warn_unknown(root, ("conversations",), findings)
    node = fields.get("conversations")
    if node is None:
        near = next(iter(fields), "")
        findings.problem(root, "`conversations` is missing, found", "Name the list `conversations:`.", near)
        return ()
    counts: Counter[str] = Counter()
    read = (_read_conversation(item, counts, findings) for item in items_of(node, "conversations", findings))
    return tuple(conversation for conversation in read if conversation is not None)


def split_reference(reference: str) -> tuple[str, str] | None:
    """`file::name` as (file, name); a name may itself hold `::`."""
    file, separator, name = reference.partition("::")
    return (file, name) if separator and file.strip() and name.strip() else None


def _read_conversation(node: Node, counts: Counter[str], findings: Findings) -> AnnotatedConversation | None:
    if not isinstance(node, MappingNode):
        fix = "Write `- original_test_case: file::name` and, below it, `steps:`."
        findings.problem(node, "a conversation must be a mapping, found", fix, shown(node))
        return None
    fields = fields_of(node, findings)
    warn_unknown(node, (*_KEYS, *STEP_KINDS), findings)
    report_stray_steps(node, findings)
    reference = required_text(node, fields, "original_test_case", findings)
    steps = required_steps(node, fields, reference, findings)
    turns = read_steps(steps, STEP_FORMAT, findings) if steps is not None else ()
    if reference is None:
        return None
    parts = split_reference(reference)
    if parts is None:
        value = fields["original_test_case"]
        findings.problem(value, "not a test reference", "Write the test's file, `::`, and its name.", reference)
        return None
    counts[reference] += 1
    mark = node.start_mark
    return AnnotatedConversation(*parts, counts[reference], mark.line + 1, mark.column + 1, turns)
