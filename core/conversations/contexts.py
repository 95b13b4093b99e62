"""Reads files of hand-written prompt contexts (top-level key `prompt_contexts`)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from core.conversations.annotations import split_reference
from core.conversations.models import ContextFlow, ContextSlot, ContextStep, PromptContexts, TestContext
from core.conversations.steps import required_steps, required_text
from core.yaml.findings import Findings
from core.yaml.nodes import fields_of, is_null, items_of, plain, shown, texts_of, warn_unknown

_FLOW_KEYS = ("name", "description", "slots")
_SLOT_KEYS = ("name", "type", "description", "allowed_values", "ask_before_filling")
_STEP_KEYS = ("user", "active_flow", "asked_slot", "slots", "replies")


def read_contexts(root: MappingNode, findings: Findings) -> PromptContexts:
    top = fields_of(root, findings)
    warn_unknown(root, ("prompt_contexts",), findings)
    contexts = top["prompt_contexts"]
    fields = _mapping(contexts, "prompt_contexts", ("flows", "tests"), findings)
    if fields is None:
        return PromptContexts((), ())
    counts: Counter[str] = Counter()
    flows = [_flow(node, findings) for node in _list(fields, "flows", findings)]
    tests = [_test(node, counts, findings) for node in _list(fields, "tests", findings)]
    return PromptContexts(tuple(flow for flow in flows if flow is not None), tuple(test for test in tests if test is not None))


def _flow(node: Node, findings: Findings) -> ContextFlow | None:
    fields = _mapping(node, "a flow", _FLOW_KEYS, findings)
    if fields is None or not isinstance(node, MappingNode):
        return None
    name = required_text(node, fields, "name", findings)
    description = required_text(node, fields, "description", findings)
    slots = [_slot(slot, findings) for slot in _list(fields, "slots", findings)]
    if name is None or description is None:
        return None
    return ContextFlow(name, description, tuple(slot for slot in slots if slot is not None))


def _slot(node: Node, findings: Findings) -> ContextSlot | None:
    fields = _mapping(node, "a slot", _SLOT_KEYS, findings)
    if fields is None or not isinstance(node, MappingNode):
        return None
    name = required_text(node, fields, "name", findings)
    if name is None:
        return None
    asked = fields.get("ask_before_filling")
    asks = plain(asked, findings) if asked is not None else False
    if asked is not None and not isinstance(asks, bool):
        fix = "Write `true` or `false`."
        findings.problem(asked, "`ask_before_filling` must be true or false, found", fix, shown(asked))
    kind = _text(fields, "type", findings) or "text"
    return ContextSlot(name, kind, _text(fields, "description", findings), _allowed(fields, findings), asks is True)


def _allowed(fields: dict[str, Node], findings: Findings) -> tuple[str | bool, ...]:
    """Allowed values as a prompt prints them: the text of the file, true and false as such."""
    values: list[str | bool] = []
    for item in _list(fields, "allowed_values", findings):
        value = plain(item, findings)
        if isinstance(value, bool):
            values.append(value)
        elif isinstance(item, ScalarNode):
            values.append(item.value)
        else:
            findings.problem(item, "an allowed value must be text, found", "Write one value for each item.", shown(item))
    return tuple(values)


def _test(node: Node, counts: Counter[str], findings: Findings) -> TestContext | None:
    fields = _mapping(node, "a test", ("test", "steps"), findings)
    if fields is None or not isinstance(node, MappingNode):
        return None
    reference = required_text(node, fields, "test", findings)
    steps_node = required_steps(node, fields, reference, findings)
    steps = [_step(step, findings) for step in items_of(steps_node, "steps", findings)] if steps_node is not None else []
    if reference is None:
        return None
    parts = split_reference(reference)
    if parts is None:
        fix = "Write the test's file, `::`, and its name."
        findings.problem(fields["test"], "not a test reference", fix, reference)
        return None
    counts[reference] += 1
    line = node.start_mark.line + 1
    return TestContext(*parts, counts[reference], line, tuple(step for step in steps if step is not None))


def _step(node: Node, findings: Findings) -> ContextStep | None:
    fields = _mapping(node, "a step", _STEP_KEYS, findings)
    if fields is None or not isinstance(node, MappingNode):
        return None
    user = fields.get("user")
    if user is None or not isinstance(user, ScalarNode):
        where, offending = (user, shown(user)) if user is not None else (node, next(iter(fields), ""))
        findings.problem(where, "a step needs the text of its `user` message", "Add `user:` and the text.", offending)
        return None
    slots: Any = plain(fields["slots"], findings) if "slots" in fields else {}
    if not isinstance(slots, dict | None):
        findings.problem(fields["slots"], "`slots` must be a mapping, found", "Write `name: value`.", shown(fields["slots"]))
        slots = {}
    return ContextStep(
        user.value,
        node.start_mark.line + 1,
        _text(fields, "active_flow", findings),
        _text(fields, "asked_slot", findings),
        {str(name): value for name, value in (slots or {}).items()},
        texts_of(fields["replies"], "replies", findings) if "replies" in fields else (),
    )


def _mapping(node: Node, what: str, known: tuple[str, ...], findings: Findings) -> dict[str, Node] | None:
    if not isinstance(node, MappingNode):
        keys = ", ".join(f"`{key}`" for key in known)
        findings.problem(node, f"{what} must be a mapping, found", f"Write its keys: {keys}.", shown(node))
        return None
    warn_unknown(node, known, findings)
    return fields_of(node, findings)


def _list(fields: dict[str, Node], name: str, findings: Findings) -> list[Node]:
    return items_of(fields[name], name, findings) if name in fields else []


def _text(fields: dict[str, Node], name: str, findings: Findings) -> str | None:
    """An optional text; null where it is absent or null."""
    node = fields.get(name)
    if node is None or is_null(node):
        return None
    if not isinstance(node, ScalarNode):
        findings.problem(node, f"`{name}` must be text, found", "Put the text in double quotes.", shown(node))
        return None
    return str(node.value)
