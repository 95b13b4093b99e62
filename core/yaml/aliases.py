"""What a tree of YAML nodes needs before it is walked as a plain tree: merge keys, and refusing aliases and tags.

Files that hold neither anchor, merge key nor tag (nearly all) are told by one regular expression and never walked.
"""

from __future__ import annotations

import re

from yaml.nodes import MappingNode, Node, ScalarNode

from core.yaml.findings import Findings

_INDICATOR = re.compile(r"[&*!](?<![^\s\[{,:(-].)[^\s=]")
_ANCHOR_BEFORE_VALUE = re.compile(r"[:-] +(&([\w-]+))(?=\s+\S)")
_KNOWN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))
# A file may repeat anchored parts freely; one that grows tenfold through them (and by more than this) is an attack.
_FREE_NODES = 100_000
_GROWTH = 10


def normalise(root: Node, text: str, findings: Findings, most_values: int | None = None) -> bool:
    """Expands merge keys in place. False where the tree must not be walked (the reason is among the findings)."""
    if "<<" not in text and not _INDICATOR.search(text):
        return True
    before = len(findings.problems)
    sizes: dict[int, int] = {}
    expanded = _measure(root, sizes, set(), findings)
    most = max(_FREE_NODES, _GROWTH * len(sizes)) if most_values is None else most_values
    if expanded > most:
        fix = "Write the repeated parts out."
        findings.problem(root, f"the aliases of this file expand to {expanded:,} values", fix)
    if len(findings.problems) > before:
        return False
    _merge(root, set(), findings)
    _warn_unused_anchors(text, findings)
    readable = len(findings.problems) == before
    _report_tags(root, set(), findings)  # the values can be read all the same, so their other problems are found too
    return readable


def _warn_unused_anchors(text: str, findings: Findings) -> None:
    """`- user: &co is here` reads as "is here": an anchor nothing refers to is probably text."""
    for match in _ANCHOR_BEFORE_VALUE.finditer(text):
        if not re.search(rf"\*{match[2]}\b", text):
            line = text.count("\n", 0, match.start(1)) + 1
            column = match.start(1) - text.rfind("\n", 0, match.start(1))
            fix = "If it is text, put all of it in double quotes."
            findings.warning_at(line, column, "an anchor that nothing refers to", fix, match[1])


def _measure(node: Node, sizes: dict[int, int], open_nodes: set[int], findings: Findings) -> int:
    """Number of nodes in `node` with every alias written out; finds cycles on the way."""
    identity = id(node)
    if identity in sizes:
        return sizes[identity]
    if identity in open_nodes:
        findings.problem(node, "an alias that contains itself", "Write the repeated part out.")
        return 1
    size = 1
    if not isinstance(node, ScalarNode):
        open_nodes.add(identity)
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                size += _measure(part, sizes, open_nodes, findings)
        open_nodes.discard(identity)
    sizes[identity] = size
    return size


def _report_tags(node: Node, done: set[int], findings: Findings) -> None:
    if id(node) in done:
        return
    done.add(id(node))
    if node.tag and node.tag not in _KNOWN_TAGS:
        shown = node.tag.replace("tag:yaml.org,2002:", "!!")
        findings.problem(node, "unknown tag", "If it is text, put all of it in double quotes; else remove the tag.", shown)
    if not isinstance(node, ScalarNode):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                _report_tags(part, done, findings)


def _merge(node: Node, done: set[int], findings: Findings) -> None:
    if isinstance(node, ScalarNode) or id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, MappingNode):
        for _, value in node.value:
            _merge(value, done, findings)
        if any(_is_merge_key(key) for key, _ in node.value):
            node.value = _merged_pairs(node, findings)
    else:
        for item in node.value:
            _merge(item, done, findings)


def _is_merge_key(key: Node) -> bool:
    return isinstance(key, ScalarNode) and key.value == "<<" and not key.style


def _merged_pairs(node: MappingNode, findings: Findings) -> list[tuple[Node, Node]]:
    """The node's own pairs, then those of the merged mappings whose keys are new; the first source wins."""
    own = [(key, value) for key, value in node.value if not _is_merge_key(key)]
    taken = {key.value for key, _ in own if isinstance(key, ScalarNode)}
    for key, value in node.value:
        if not _is_merge_key(key):
            continue
        for source in value.value if not isinstance(value, MappingNode | ScalarNode) else [value]:
            if not isinstance(source, MappingNode):
                findings.problem(source, "`<<` must name a mapping", "Point it at an anchor on a mapping.")
                continue
            for source_key, source_value in source.value:
                name = source_key.value if isinstance(source_key, ScalarNode) else None
                if name is not None and name not in taken:
                    taken.add(name)
                    own.append((source_key, source_value))
    return own
