from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.assistant.small import assistant_of, flow_of, problems_of, warnings_of, with_steps


def test_everything_a_flow_says_of_itself(tmp_path: Path) -> None:
    head = """
        name: A flow
        description: |
          Two
          lines
        always_include_in_prompt: true
        run_pattern_completed: false
        if: slots.sure
        nlu_trigger:
        - intent: ask
        - intent: {name: tell, confidence_threshold: 0.5}
        persisted_slots: [name]
        """
    flow = flow_of(tmp_path, with_steps("- action: a", head=head))
    assert (flow.id, flow.display_name, flow.description) == ("f", "A flow", "Two\nlines\n")
    assert flow.always_include_in_prompt
    assert not flow.run_pattern_completed
    assert flow.guard is not None
    assert flow.guard.names == {"sure"}
    assert flow.nlu_triggers == ("ask", "tell")
    assert flow.persisted_slots == ("name",)
    assert (flow.where.path, flow.where.line, flow.where.column) == ("all.yml", 2, 3)


def test_defaults_of_a_flow(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, "flows:\n  send_money:\n    steps: []\n")
    assert (flow.display_name, flow.name, flow.description, flow.guard) == ("send money", None, "", None)
    assert flow.run_pattern_completed
    assert not flow.always_include_in_prompt
    assert flow.steps == ()


def test_patterns_are_told_by_their_id_and_flows_keep_their_order(tmp_path: Path) -> None:
    text = "flows:\n" + "".join(f"  {name}: {{steps: []}}\n" for name in ("b", "pattern_search", "a"))
    flows = assistant_of(tmp_path, text).flows
    assert [(name, flow.is_pattern) for name, flow in flows.items()] == [("b", False), ("pattern_search", True), ("a", False)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("flows: 5", "all.yml:1:8: `flows` must be a mapping of keys, found `5`. Write `key: value` lines below it."),
        ("flows:\n  a b: {steps: []}", "all.yml:2:3: a flow's id cannot be `a b`."),
        ("flows:\n  -a: {steps: []}", "all.yml:2:3: a flow's id cannot be `-a`."),
        ("flows:\n  a:", "all.yml:2:3: a flow without content `a`."),
        ("flows:\n  a: [x]", "all.yml:2:6: the flow `a` must be a mapping of keys, found `a list`."),
        ("flows:\n  a: {description: d}", "all.yml:2:3: a flow without `steps` `a`."),
        ("flows:\n  a: {steps: x}", "all.yml:2:14: `steps` must be a list, found `x`."),
        ("flows:\n  a: {steps: []}\n  a: {steps: []}", "all.yml:3:3: the same key as in line 2 `a`."),
        ("flows:\n  a: {steps: [], name: [x]}", "`name` must be text, found `a list`"),
        ("flows:\n  a: {steps: [], if: 'slots.'}", "all.yml:2:23: bad condition: a name is missing after `slots.`"),
        ("flows:\n  a: {steps: [], nlu_trigger: x}", "`nlu_trigger` must be a list, found `x`"),
        ("flows:\n  a: {steps: [], persisted_slots: [[x]]}", "an item of `persisted_slots` must be text, found `a list`"),
        ("flows:\n  ? [a]\n  : {steps: []}", "a key must be text, found `a list`"),
    ],
)
def test_what_is_no_flow_is_a_problem_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    found = problems_of(tmp_path, text)
    assert any(problem in one for one in found), found


def test_unknown_keys_are_warnings(tmp_path: Path) -> None:
    text = "version: '3.1'\nflow:\n  x: 1\nflows:\n  a: {steps: [], descrption: d}\n"
    assert problems_of(tmp_path, text) == []
    assert warnings_of(tmp_path, text) == [
        "all.yml:2:1: unknown key `flow`. Did you mean `flows`?",
        "all.yml:5:18: unknown key `descrption`. Did you mean `description`?",
    ]
