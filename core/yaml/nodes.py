"""Walking YAML nodes: keys and values of a mapping, lists of texts, plain data. What is wrong goes to the findings.

A scalar's `value` is the text as the file has it; use it wherever a text is expected, and `plain` for all else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.yaml.findings import Findings, did_you_mean, excerpt
from core.yaml.scalars import NULLS, value_of

_MOST_HELPED = 1_000
_LONGEST_KEY = 200


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style and node.value in NULLS


def shown(node: Node) -> str:
    """How a message quotes a value: the scalar's text, or what kind of collection it is."""
    if isinstance(node, ScalarNode):
        return excerpt(str(node.value))
    return "a list" if isinstance(node, SequenceNode) else "a mapping"


def fields_of(node: MappingNode, findings: Findings) -> dict[str, Node]:
    """Values by key, the key as written. A key that stands twice, or is a collection, is a problem."""
    pairs: list[tuple[Node, Node]] = node.value
    try:
        fields: dict[str, Node] = {key.value: value for key, value in pairs}
    except TypeError:
        fields = {}
        for key, value in pairs:
            if isinstance(key, ScalarNode):
                fields[key.value] = value
            else:
                _report_key(key, findings)
        return fields
    if len(fields) != len(pairs):
        seen: dict[str, int] = {}
        for key, _ in pairs:
            if key.value in seen:
                _report_twice(key, seen[key.value], findings)
            seen.setdefault(key.value, key.start_mark.line + 1)
    return fields


def _report_key(key: Node, findings: Findings) -> None:
    findings.problem(key, "a key must be text, found", "Write a single word before the colon.", shown(key))


def _report_twice(key: Node, line: int, findings: Findings) -> None:
    findings.problem(key, f"the same key as in line {line}", "Keep one of the two.", shown(key))


def warn_unknown(node: MappingNode, known: Iterable[str], findings: Findings) -> None:
    """One warning for each key of `node` that is not known, with the nearest key that is.

    Looking for that takes a tenth of a millisecond, so a file of very many such keys is spared it.
    """
    names = tuple(known)
    for key, _ in node.value:
        if isinstance(key, ScalarNode) and key.value not in names:
            helps = len(findings.warnings) < _MOST_HELPED and len(key.value) < _LONGEST_KEY
            findings.warning(key, "unknown key", did_you_mean(key.value, names) if helps else "Remove it.", key.value)


def key_node(node: MappingNode, name: str) -> Node:
    return next((key for key, _ in node.value if key.value == name), node)


def plain(node: Node, findings: Findings) -> Any:
    """`node` as plain data under YAML 1.2."""
    if isinstance(node, ScalarNode):
        if node.style or node.tag == "tag:yaml.org,2002:str":
            return value_of(node.value) if node.tag and not node.tag.endswith(":str") else node.value
        value = value_of(node.value)
        return float(value) if node.tag == "tag:yaml.org,2002:float" and type(value) is int else value
    if isinstance(node, SequenceNode):
        return [plain(item, findings) for item in node.value]
    if not isinstance(node, MappingNode):
        return None
    values: dict[Any, Any] = {}
    lines: dict[Any, int] = {}
    for name, value in node.value:
        if not isinstance(name, ScalarNode):
            _report_key(name, findings)
            continue
        key = plain(name, findings)
        if key in values:
            _report_twice(name, lines[key], findings)
        values[key] = plain(value, findings)
        lines.setdefault(key, name.start_mark.line + 1)
    return values


def items_of(node: Node, name: str, findings: Findings) -> list[Node]:
    """The items of a list. Nothing is an empty list; anything else is a problem."""
    if isinstance(node, SequenceNode):
        items: list[Node] = node.value
        return items
    if not is_null(node):
        findings.problem(node, f"`{name}` must be a list, found", "Start each item on its own line with `- `.", shown(node))
    return []


def text_items(node: Node, name: str, findings: Findings) -> list[ScalarNode]:
    """The items of a list of texts. One that is empty or no text is a problem."""
    texts = []
    for item in items_of(node, name, findings):
        if not isinstance(item, ScalarNode):
            fix = "Put the whole text in double quotes."
            findings.problem(item, f"an item of `{name}` must be text, found", fix, shown(item))
        elif not item.value.strip():
            findings.problem(item, f"an empty item in `{name}`", "Write the text, or remove the item.")
        else:
            texts.append(item)
    return texts


def texts_of(node: Node, name: str, findings: Findings) -> tuple[str, ...]:
    """A list of texts, each as the file has it."""
    return tuple(item.value for item in text_items(node, name, findings))
