"""Which steps count, on which lines: the rule that published reports of the reference show."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.assistant.models import Assistant
from core.assistant.reading import load_assistant
from core.coverage.steps import counted_steps, user_flows
from tests.core.coverage.small import read


def test_action_collect_call_and_link_count_at_any_depth_and_nothing_else(assistant: Assistant) -> None:
    found = {flow.id: [(step.kind, step.what, step.depth) for step in counted_steps(flow)] for flow in user_flows(assistant)}
    assert found == {
        "book_table": [
            ("collect", "guests", 0),
            ("action", "utter_too_many", 1),
            ("collect", "day", 0),
            ("call", "greet_member", 1),
            ("action", "action_book", 0),
        ],
        "greet_member": [
            ("action", "utter_hello_member", 0), ("collect", "wants_points", 0), ("action", "utter_points", 1),
        ],
        "say_hours": [("action", "utter_hours", 0), ("link", "book_table", 0)],
    }  # fmt: skip


def test_a_step_spans_its_branches_and_what_is_blank_below_it(assistant: Assistant) -> None:
    lines = [step.lines for step in counted_steps(assistant.flows["book_table"])]
    assert lines == ["6-17", "14-15", "18-19", "26-27", "29-32"]


def test_a_step_on_one_line_is_a_range_too(assistant: Assistant) -> None:
    assert counted_steps(assistant.flows["greet_member"])[0].lines == "37-37"


def test_pattern_flows_are_not_listed(assistant: Assistant) -> None:
    assert "pattern_chitchat" in assistant.flows
    assert [flow.id for flow in user_flows(assistant)] == ["book_table", "greet_member", "say_hours"]


def test_a_flow_without_steps_has_none(tmp_path: Path) -> None:
    flows = "flows:\n  empty:\n    description: x\n    steps: []\n"
    assert counted_steps(read(tmp_path, flows).flows["empty"]) == ()


@pytest.mark.data
def test_counts_of_an_assistant_are_those_of_its_published_report(test_data: Path) -> None:
    """The e-commerce assistant's sibling publishes a report: 8 flows with these steps, 36 in all."""
    assistant = load_assistant(test_data / "data" / "chunyuanlee__rasa_bot_ecs")
    assert [len(counted_steps(flow)) for flow in user_flows(assistant)] == [1, 2, 6, 1, 2, 13, 4, 7]
