"""Whatever stands where, reading and checking end in findings and never in a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.assistant.check import Finding, check_read
from core.assistant.reading import read_assistant
from core.errors import AssistantError

SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    st.sampled_from(
        ("END", "slots.a", "slots.a = ", "utter_a", "a", "f", "{{context.x}}", "/SetSlots(a=b)", "from_llm", "text")
    ),
)
KEYS = st.sampled_from(
    (
        *("id", "next", "collect", "action", "link", "call", "set_slots", "noop", "if", "then", "else", "rejections"),
        *("utter", "steps", "name", "description", "persisted_slots", "nlu_trigger", "intent", "type", "values", "mappings"),
        *("validation", "initial_value", "text", "buttons", "title", "payload", "condition", "metadata", "custom"),
        *("a", "f", "utter_a", "flow_retrieval", "user_input", "active", "template", "url"),
    )
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=25,
)
TOP_KEYS = (
    "flows",
    "slots",
    "responses",
    "actions",
    "intents",
    "forms",
    "session_config",
    "pipeline",
    "action_endpoint",
    "agent",
)


EVERYTHING: dict[str, Any] = {
    "flows": {
        "f": {
            "name": "n",
            "description": "d",
            "if": "slots.a",
            "always_include_in_prompt": True,
            "nlu_trigger": [{"intent": {"name": "i", "confidence_threshold": 0.5}}, {"intent": "j"}],
            "run_pattern_completed": False,
            "persisted_slots": ["a"],
            "steps": [
                {
                    "id": "x",
                    "collect": "a",
                    "description": "d",
                    "utter": "utter_a",
                    "ask_before_filling": True,
                    "rejections": [{"if": "slots.a = 1", "utter": "utter_a"}],
                    "dtmf": {"length": 1},
                    "next": [
                        {"if": "slots.a", "then": [{"action": "action_b", "next": "END"}]},
                        {"if": "not slots.a", "then": "x"},
                        {"else": [{"set_slots": [{"a": None}]}, {"link": "f"}]},
                    ],
                },
                {"call": "g", "mapping": {"input": [{"param": "p", "slot": "a"}]}},
                {"noop": True, "next": [{"action": "utter_a"}]},
            ],
        }
    },
    "slots": {
        "a": {
            "type": "categorical",
            "values": ["x", 1],
            "initial_value": "x",
            "shared_for_coexistence": True,
            "mappings": [{"type": "from_llm", "allow_nlu_correction": True, "conditions": [{"active_flow": "f"}]}],
            "validation": {"rejections": [{"if": "slots.a", "utter": "utter_a"}], "refill_utter": "utter_a"},
        }
    },
    "responses": {
        "utter_a": [
            {
                "text": "t {a}",
                "channel": "c",
                "image": "i",
                "custom": {"k": [1]},
                "condition": "slots.a",
                "buttons": [{"title": "t", "payload": "/SetSlots(a=x)"}],
                "metadata": {"template": "jinja", "rephrase": 1},
            },
            {"text": "t", "condition": [{"type": "slot", "name": "a", "value": "x"}]},
        ]
    },
    "actions": ["action_b", {"action_c": {"send_domain": True}}],
    "intents": ["i", {"j": {"use_entities": []}}],
    "forms": {"f": {}},
    "session_config": {"session_expiration_time": 60},
    "language": "en",
    "pipeline": [
        {
            "name": "ACommandGenerator",
            "prompt_template": "p",
            "timezone": "UTC",
            "include_date_time": True,
            "flow_retrieval": {"active": True},
            "user_input": {"max_characters": 420},
        }
    ],
    "action_endpoint": {"url": "u"},
}
WRONG: tuple[Any, ...] = (None, True, 5, "", "slots.", "utter_a", [], {}, [[]], [None], {"a": {"b": [1]}}, {"": ""}, "x" * 200)


def replacements(value: Any, wrong: Any) -> Iterator[Any]:
    """`value` with each of its parts replaced, one at a time."""
    yield wrong
    if isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: other} for other in replacements(part, wrong))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in replacements(part, wrong))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: json.dumps(wrong)[:12])
def test_a_wrong_type_in_any_one_place_is_a_finding_and_never_a_crash(tmp_path: Path, wrong: Any) -> None:
    seen = 0
    for content in replacements(EVERYTHING, wrong):
        if not isinstance(content, dict) or "flows" not in content:
            continue
        seen += 1
        assert found_in(tmp_path, content)
    assert seen > 100


def found_in(folder: Path, content: dict[str, Any]) -> tuple[Finding, ...]:
    (folder / "all.yml").write_text(json.dumps(content), encoding="utf-8")
    try:
        findings = check_read(read_assistant(folder / "all.yml"))
    except AssistantError:  # nothing of an assistant in it
        return ()
    assert all(finding.problem.what and finding.problem.fix for finding in findings)
    return findings


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(TOP_KEYS), ANYTHING, min_size=1, max_size=4))
@example({"flows": {"f": {"steps": [{"collect": "a", "next": [{"if": True, "then": [{"link": "f"}]}, {"else": None}]}]}}})
@example({"slots": {"a": {"type": "categorical", "values": [None, True, 1.5, []]}}, "responses": {"utter_a": [None]}})
def test_wrong_types_anywhere_are_findings_and_never_a_crash(tmp_path: Path, content: dict[str, Any]) -> None:
    found_in(tmp_path, content)
