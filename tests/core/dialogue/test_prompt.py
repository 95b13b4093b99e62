"""What a prompt shows of the dialogue. Byte for byte against published prompts: `test_prompt_data.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.dialogue.prompt import PromptBuilder
from core.prompts.context import Line, PromptContext
from tests.core.dialogue.small import Chat, Talk

CALLING = """
    flows:
      outer:
        description: d
        steps:
          - collect: people
            description: how many
          - call: inner
      inner:
        description: i
        if: slots.day = 'never'
        steps:
          - collect: phone
            description: which number
    """

BUTTONS = """
    flows:
      hours:
        description: d
        steps:
          - collect: place
    slots:
      place: {type: text}
    responses:
      utter_ask_place:
        - text: North?
          buttons: [{title: "Yes", payload: /SetSlots(place=North)}, {title: "No", payload: /stop}]
    """

RESTART = """
    flows:
      again:
        description: d
        steps:
          - action: action_restart
    """


def shown(chat: Chat, text: str = "well", **options: Any) -> PromptContext:
    return PromptBuilder(chat.engine, **options).context(chat.conversation.state(text))


def names(slots: list[dict[str, Any]]) -> list[str]:
    return [slot["name"] for slot in slots]


def test_before_any_flow_all_that_can_be_started_are_listed(talk: Talk) -> None:
    variables = shown(talk()).variables
    assert names(variables["available_flows"]) == ["book", "hours", "call_me"]
    assert [variables[name] for name in ("current_flow", "current_slot", "flow_slots")] == [None, None, []]
    hours = variables["available_flows"][1]
    assert hours["slots"] == [{"name": "place", "description": None, "allowed_values": ["North", "South"]}]


def test_a_slot_that_is_asked_before_filling_is_listed_only_while_it_is_asked(talk: Talk) -> None:
    chat = talk()
    assert names(shown(chat).variables["available_flows"][0]["slots"]) == ["people", "day"]
    chat.say("start flow book")
    assert names(shown(chat).variables["flow_slots"]) == ["people", "day"]
    chat.say("set slot people 2\nset slot day Friday")
    variables = shown(chat).variables
    assert names(variables["flow_slots"]) == ["people", "day", "sure"]
    assert (variables["current_slot"], variables["current_slot_type"]) == ("sure", "bool")
    assert variables["current_slot_allowed_values"] == [True, False]
    assert [slot["value"] for slot in variables["flow_slots"]] == [2.0, "Friday", "undefined"]


def test_a_flow_whose_guard_does_not_hold_is_not_listed(talk: Talk) -> None:
    assert "inner" not in names(shown(talk(CALLING)).variables["available_flows"])
    assert "inner" in names(shown(talk(CALLING, slots={"day": "never"})).variables["available_flows"])


def test_inside_a_called_flow_the_caller_is_the_active_one(talk: Talk) -> None:
    chat = talk(CALLING)
    chat.say("start flow outer\nset slot people 2")
    variables = shown(chat).variables
    assert (variables["current_flow"], variables["current_slot"]) == ("outer", "phone")
    assert variables["current_slot_description"] == "which number"
    assert names(variables["flow_slots"]) == ["people", "phone"]


def test_messages_are_one_line_each_and_the_newest_is_the_last(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book", text="a table\nplease")
    context = shown(chat, "for two")
    assert context.history == (Line("USER", "a table please"), Line("AI", "How many?"), Line("USER", "for two"))
    assert context.user_message == "for two"


def test_recorded_lines_take_the_place_of_what_the_bot_said_here(talk: Talk) -> None:
    chat = talk()
    chat.say("start flow book", text="a table")
    context = PromptBuilder(chat.engine).context(chat.conversation.state("two"), {0: ["Hello."], 1: ["And how many?"]})
    assert [line.text for line in context.history] == ["Hello.", "a table", "And how many?", "two"]


@pytest.mark.parametrize(("version", "text"), [("3.13.20", "North?"), ("3.13.21", "North? [Yes] [No]")])
def test_button_titles_are_shown_since_their_version(talk: Talk, version: str, text: str) -> None:
    chat = talk(BUTTONS, alone=True, version=version)
    chat.say("start flow hours")
    assert shown(chat).history[1] == Line("AI", text)


def test_what_was_said_before_a_restart_is_not_shown(talk: Talk) -> None:
    chat = talk(RESTART)
    chat.say("start flow book", text="a table")
    chat.say("start flow again", text="from the top")
    assert "a table" not in [line.text for line in shown(chat, "hello").history]
    assert shown(chat, "hello").history[-1] == Line("USER", "hello")


def test_the_time_is_the_mocked_one_else_the_one_given_and_only_since_its_version(talk: Talk) -> None:
    now = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    mocked = {"mocked_datetime": "2025-05-01"}
    assert "current_datetime" not in shown(talk(version="3.15")).variables
    assert "current_datetime" not in shown(talk(version="3.14", slots=mocked), now=now).variables
    assert shown(talk(version="3.15"), now=now).variables["current_datetime"] == now
    found = shown(talk(version="3.15", slots=mocked), now=now).variables["current_datetime"]
    assert found == datetime(2025, 5, 1, tzinfo=UTC)
