"""The other repairs by default: small talk, search, skipping, handing over, repeating, errors, starting over."""

from __future__ import annotations

import pytest

from core.commands import HumanHandoff, KnowledgeAnswer, RepeatLastBotMessages, SetSlot, SkipQuestion, StartFlow
from core.dialogue.actions import ActionResult
from core.dialogue.events import ActionExecuted, SessionStarted
from tests.core.dialogue.small import Scripted, Talk, dropped, heard, said, texts, was_set


@pytest.mark.parametrize(
    ("command", "response"),
    [
        ("offtopic reply", "utter_cannot_handle"),
        ("provide info", "utter_no_knowledge_base"),
        ("SkipQuestion()", "utter_skip_question_answer"),
        ("hand over", "utter_human_handoff_not_available"),
    ],
)
@pytest.mark.parametrize("version", ["3.12", "3.15"])
def test_the_repair_speaks_and_the_open_question_comes_again(talk: Talk, version: str, command: str, response: str) -> None:
    chat = talk(version=version)
    assert chat.hear(command) == [response]
    chat.say("start flow hours")
    assert chat.hear(command) == [response, "utter_ask_place"]


def test_an_answer_goes_before_the_next_question(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book")
    turn = chat.say((SetSlot("people", "2"), KnowledgeAnswer()))
    assert heard(turn) == ["utter_no_knowledge_base", "utter_ask_day"]
    turn = chat.say((KnowledgeAnswer(), StartFlow("hours")))
    assert heard(turn) == ["utter_no_knowledge_base", "utter_ask_place"]


def test_of_several_repairs_the_first_named_speaks_first(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    turn = chat.say((HumanHandoff(), SkipQuestion()))
    assert heard(turn) == ["utter_human_handoff_not_available", "utter_skip_question_answer", "utter_ask_place"]
    turn = chat.say((SkipQuestion(), KnowledgeAnswer(), HumanHandoff()))
    assert heard(turn)[:3] == [*("utter_no_knowledge_base", "utter_skip_question_answer", "utter_human_handoff_not_available")]


def test_since_3_16_there_is_no_handing_over(talk: Talk) -> None:
    turn = talk(version="3.16").say((HumanHandoff(),))
    assert (heard(turn), dropped(turn)) == (["utter_ask_rephrase"], [("HumanHandoff", "this version has no command for it")])


def test_the_messages_of_the_turn_before_are_repeated_and_the_question_only_once(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    chat.say("start flow hours, set slot place north")
    turn = chat.say((RepeatLastBotMessages(),))
    assert heard(turn) == ["utter_hours", "utter_flow_continue_interrupted", "utter_ask_day"]


def test_without_an_open_question_all_messages_are_repeated(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours, set slot place north")
    assert heard(chat.say((RepeatLastBotMessages(),))) == ["utter_hours", "utter_can_do_something_else"]


def test_at_the_beginning_there_is_nothing_to_repeat(talk: Talk) -> None:
    assert heard(talk().say((RepeatLastBotMessages(),))) == []


SEARCHING = """
    flows:
      pattern_search: {description: d, steps: [{action: action_trigger_search}]}
      pattern_chitchat: {description: d, steps: [{action: action_trigger_chitchat}]}
    """


def test_whoever_runs_custom_actions_is_asked_to_search(talk: Talk) -> None:
    actions = Scripted({"action_trigger_search": ActionResult(messages=(said("Page 7."),))})
    turn = talk(SEARCHING, actions=actions).say("provide info")
    assert heard(turn) == ["Page 7."]
    assert ActionExecuted("action_trigger_search", "stub") in turn.events


def test_if_nobody_searches_there_is_no_knowledge_base(talk: Talk) -> None:
    assert talk(SEARCHING).hear("provide info") == ["utter_no_knowledge_base"]


def test_if_nobody_chats_the_message_cannot_be_handled(talk: Talk) -> None:
    chat = talk(SEARCHING)
    chat.say("start flow hours")
    assert chat.hear("offtopic reply") == ["utter_cannot_handle", "utter_ask_place"]


def test_a_message_that_is_too_long_reaches_no_command(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow hours")
    turn = chat.say("set slot place north", text="x" * 421)
    assert heard(turn) == ["utter_user_input_too_long_error_rasa", "utter_ask_place"]
    assert "420" in (texts(turn)[0] or "")
    assert [(one.reason, one.by) for one in turn.dropped] == [("the message is too long", "internal error")]
    assert chat.say("set slot place north", text="x" * 420).processed


def test_the_configuration_says_how_long_a_message_may_be(talk: Talk) -> None:
    text = """
        pipeline:
          - name: CompactLLMCommandGenerator
            user_input: {max_characters: 10}
        """
    assert talk(text).hear(text="12345678901") == ["utter_user_input_too_long_error_rasa"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_message_is_an_error(talk: Talk, text: str) -> None:
    assert talk().hear(text=text) == ["utter_user_input_empty_error_rasa"]


def test_a_restart_forgets_slots_and_flows(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book, set slot people 2")
    turn = chat.press("/restart")
    assert (turn.is_button, chat.slots, chat.conversation.state("x").stack) == (True, {}, ())
    assert was_set(turn) == [("people", None)]
    assert ActionExecuted("action_restart") in turn.events
    assert SessionStarted() in turn.events
    assert chat.hear("start flow book") == ["utter_ask_people"]


def test_a_restart_may_be_answered(talk: Talk) -> None:
    assert heard(talk("responses:\n  utter_restart: [{text: From the start.}]\n").press("/restart")) == ["utter_restart"]


def test_since_3_16_the_user_is_asked_whether_there_is_more(talk: Talk) -> None:
    chat = talk(version="3.16")
    assert chat.hear("start flow hours, set slot place north") == ["utter_hours", "utter_ask_continue_conversation"]
    assert chat.conversation.state("x").asked == "continue_conversation"
    assert chat.hear("set slot continue_conversation true") == ["utter_can_do_something_else"]
    chat.say("start flow hours, set slot place north")
    assert chat.hear("set slot continue_conversation false") == ["utter_closing_words", "utter_ask_csat_score"]
    assert heard(chat.press("/SetSlots(csat_score=satisfied)")) == ["utter_csat_thank_you_satisfied"]
    assert chat.conversation.state("x").stack == ()


def test_since_3_16_starting_a_flow_answers_that_question(talk: Talk) -> None:
    chat = talk(version="3.16")
    chat.say("start flow hours, set slot place north")
    assert chat.hear("start flow call_me") == ["utter_ask_phone"]
    assert [frame.flow for frame in chat.conversation.state("x").stack] == ["call_me"]
