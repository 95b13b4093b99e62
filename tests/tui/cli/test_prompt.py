"""`workbench prompt show`: the prompt of a user step, from the assistant's files alone."""

from __future__ import annotations

import json

import pytest

from tests.tui.cli.calls import Workbench

ASSISTANT = """
flows:
  buy_ticket:
    description: sell a ticket for the ferry
    steps:
    - collect: travel_day
      description: the day of the crossing
    - action: utter_sold
slots:
  travel_day: {type: text}
responses:
  utter_ask_travel_day: [{text: "Which day?"}]
  utter_sold: [{text: "Sold."}]
"""
TESTS = """
test_cases:
- test_case: buys a ticket
  steps:
  - user: a ticket please
    commands: [start flow buy_ticket]
  - utter: utter_ask_travel_day
  - user: next Friday
  - utter: utter_sold
- test_case: says hello
  steps:
  - user: hello
  - user: /SetSlots(travel_day=Monday)
"""


@pytest.fixture
def ferry(workbench: Workbench) -> Workbench:
    (workbench.folder / "assistant.yml").write_text(ASSISTANT)
    (workbench.folder / "tests.yml").write_text(TESTS)
    return workbench


def test_the_prompt_shows_the_state_before_the_step(ferry: Workbench) -> None:
    call = ferry("prompt", "show", ferry.folder / "tests.yml::buys a ticket", "2", "--assistant", ferry.folder)
    assert call.code == 0
    assert "active flow: buy_ticket" in call.out
    assert "USER: a ticket please\nAI: Which day?\nUSER: next Friday" in call.out
    assert "tokens (an estimate: no tokenizer is set)" in call.err


def test_as_json_it_has_its_variables_and_a_template_may_be_named(ferry: Workbench) -> None:
    template = ferry.folder / "own.jinja2"
    template.write_text("`start flow x` {{ current_slot }}|{{ current_conversation }}|{{ user_message }}")
    test = ferry.folder / "tests.yml::buys a ticket"
    call = ferry("prompt", "show", test, "2", "--template", template, "--assistant", ferry.folder, "--json")
    found = json.loads(call.out)
    assert found["prompt"].endswith("travel_day|USER: a ticket please\nAI: Which day?\nUSER: next Friday|next Friday")
    assert found["variables"]["current_flow"] == "buy_ticket"
    assert found["variables"]["available_flows"] == [
        {
            "name": "buy_ticket",
            "description": "sell a ticket for the ferry",
            "slots": [{"name": "travel_day", "description": "the day of the crossing", "allowed_values": None}],
        }
    ]
    assert found["tokens"]["exact"] is False


@pytest.mark.parametrize(
    ("test", "step", "told"),
    [
        ("tests.yml", 1, "holds 2 tests"),
        ("tests.yml::buys a ticket", 3, "has 2 user steps, there is no step 3"),
        ("tests.yml::says hello", 2, "cannot be played up to step 2: no commands for user step 1"),
    ],
)
def test_what_cannot_be_shown_is_told(ferry: Workbench, test: str, step: int, told: str) -> None:
    call = ferry("prompt", "show", ferry.folder / test, str(step), "--assistant", ferry.folder)
    assert call.code == 2
    assert told in call.err
    assert call.out == ""
