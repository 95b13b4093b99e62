"""Flows that never wait for the user end in an error that names them."""

from __future__ import annotations

import pytest

from core.errors import EngineError
from tests.core.dialogue.small import Talk

LOOP = """
    flows:
      spin:
        description: d
        steps:
          - collect: phone
          - id: one
            action: utter_call
          - id: two
            noop: true
            next: one
    """


def test_a_loop_without_a_question_names_its_flow_and_the_steps_with_their_places(talk: Talk) -> None:
    chat = talk(LOOP)
    chat.say("start flow spin")
    with pytest.raises(EngineError) as error:
        chat.say("set slot phone 1")
    text = str(error.value)
    assert "the flow `spin` never ends" in text
    for step in chat.engine.flows["spin"].steps[1:]:
        assert f"`spin` {step.id} ({step.where})" in text
    assert "0_collect_phone" not in text


@pytest.mark.parametrize(
    "steps",
    ["[{link: f}]", "[{call: f}]", "[{call: g}]", "[{set_slots: [{phone: null}]}, {link: g}]"],
)
def test_flows_that_lead_to_themselves_end_too(talk: Talk, steps: str) -> None:
    text = f"""
        flows:
          f: {{description: d, steps: {steps}}}
          g: {{description: d, steps: [{{call: f}}]}}
        """
    with pytest.raises(EngineError, match="never ends"):
        talk(text).say("start flow f")


def test_a_completed_pattern_that_starts_the_flow_again_ends_too(talk: Talk) -> None:
    text = """
        flows:
          f: {description: d, steps: [{action: utter_call}]}
          pattern_completed: {description: d, steps: [{link: f}]}
        """
    with pytest.raises(EngineError, match="never ends"):
        talk(text).say("start flow f")


def test_a_validation_that_never_asks_ends_too(talk: Talk) -> None:
    text = """
        flows:
          pattern_collect_information: {description: d, steps: [{id: again, noop: true, next: again}]}
        """
    with pytest.raises(EngineError, match="`pattern_collect_information` never ends"):
        talk(text).say("start flow book")


def test_a_long_turn_that_does_end_is_no_error(talk: Talk) -> None:
    steps = ", ".join(["{action: utter_call}"] * 900)
    turn = talk(f"flows:\n  long: {{description: d, steps: [{steps}]}}\n").say("start flow long")
    assert len(turn.said) == 901
