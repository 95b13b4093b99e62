"""Contexts from hand-written dialogue states, their conversation text, and their JSON."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversations.models import ContextFlow, ContextSlot, ContextStep, TestContext
from core.prompts.context import Line, PromptContext, build_context, conversation_text, one_line, parse_conversation
from core.prompts.recorded import RecordedCalls
from tests.core.prompts.examples import FLOWS, TEST, context_of, messages


def test_first_message_stands_alone_after_an_empty_line() -> None:
    context = context_of(1)
    assert conversation_text(context.history) == "\nUSER: hello there"
    assert context.user_message == "hello there"


def test_history_ends_with_the_current_message_and_line_breaks_are_spaces() -> None:
    context = context_of(4)
    assert conversation_text(context.history) == (
        "USER: hello there\nAI: Hi!\nAI: How can I help?\n"
        "USER: I need a berth\nAI: How long is your boat?\n"
        "USER: /SetSlots(boat_length=12)\nAI: 12 metres. Which pier?\n"
        "USER: north"
    )


def test_flows_list_their_slots_without_those_asked_before_filling() -> None:
    berth, hours, _ = context_of(1).variables["available_flows"]
    assert [slot["name"] for slot in berth["slots"]] == ["boat_length", "pier", "with_power"]
    assert berth["slots"][1] == {"name": "pier", "description": None, "allowed_values": ["north", "guests' pier"]}
    assert berth["slots"][2]["allowed_values"] == [True, False]
    assert hours == {"name": "opening_hours", "description": "tell when the harbour office is open", "slots": []}


def test_no_flow_is_active() -> None:
    variables = context_of(2).variables
    assert variables["current_flow"] is None
    assert variables["current_slot"] is None
    assert variables["flow_slots"] == []


def test_active_flow_shows_values_and_undefined() -> None:
    variables = context_of(4).variables
    shown = [(slot["name"], slot["value"], slot["type"]) for slot in variables["flow_slots"]]
    assert shown == [
        ("boat_length", 12.0, "float"),
        ("pier", "undefined", "categorical"),
        ("with_power", "undefined", "bool"),
    ]
    assert variables["current_slot_allowed_values"] == ["north", "guests' pier"]


def test_slot_asked_before_filling_is_listed_while_it_is_asked() -> None:
    variables = context_of(5).variables
    assert [slot["name"] for slot in variables["flow_slots"]][-1] == "berth_confirmation"
    assert variables["flow_slots"][2]["value"] is False
    assert variables["current_slot_description"] == "whether the booking is right"
    assert variables["current_slot_type"] == "bool"


def test_slot_asked_by_a_called_flow_is_described_too() -> None:
    caller = ContextFlow("outer", "calls the other")
    called = ContextFlow("inner", "is called", (ContextSlot("code", "text", "four digits"),))
    test = TestContext("t.yml", "t", 1, 1, (ContextStep("1234", 2, "outer", "code"),))
    variables = build_context((caller, called), test, 1).variables
    assert variables["current_slot_description"] == "four digits"
    assert variables["flow_slots"] == []


@pytest.mark.parametrize("step", [0, 6])
def test_step_outside_the_test_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match="5 user steps"):
        build_context(FLOWS, TEST, step)


def test_one_line() -> None:
    assert one_line("a\nb\r\nc\rd") == "a b c d"


@pytest.mark.parametrize("step", range(1, 6))
def test_json_round_trip(step: int) -> None:
    context = context_of(step)
    assert PromptContext.from_json(context.to_json()) == context
    assert PromptContext.from_json(context.to_json()).to_json() == context.to_json()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 1, 9, 5, tzinfo=timezone.utc),  # noqa: UP017
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2026, 3, 1),
    ],
)
def test_json_keeps_moments(moment: datetime) -> None:
    context = PromptContext({"current_datetime": moment}, (Line("USER", "hi"),), "hi")
    again = PromptContext.from_json(context.to_json()).variables["current_datetime"]
    assert (again, again.tzname(), again.fold) == (moment, moment.tzname(), moment.fold)


def test_json_keeps_recorded_calls_and_leaves_slot_values_alone() -> None:
    calls = RecordedCalls({("strftime", ("%A",)): "Monday", ("tzname", ()): "UTC"})
    value = {"$recorded": [["strftime", [], "x"]]}
    context = PromptContext({"current_datetime": calls, "flow_slots": [{"value": value}]}, (Line("USER", "a"),), "a")
    again = PromptContext.from_json(context.to_json())
    assert again == context
    assert again.variables["current_datetime"].strftime("%A") == "Monday"
    with pytest.raises(ValueError, match="never showed"):
        again.variables["current_datetime"].strftime("%Y")
    with pytest.raises(AttributeError):
        _ = again.variables["current_datetime"].year


histories = st.lists(st.builds(Line, st.sampled_from(["USER", "AI"]), messages), min_size=1, max_size=6).map(tuple)


@given(histories)
def test_conversation_text_is_parsed_back(history: tuple[Line, ...]) -> None:
    assert parse_conversation(conversation_text(history)) == history


@given(histories)
def test_json_round_trip_of_any_history(history: tuple[Line, ...]) -> None:
    context = PromptContext({}, history, history[-1].text)
    assert PromptContext.from_json(context.to_json()) == context


@pytest.mark.parametrize("text", ["", "hello", "USER: a\n\nAI: b\n", "\nUSER: a\nAI: b", "\n\nUSER: a", "USER: a"])
def test_other_text_is_no_conversation_or_comes_back_unchanged(text: str) -> None:
    parsed = parse_conversation(text)
    assert parsed is None or conversation_text(parsed) == text


def test_line_without_speaker_continues_the_message_before() -> None:
    assert parse_conversation("USER: a\nb\nAI: c") == (Line("USER", "a\nb"), Line("AI", "c"))
