"""Giving up a flow."""

from __future__ import annotations

from core.dialogue.events import FlowCancelled, FlowCompleted, FlowInterrupted
from tests.core.dialogue.small import Talk, dropped, flows, heard, texts, was_set


def test_a_cancelled_flow_is_logged_reset_and_followed_by_the_completed_pattern(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.say("cancel flow")
    assert texts(turn)[0] == "All right, book a table is stopped."
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_can_do_something_else"]
    assert FlowCancelled("book", "1_collect_day") in turn.events
    assert flows(turn, FlowCompleted) == []
    assert was_set(turn) == [("people", None), ("day", None), ("sure", None)]
    assert chat.conversation.state("x").stack == ()


def test_a_flow_without_a_name_is_named_by_its_id(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    assert texts(chat.say("cancel flow"))[0] == "All right, hours is stopped."


def test_without_a_flow_there_is_nothing_to_cancel(talk: Talk) -> None:
    turn = talk().say("cancel flow")
    assert heard(turn) == ["utter_ask_rephrase"]
    assert dropped(turn) == [("CancelFlow", "no flow is under way")]
    assert turn.dropped[0].by == "cannot handle"


def test_the_flow_that_was_put_aside_goes_on_after_its_interruption_is_cancelled(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    chat.say("start flow hours")
    turn = chat.say("cancel flow")
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_flow_continue_interrupted", "utter_ask_people"]
    assert flows(turn, FlowCancelled) == ["hours"]


def test_cancelling_one_flow_and_starting_another(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.say("cancel flow, start flow hours, set slot place north")
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_hours", "utter_can_do_something_else"]
    assert (flows(turn, FlowCancelled), flows(turn, FlowCompleted)) == (["book"], ["hours"])
    assert not [event for event in turn.events if isinstance(event, FlowInterrupted)]


def test_a_value_for_a_flow_that_the_same_message_cancels_is_no_correction(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.say("set slot people 3, cancel flow")
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_can_do_something_else"]
    assert was_set(turn, "people") == [("people", 3.0), ("people", None)]


def test_what_the_message_says_for_the_new_flow_outlives_the_reset_of_the_cancelled_one(talk: Talk) -> None:
    text = """
        flows:
          other: {description: d, steps: [{collect: people}, {collect: phone}]}
        """
    chat = talk(text)
    chat.say("start flow book, set slot people 2")
    assert chat.hear("cancel flow, start flow other, set slot people 5") == ["utter_flow_cancelled_rasa", "utter_ask_phone"]
    assert chat.slots == {"people": 5.0}


def test_cancelling_inside_a_called_flow_cancels_its_caller_too(talk: Talk) -> None:
    text = """
        flows:
          outer:
            name: the outer one
            description: d
            steps: [{collect: people}, {call: inner}]
          inner: {name: the inner one, description: d, steps: [{collect: phone}]}
        """
    chat = talk(text)
    chat.say("start flow outer, set slot people 2")
    turn = chat.say("cancel flow")
    assert texts(turn)[0] == "All right, the outer one is stopped."
    assert flows(turn, FlowCancelled) == ["inner", "outer"]
    assert was_set(turn) == [("people", None), ("phone", None)]


def test_a_question_of_a_pattern_vanishes_with_the_flow_it_is_about(talk: Talk) -> None:
    text = """
        flows:
          pattern_correction:
            description: ask first
            steps: [{collect: change}, {action: action_correct_flow_slot}]
        slots:
          change: {type: bool}
        responses:
          utter_ask_change: [{text: Change?}]
        """
    chat = talk(text)
    chat.say("start flow book, set slot people 2")
    assert chat.hear("set slot people 3") == ["utter_ask_change"]
    turn = chat.say("cancel flow")
    assert heard(turn) == ["utter_flow_cancelled_rasa", "utter_can_do_something_else"]
    assert flows(turn, FlowCancelled) == ["book"]


def test_a_project_may_ask_before_it_cancels(talk: Talk) -> None:
    text = """
        flows:
          pattern_cancel_flow:
            description: ask first
            steps:
              - collect: really
                next:
                  - if: slots.really
                    then:
                      - action: action_cancel_flow
                        next: END
                  - else: END
        slots:
          really: {type: bool}
        responses:
          utter_ask_really: [{text: "Stop {{ context.canceled_name }}?", metadata: {template: jinja}}]
        """
    chat = talk(text)
    chat.say("start flow book")
    assert texts(chat.say("cancel flow")) == ["Stop book a table?"]
    assert chat.hear("set slot really false") == ["utter_ask_people"]
    chat.say("cancel flow")
    turn = chat.say("set slot really true")
    assert (heard(turn), flows(turn, FlowCancelled)) == (["utter_can_do_something_else"], ["book"])


def test_a_flow_that_is_not_followed_by_the_completed_pattern(talk: Talk) -> None:
    text = """
        flows:
          quiet: {description: d, run_pattern_completed: false, steps: [{collect: phone}]}
        """
    chat = talk(text)
    chat.say("start flow quiet")
    assert chat.hear("cancel flow") == ["utter_flow_cancelled_rasa"]
    assert chat.hear("start flow quiet, set slot phone 1") == []
