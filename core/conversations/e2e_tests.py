"""Reads E2E test files and dialogue-understanding test files (the same, with `commands` on user steps).

Texts stay as the file has them: `user: 1.50` is "1.50", and the line break that ends a `bot: |` block is kept (whoever
compares it with what an assistant says strips it).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.conversations.models import FileKind, TestCase, TestFile
from core.conversations.steps import (
    STEP_KINDS,
    StepFormat,
    read_steps,
    report_stray_steps,
    required_steps,
    required_text,
)
from core.yaml.findings import Findings, did_you_mean
from core.yaml.nodes import fields_of, is_null, items_of, key_node, plain, shown, warn_unknown

STEP_FORMAT = StepFormat("commands", has_rephrasings=False, other_keys=("metadata", "assertions", "assertion_order_enabled"))
_TOP_KEYS = ("fixtures", "metadata", "stub_custom_actions", "test_cases", "version")
_CASE_KEYS = ("test_case", "fixtures", "metadata", "steps")
ASSERTIONS = (
    "flow_started",
    "flow_completed",
    "flow_cancelled",
    "pattern_clarification_contains",
    "slot_was_set",
    "slot_was_not_set",
    "action_executed",
    "bot_uttered",
    "bot_did_not_utter",
    "generative_response_is_relevant",
    "generative_response_is_grounded",
)


def read_tests(root: MappingNode, findings: Findings) -> TestFile:
    fields = fields_of(root, findings)
    warn_unknown(root, _TOP_KEYS, findings)
    cases_node = fields.pop("test_cases", None)
    _check_preamble(fields, findings)
    preamble = {name: plain(node, findings) for name, node in fields.items()}
    if cases_node is None:
        near = next((key for key in fields if key not in _TOP_KEYS), "")
        where = key_node(root, near) if near else root
        findings.problem(where, "`test_cases` is missing" + (", found" if near else ""), "Name the list `test_cases:`.", near)
        return TestFile((), preamble)
    if is_null(cases_node):
        findings.warning(cases_node, "`test_cases` is empty", "Add tests below it, or remove the file.")
    cases: list[TestCase] = []
    counts: Counter[str] = Counter()
    for node in items_of(cases_node, "test_cases", findings):
        case = _read_case(node, counts, findings)
        if case is not None:
            cases.append(case)
    return TestFile(tuple(cases), preamble)


def kind_of_tests(tests: TestFile) -> FileKind:
    """Tests with expected commands anywhere are dialogue-understanding tests."""
    labelled = any(turn.commands is not None for case in tests.cases for turn in case.turns)
    return FileKind.DU_TESTS if labelled else FileKind.E2E_TESTS


def _read_case(node: Node, counts: Counter[str], findings: Findings) -> TestCase | None:
    if not isinstance(node, MappingNode):
        fix = "Write `- test_case: name` and, below it, `steps:`."
        findings.problem(node, "a test case must be a mapping, found", fix, shown(node))
        return None
    fields = fields_of(node, findings)
    warn_unknown(node, (*_CASE_KEYS, *STEP_KINDS), findings)
    report_stray_steps(node, findings)
    name = required_text(node, fields, "test_case", findings)
    steps = required_steps(node, fields, name, findings)
    turns = read_steps(steps, STEP_FORMAT, findings) if steps is not None else ()
    if steps is not None:
        _check_assertions(steps, findings)
    if name is None:
        return None
    extra = {key: plain(value, findings) for key, value in fields.items() if key not in ("test_case", "steps")}
    _check_names(fields, extra, findings)
    counts[name] += 1
    mark = node.start_mark
    return TestCase(name, counts[name], mark.line + 1, mark.column + 1, turns, extra)


def _check_preamble(fields: dict[str, Node], findings: Findings) -> None:
    for name in ("fixtures", "metadata"):
        node = fields.get(name)
        for item in items_of(node, name, findings) if node is not None else ():
            if not isinstance(item, MappingNode):
                what = f"an item of `{name}` must be a name and its values, found"
                findings.problem(item, what, "Write `- name:` and the values below it.", shown(item))
    stubs = fields.get("stub_custom_actions")
    if stubs is not None and not isinstance(stubs, MappingNode) and not is_null(stubs):
        fix = "Write the name of an action, a colon, and its `events` and `responses`."
        findings.problem(stubs, "`stub_custom_actions` must be a mapping, found", fix, shown(stubs))


def _check_names(fields: dict[str, Node], extra: dict[str, Any], findings: Findings) -> None:
    """A test names its fixtures in a list, its metadata by one text or a list."""
    if "fixtures" in extra and not isinstance(extra["fixtures"], list | None):
        fix = "Write `fixtures: [name]`."
        findings.problem(fields["fixtures"], "`fixtures` must be a list of names, found", fix, shown(fields["fixtures"]))
    if isinstance(extra.get("metadata"), dict):
        fix = "Define it at the top of the file, and name it here."
        findings.problem(fields["metadata"], "`metadata` must be a name, found", fix, shown(fields["metadata"]))


def _check_assertions(steps: Node, findings: Findings) -> None:
    if not isinstance(steps, SequenceNode):
        return
    for step in steps.value:
        if not isinstance(step, MappingNode):
            continue
        for key, value in step.value:
            if isinstance(key, ScalarNode) and key.value == "assertions":
                for assertion in items_of(value, "assertions", findings):
                    _check_assertion(assertion, findings)


def _check_assertion(node: Node, findings: Findings) -> None:
    if not isinstance(node, MappingNode) or len(node.value) != 1:
        fix = "Write `- name: …`, each assertion as an item of its own."
        offending = shown(node) if not isinstance(node, MappingNode) else ", ".join(shown(key) for key, _ in node.value)
        findings.problem(node, "an assertion must be one name and its value, found", fix, offending)
        return
    key, _ = node.value[0]
    if key.value not in ASSERTIONS:
        findings.warning(key, "unknown assertion", did_you_mean(shown(key), ASSERTIONS), shown(key))
