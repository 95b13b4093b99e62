"""Several flows: one on top of another, two in one message, and coming back, in the older and the newer way."""

from __future__ import annotations

import pytest

from core.dialogue.events import FlowCancelled, FlowCompleted, FlowInterrupted, FlowResumed, FlowStarted
from tests.core.dialogue.small import Talk, dropped, flows, heard, texts


def test_a_flow_started_meanwhile_goes_on_top_and_the_other_one_goes_on_afterwards(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.say("start flow hours")
    assert heard(turn) == ["utter_ask_place"]
    assert FlowInterrupted("book", "1_collect_day") in turn.events
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["book", "hours"]
    turn = chat.say("set slot place north")
    assert heard(turn) == ["utter_hours", "utter_flow_continue_interrupted", "utter_ask_day"]
    assert texts(turn)[1] == "Back to book a table."
    assert FlowResumed("book", "1_collect_day") in turn.events


def test_two_flows_of_one_message_run_one_after_the_other_without_words_between(talk: Talk) -> None:
    chat = talk()
    turn = chat.say("start flow hours, start flow call_me")
    assert heard(turn) == ["utter_ask_place"]
    assert flows(turn, FlowStarted) == ["hours", "call_me"]
    assert [(frame.flow, frame.step) for frame in chat.conversation.state("x").stack] == [
        ("call_me", None),
        ("hours", "0_collect_place"),
    ]
    assert chat.hear("set slot place north") == ["utter_hours", "utter_ask_phone"]
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_can_do_something_else"]


def test_two_flows_started_over_a_third(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    chat.say("start flow hours, start flow call_me")
    assert chat.hear("set slot place north") == ["utter_hours", "utter_ask_phone"]
    assert chat.hear("set slot phone 1") == ["utter_call", "utter_flow_continue_interrupted", "utter_ask_people"]


@pytest.mark.parametrize("version", ["3.12", "3.14"])
def test_starting_the_flow_under_way_has_its_question_come_again(talk: Talk, version: str) -> None:
    chat = talk(version=version)
    chat.say("start flow book")
    turn = chat.say("start flow book")
    assert heard(turn) == ["utter_ask_people"]
    assert (dropped(turn), turn.processed) == ([("StartFlow", "the flow `book` is under way")], ())


def test_before_3_14_starting_a_flow_that_waits_is_ignored(talk: Talk) -> None:
    chat = talk(version="3.13")
    chat.say("start flow book")
    chat.say("start flow hours")
    turn = chat.say("start flow book")
    assert (heard(turn), dropped(turn)) == (["utter_ask_place"], [("StartFlow", "the flow `book` is waiting already")])


def test_since_3_14_starting_a_flow_that_waits_resumes_it(talk: Talk) -> None:
    chat = talk(version="3.14")
    chat.say("start flow book, set slot people 2")
    chat.say("start flow hours")
    turn = chat.say("start flow book")
    assert heard(turn) == ["utter_ask_day"]
    assert FlowResumed("book", "1_collect_day") in turn.events
    assert FlowInterrupted("hours", "0_collect_place") in turn.events
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["hours", "book"]


def test_since_3_14_the_user_is_asked_whether_to_go_on(talk: Talk) -> None:
    chat = talk(version="3.14")
    chat.say("start flow book, set slot people 2")
    turn = chat.say("start flow hours, set slot place north")
    assert heard(turn) == ["utter_hours", "utter_ask_continue_interrupted_flow_confirmation"]
    assert texts(turn)[1] == "Shall we go on with book a table?"
    assert chat.conversation.state("x").asked == "continue_interrupted_flow_confirmation"
    turn = chat.say("set slot continue_interrupted_flow_confirmation true")
    assert heard(turn) == ["utter_ask_day"]
    assert FlowResumed("book", "1_collect_day") in turn.events


def test_since_3_14_the_user_may_decline(talk: Talk) -> None:
    chat = talk(version="3.14")
    chat.say("start flow book")
    chat.say("start flow hours, set slot place north")
    turn = chat.say("set slot continue_interrupted_flow_confirmation false")
    assert (heard(turn), flows(turn, FlowCancelled)) == (["utter_can_do_something_else"], ["book"])
    assert chat.conversation.state("x").stack == ()


def test_since_3_14_the_user_may_name_the_flow_instead_of_saying_yes(talk: Talk) -> None:
    chat = talk(version="3.14")
    chat.say("start flow book")
    chat.say("start flow hours, set slot place north")
    assert chat.hear("start flow book") == ["utter_ask_people"]


def test_since_3_14_the_user_chooses_among_several_interrupted_flows(talk: Talk) -> None:
    chat = talk(version="3.14")
    chat.say("start flow book")
    chat.say("start flow call_me")
    turn = chat.say("start flow hours, set slot place north")
    assert texts(turn)[-1] == "Which of these shall we go on with: be called back or book a table?"
    turn = chat.say("set slot interrupted_flow_to_continue book a table")
    assert heard(turn) == ["utter_ask_people"]
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["call_me", "book"]


def test_a_slot_of_the_interrupted_flow_may_be_filled_meanwhile(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    chat.say("start flow hours")
    assert chat.hear("set slot day Friday") == ["utter_ask_place"]
    assert chat.hear("set slot place north")[-1] == "utter_ask_sure"


def test_the_completed_pattern_runs_once_when_nothing_is_left(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow call_me")
    turn = chat.say("start flow hours, set slot place north, set slot phone 1")
    assert heard(turn) == [
        *("utter_hours", "utter_flow_continue_interrupted", "utter_call", "utter_can_do_something_else"),
    ]
    assert flows(turn, FlowCompleted) == ["hours", "call_me"]
