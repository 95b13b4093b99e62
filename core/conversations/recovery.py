"""Reads a file of tests with broken YAML part by part, so that each part's problems are reported in one pass.

A part is one test, or one of the file's own keys. Nothing of such a file is kept: only what is wrong with it matters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.yaml.aliases import normalise
from core.yaml.findings import Findings
from core.yaml.source import compose

_ITEM = re.compile(r"""^(\ *)-\ +["']?(?:test_case|original_test_case)["']?\s*:""", re.MULTILINE | re.VERBOSE)
_FILE_KEY = re.compile(r"^(?:test_cases|conversations|fixtures|metadata|stub_custom_actions|version)\s*:", re.MULTILINE)


def compose_parts(text: str, key: str, findings: Findings) -> tuple[MappingNode, bool]:
    """The parts of `text` that are sound, as the mapping the file would be with its list of tests under `key`.

    The second value is whether the syntax errors of the others are among the findings now. It is False where none was
    found: the file then only breaks as a whole.
    """
    bounds = [*_starts(text), len(text)]
    pairs: list[tuple[Node, Node]] = []
    tests: list[Node] = []
    has_errors = False
    for start, end in pairwise(bounds):
        part = Findings(findings.path)
        documents = compose(text[start:end], findings.path)
        errors = [one for one in documents.findings.problems if not _is_defined_elsewhere(one.what, one.offending, text)]
        has_errors |= bool(errors)
        part.problems += errors
        roots = [] if documents.findings.problems else documents.roots
        lines = text.count("\n", 0, start)
        for root in roots:
            if not normalise(root, text[start:end], part):
                continue
            _move(root, lines, set())
            if isinstance(root, SequenceNode):
                tests += root.value
            elif isinstance(root, MappingNode):
                pairs += [pair for pair in root.value if pair[0].value != key]
        _move_findings(part, lines)
        findings.adopt(part)
    return mapping_of_tests(key, tests, pairs), has_errors


def mapping_of_tests(key: str, tests: list[Node], pairs: list[tuple[Node, Node]]) -> MappingNode:
    """A file's mapping with `pairs` and, under `key`, a list of tests."""
    start = Mark("", 0, 0, 0, None, 0)
    listed = SequenceNode("", tests, start_mark=start, end_mark=start)
    name = ScalarNode("", key, start_mark=start, end_mark=start)
    return MappingNode("", [*pairs, (name, listed)], start_mark=start, end_mark=start)


def _starts(text: str) -> list[int]:
    """Where parts start: at the file's own keys, and at the tests that are indented as the first one."""
    items = list(_ITEM.finditer(text))
    tests = [match.start() for match in items if match[1] == items[0][1]]
    return sorted([*tests, *(match.start() for match in _FILE_KEY.finditer(text))])


def _is_defined_elsewhere(what: str, line: str, text: str) -> bool:
    """Whether an alias is unknown only because the part with its anchor is another one."""
    names = re.findall(r"\*([\w-]+)", line) if what.startswith("unknown alias") else ()
    return any(re.search(rf"&{name}\b", text) for name in names)


def _move(node: Node, lines: int, moved: set[int]) -> None:
    """Give nodes the places they have in the whole file."""
    if id(node) in moved:
        return
    moved.add(id(node))
    mark = node.start_mark
    node.start_mark = Mark("", 0, mark.line + lines, mark.column, None, 0)
    if not isinstance(node, ScalarNode):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                _move(part, lines, moved)


def _move_findings(findings: Findings, lines: int) -> None:
    for found in (findings.problems, findings.warnings):
        found[:] = [
            replace(one, where=replace(one.where, line=one.where.line + lines)) if one.where.line else one for one in found
        ]
