"""Values taken back: one at a time, several, before a confirmation, in called flows, and of slots asked before filling."""

from __future__ import annotations

import pytest

from core.dialogue.events import FlowStarted
from tests.core.dialogue.small import Chat, Talk, flows, heard, texts, was_set

CONFIRMED = """
    flows:
      pattern_correction:
        description: ask first
        steps:
          - noop: true
            next:
              - if: context.is_reset_only
                then:
                  - action: action_correct_flow_slot
                    next: END
              - else: ask
          - id: ask
            collect: change
            next:
              - if: slots.change
                then:
                  - action: action_correct_flow_slot
                  - action: utter_corrected_previous_input
                    next: END
              - else:
                  - action: utter_kept
                    next: END
    slots:
      change: {type: bool}
    responses:
      utter_ask_change:
        - text: "Change {{ context.corrected_slots.keys() | join(' and ') }} to {{ context.new_slot_values | join(' and ') }}?"
          metadata: {template: jinja}
      utter_kept: [{text: Kept.}]
    """


def at_the_confirmation(talk: Talk, text: str = "") -> Chat:
    chat = talk(text)
    chat.say("start flow book, set slot people 2")
    assert chat.hear("set slot day Friday") == ["utter_ask_sure"]
    return chat


def test_a_corrected_slot_is_said_and_the_open_question_comes_again(talk: Talk) -> None:
    chat = at_the_confirmation(talk)
    turn = chat.say("set slot people 3")
    assert heard(turn) == ["utter_corrected_previous_input", "utter_ask_sure"]
    assert texts(turn) == ["Changed: people is now 3.0.", "3.0 on Friday?"]
    assert [one.step for one in turn.visits if one.flow == "book"] == ["0_collect_people", "1_collect_day", "2_collect_sure"]


def test_filling_an_empty_slot_early_is_no_correction(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    assert chat.hear("set slot day Friday") == ["utter_ask_people"]


def test_a_value_given_early_can_be_corrected_before_it_was_asked_for(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot day Friday")
    assert chat.hear("set slot day Monday") == ["utter_corrected_previous_input", "utter_ask_people"]
    assert chat.slots["day"] == "Monday"


def test_several_corrected_slots_are_one_correction(talk: Talk) -> None:
    chat = at_the_confirmation(talk)
    turn = chat.say("set slot day Monday, set slot people 3")
    assert heard(turn) == ["utter_corrected_previous_input", "utter_ask_sure"]
    assert texts(turn)[0] == "Changed: day is now Monday, people is now 3.0."


def test_a_corrected_slot_may_be_emptied_and_is_asked_for(talk: Talk) -> None:
    chat = at_the_confirmation(talk)
    assert chat.hear("set slot day null")[-1] == "utter_ask_day"
    assert "day" not in chat.slots


def test_the_slot_that_is_being_asked_for_is_answered_and_not_corrected(talk: Talk) -> None:
    chat = at_the_confirmation(talk)
    turn = chat.say("set slot sure false")
    assert heard(turn) == ["utter_not_booked", "utter_can_do_something_else"]


def test_beside_a_started_flow_a_value_is_just_replaced(talk: Talk) -> None:
    chat = at_the_confirmation(talk)
    assert chat.hear("start flow hours, set slot people 3") == ["utter_ask_place"]
    assert chat.slots["people"] == 3.0


def test_actions_between_the_corrected_slot_and_the_open_question_run_again(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: people
              - action: utter_hours
              - collect: day
        """
    chat = talk(text)
    chat.say("start flow f")
    chat.say("set slot people 2")
    assert chat.hear("set slot people 3") == ["utter_corrected_previous_input", "utter_hours", "utter_ask_day"]


def test_of_slots_asked_before_filling_the_value_is_not_taken_and_nothing_is_said(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: sure
                ask_before_filling: true
              - collect: day
        """
    chat = talk(text)
    chat.say("start flow f")
    chat.say("set slot sure true")
    turn = chat.say("set slot sure false")
    assert heard(turn) == ["utter_ask_sure"]
    assert was_set(turn, "sure") == [("sure", None)]


def test_a_correction_asked_for_first_is_carried_out_on_yes(talk: Talk) -> None:
    chat = at_the_confirmation(talk, CONFIRMED)
    turn = chat.say("set slot people 3")
    assert texts(turn) == ["Change people to 3.0?"]
    assert chat.conversation.state("x").asked == "change"
    assert chat.slots["people"] == 2.0
    assert chat.hear("set slot change true") == ["utter_corrected_previous_input", "utter_ask_sure"]
    assert chat.slots["people"] == 3.0
    assert "change" not in chat.slots


def test_a_correction_asked_for_first_changes_nothing_on_no(talk: Talk) -> None:
    chat = at_the_confirmation(talk, CONFIRMED)
    chat.say("set slot people 3")
    assert chat.hear("set slot change false") == ["utter_kept", "utter_ask_sure"]
    assert chat.slots["people"] == 2.0


def test_a_second_correction_replaces_the_one_that_waits(talk: Talk) -> None:
    chat = at_the_confirmation(talk, CONFIRMED)
    chat.say("set slot people 3")
    assert texts(chat.say("set slot day Monday")) == ["Change day to Monday?"]
    assert chat.hear("set slot change true") == ["utter_corrected_previous_input", "utter_ask_sure"]
    assert (chat.slots["people"], chat.slots["day"]) == (2.0, "Monday")


def test_a_corrected_value_that_is_not_allowed_is_confirmed_then_refused(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: people
                rejections: [{if: slots.people > 9, utter: utter_too_many}]
              - collect: day
        responses:
          utter_too_many: [{text: Too many.}]
        """
    chat = talk(text)
    chat.say("start flow f, set slot people 2")
    turn = chat.say("set slot people 12")
    assert heard(turn) == ["utter_corrected_previous_input", "utter_too_many", "utter_ask_people"]
    assert was_set(turn, "people") == [("people", 12.0), ("people", None)]


def test_a_branch_that_a_correction_left_is_not_gone_back_to(talk: Talk) -> None:
    text = """
        flows:
          f:
            description: d
            steps:
              - collect: place
                next:
                  - if: slots.place is "North"
                    then:
                      - collect: phone
                      - action: utter_call
                        next: last
                  - else: last
              - id: last
                collect: day
        """
    chat = talk(text)
    chat.say("start flow f, set slot place north, set slot phone 1")
    assert chat.hear("set slot place south") == ["utter_corrected_previous_input", "utter_ask_day"]
    assert chat.hear("set slot phone 2") == ["utter_corrected_previous_input", "utter_ask_day"]


CALLS = """
    flows:
      outer:
        description: d
        steps:
          - collect: people
          - call: inner
          - collect: day
      inner:
        description: d
        steps:
          - collect: phone
          - call: innermost
      innermost:
        description: d
        steps:
          - collect: place
    """


def test_a_slot_of_a_called_flow_that_has_ended_leads_back_into_it(talk: Talk) -> None:
    chat = talk(CALLS)
    chat.say("start flow outer, set slot people 1, set slot phone 5, set slot place north")
    turn = chat.say("set slot place south")
    assert heard(turn) == ["utter_corrected_previous_input", "utter_ask_day"]
    assert [one.step for one in turn.visits if one.flow == "innermost"] == ["0_collect_place"]
    assert flows(turn, FlowStarted) == []
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["outer"]


def test_a_slot_of_a_called_flow_that_is_emptied_is_asked_for_there(talk: Talk) -> None:
    chat = talk(CALLS)
    chat.say("start flow outer, set slot people 1, set slot phone 5, set slot place north")
    assert chat.hear("set slot phone null")[-1] == "utter_ask_phone"
    assert [(frame.flow, frame.called) for frame in chat.conversation.state("x").stack] == [("outer", False), ("inner", True)]
    assert chat.hear("set slot phone 6") == ["utter_ask_day"]


@pytest.mark.parametrize("slot", ["people", "phone"])
def test_an_outer_slot_corrected_inside_nested_calls_has_the_nested_flows_walked_again(talk: Talk, slot: str) -> None:
    chat = talk(CALLS)
    chat.say("start flow outer, set slot people 1, set slot phone 5")
    assert chat.conversation.state("x").asked == "place"
    turn = chat.say(f"set slot {slot} 7")
    assert heard(turn) == ["utter_corrected_previous_input", "utter_ask_place"]
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["outer", "inner", "innermost"]


def test_an_outer_slot_emptied_inside_nested_calls_leaves_only_the_outer_flow(talk: Talk) -> None:
    chat = talk(CALLS)
    chat.say("start flow outer, set slot people 1, set slot phone 5")
    assert chat.hear("set slot people null")[-1] == "utter_ask_people"
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["outer"]
