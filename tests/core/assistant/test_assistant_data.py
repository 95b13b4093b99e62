"""The public assistants: read without a problem, and without an error that is none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from core.assistant.check import check_read
from core.assistant.models import Assistant
from core.assistant.reading import ReadAssistant, load_assistant, read_assistant

pytestmark = pytest.mark.data

# flows, pattern flows, slots, responses; and the warnings, each looked at and right, by rule
FACTS: dict[str, tuple[tuple[int, int, int, int], dict[str, int]]] = {
    "RasaHQ__calm-summit-masterclass-assistant": ((4, 2, 11, 15), {"file": 2}),  # a stray `next` beside `else`, twice
    "RasaHQ__financial-demo_calm_branch": ((4, 0, 35, 76), {"bad-payload": 2}),  # payloads with a quote too many
    "RasaHQ__rasa-calm-hybrid-demo": ((8, 5, 0, 8), {}),
    "chunyuanlee__rasa_bot_ecs": ((8, 3, 21, 11), {}),
    "dbos-inc__dbos-rasa-demo": ((2, 2, 6, 8), {}),
    "dingzj11__E-commerce-Intelligent-Customer-Service-Agent": ((8, 3, 21, 11), {}),
    "rasa-customers__rasa-quickstart": ((3, 0, 8, 15), {}),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_public_assistant_is_read_completely(test_data: Path, name: str) -> None:
    read = read_assistant(test_data / "data" / name)
    patterns = sum(flow.is_pattern for flow in read.assistant.flows.values())
    counts = (len(read.assistant.flows) - patterns, patterns, len(read.assistant.slots), len(read.assistant.responses))
    assert (counts, warnings_by_rule(read)) == FACTS[name]


def warnings_by_rule(read: ReadAssistant) -> dict[str, int]:
    findings = check_read(read)
    assert [str(finding.problem) for finding in findings if finding.level == "error"] == []
    return dict(Counter(finding.rule for finding in findings))


def assistant(test_data: Path, name: str) -> Assistant:
    return load_assistant(test_data / "data" / name)


def test_conditions_of_old_files_have_no_namespace(test_data: Path) -> None:
    flow = assistant(test_data, "RasaHQ__financial-demo_calm_branch").flows["replace_eligible_card"]
    branches = flow.steps[0].next
    assert isinstance(branches, tuple)
    lost = branches[0].condition
    assert lost is not None
    assert lost.holds({"replacement_reason": "lost"}, {})
    assert not lost.holds({"replacement_reason": "damaged"}, {})


def test_a_text_slot_that_a_model_fills_can_be_compared_with_true(test_data: Path) -> None:
    flow = assistant(test_data, "rasa-customers__rasa-quickstart").flows["remove_contact"]
    branches = flow.steps[1].next
    assert isinstance(branches, tuple)
    refused = branches[0].condition
    assert refused is not None
    assert [refused.holds({"remove_contact_confirmation": value}, {}) for value in ("true", "True", "False", None)] == [
        *(False, False, True, True)
    ]


def test_patterns_read_the_context(test_data: Path) -> None:
    flows = assistant(test_data, "RasaHQ__rasa-calm-hybrid-demo").flows
    branches = flows["pattern_completed"].steps[0].next
    assert isinstance(branches, tuple)
    conditions = [branch.condition for branch in branches if branch.condition is not None]
    for name, is_known in (("check account balance", True), ("something else", False)):
        assert any(condition.holds({}, {"previous_flow_name": name}) for condition in conditions) is is_known
    guard = flows["flow-clarify_user_intent"].guard
    assert guard is not None
    assert not guard.holds({}, {})
