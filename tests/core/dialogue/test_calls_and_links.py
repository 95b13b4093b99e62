"""Flows that use flows: calls run inside the caller, links take its place."""

from __future__ import annotations

import pytest

from core.dialogue.actions import ActionResult
from core.dialogue.events import BotUttered, Event, FlowCompleted, FlowStarted
from core.dialogue.turn import Turn
from core.errors import EngineError
from tests.core.dialogue.small import Scripted, Talk, dropped, flows, heard, said, was_set

CALLING = """
    flows:
      outer:
        description: d
        steps:
          - collect: people
          - call: inner
            next:
              - if: slots.phone is "0"
                then: END
              - else: after
          - id: after
            action: utter_booked
      inner:
        description: d
        if: false
        steps:
          - collect: phone
          - action: utter_call
    """

LINKING = """
    flows:
      first:
        description: d
        steps:
          - collect: people
          - link: second
      second:
        description: d
        if: false
        steps:
          - collect: phone
          - action: utter_call
    """


def places(turn: Turn, *events: Event) -> list[int]:
    return [turn.events.index(event) for event in events]


def test_a_called_flow_is_logged_and_the_caller_goes_on_after_it(talk: Talk) -> None:
    chat = talk(CALLING)
    chat.say("start flow outer")
    turn = chat.say("set slot people 2")
    assert (heard(turn), flows(turn, FlowStarted)) == (["utter_ask_phone"], ["inner"])
    turn = chat.say("set slot phone 1")
    assert heard(turn) == ["utter_call", "utter_booked", "utter_can_do_something_else"]
    assert flows(turn, FlowCompleted) == ["inner", "outer"]
    assert FlowCompleted("inner", "1_utter_call") in turn.events
    assert FlowCompleted("outer", "after") in turn.events


def test_branches_may_stand_at_a_call(talk: Talk) -> None:
    chat = talk(CALLING)
    chat.say("start flow outer, set slot people 2")
    assert chat.hear("set slot phone 0") == ["utter_call", "utter_can_do_something_else"]


def test_slots_of_called_flows_may_be_filled_together_with_the_start_of_the_caller(talk: Talk) -> None:
    chat = talk(CALLING)
    assert chat.hear("start flow outer, set slot phone 1, set slot people 2")[-1] == "utter_can_do_something_else"


def test_before_3_12_slots_of_called_flows_are_not_the_callers(talk: Talk) -> None:
    chat = talk(CALLING, version="3.11.17")
    turn = chat.say("start flow outer, set slot phone 1")
    assert dropped(turn) == [("SetSlot", "no active or started flow asks for `phone`")]


def test_a_guard_blocks_starting_but_neither_calling_nor_linking(talk: Talk) -> None:
    chat = talk(CALLING)
    turn = chat.say("start flow inner")
    assert heard(turn) == ["utter_ask_rephrase"]
    assert dropped(turn) == [("StartFlow", "the condition of `inner` does not hold, so it cannot be started")]
    assert heard(chat.say("start flow outer, set slot people 1")) == ["utter_ask_phone"]
    linking = talk(LINKING)
    assert linking.hear("start flow first, set slot people 1") == ["utter_ask_phone"]


def test_a_guard_is_looked_at_when_the_flow_is_to_be_started(talk: Talk) -> None:
    text = """
        flows:
          members: {description: d, if: slots.sure, steps: [{collect: phone}]}
        """
    assert talk(text, slots={"sure": True}).hear("start flow members") == ["utter_ask_phone"]
    assert talk(text, slots={"sure": False}).hear("start flow members") == ["utter_ask_rephrase"]


def test_a_linking_flow_completes_and_is_reset_before_the_linked_one_speaks(talk: Talk) -> None:
    chat = talk(LINKING)
    chat.say("start flow first")
    turn = chat.say("set slot people 2")
    assert heard(turn) == ["utter_ask_phone"]
    order = places(turn, FlowCompleted("first", "1_link_to_second"), FlowStarted("second"), turn.said[0])
    assert order == sorted(order)
    assert was_set(turn, "people") == [("people", 2.0), ("people", None)]
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["second"]


def test_the_completed_pattern_waits_for_the_linked_flow(talk: Talk) -> None:
    chat = talk(LINKING)
    assert "utter_can_do_something_else" not in chat.hear("start flow first, set slot people 2")
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_can_do_something_else"]


def test_a_flow_may_link_to_a_pattern_and_the_completed_pattern_comes_after_it(talk: Talk) -> None:
    text = """
        flows:
          person: {description: d, steps: [{action: utter_call}, {link: pattern_human_handoff}]}
        """
    assert talk(text).hear("start flow person") == [
        *("utter_call", "utter_human_handoff_not_available", "utter_can_do_something_else")
    ]


def test_a_flow_that_links_to_the_one_it_interrupted_lets_it_go_on(talk: Talk) -> None:
    text = """
        flows:
          back: {description: d, steps: [{link: book}]}
        """
    chat = talk(text)
    chat.say("start flow book")
    assert chat.hear("start flow back") == ["utter_flow_continue_interrupted", "utter_ask_people"]


def test_a_flow_that_links_to_itself_begins_anew(talk: Talk) -> None:
    text = """
        flows:
          again: {description: d, steps: [{collect: phone}, {link: again}]}
        """
    chat = talk(text)
    chat.say("start flow again")
    turn = chat.say("set slot phone 1")
    assert (heard(turn), flows(turn, FlowCompleted), chat.slots) == (["utter_ask_phone"], ["again"], {})


@pytest.mark.parametrize("kind", ["link", "call"])
def test_a_step_that_leads_to_no_flow_is_an_error_with_its_place(talk: Talk, kind: str) -> None:
    text = f"""
        flows:
          f:
            description: d
            steps:
              - {kind}: nowhere
        """
    with pytest.raises(EngineError, match=r"leads to the flow `nowhere`, which does not exist") as error:
        talk(text, alone=True).say("start flow f")
    assert str(error.value).startswith("assistant.yml:6:")


def test_a_jump_to_no_step_is_an_error_with_its_place(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: phone
                next: nowhere
        """
    chat = talk(text)
    chat.say("start flow f")
    with pytest.raises(EngineError, match=r"`0_collect_phone` of the flow `f` leads to the step `nowhere`"):
        chat.say("set slot phone 1")


def test_a_tool_is_called_as_a_custom_action(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - call: find_number
                mcp_server: directory
                mapping: {input: [], output: [{slot: phone, value: result}]}
              - action: utter_call
        """
    actions = Scripted({"find_number": ActionResult((("phone", "12"),), (said("Found it."),))})
    turn = talk(text, actions=actions).say("start flow f")
    assert heard(turn)[:2] == ["Found it.", "utter_call"]
    assert BotUttered("Found it.", source="stub") in turn.events
    assert was_set(turn) == [("phone", "12")]
