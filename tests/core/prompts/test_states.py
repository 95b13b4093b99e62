"""Which messages are answered in the same state."""

from __future__ import annotations

from typing import Any

from core.prompts.context import Line, PromptContext
from core.prompts.states import state_key


def context(flow: str | None, slot: str | None, *history: str, **variables: Any) -> PromptContext:
    """`history`: lines of the assistant and the user in turn, the user's message last."""
    lines = tuple(Line("USER" if place % 2 == 0 else "AI", text) for place, text in enumerate(history))
    return PromptContext({"current_flow": flow, "current_slot": slot, **variables}, lines, lines[-1].text)


def test_an_answer_to_the_same_question_of_a_flow_is_given_in_the_same_state() -> None:
    asked = context("buy_ticket", "count", "a ticket", "How many?", "two")
    otherwise = context("buy_ticket", "count", "I want to sail", "And how many tickets?", "three", flow_slots=[1])
    assert state_key(asked) == state_key(otherwise)


def test_another_slot_or_flow_is_another_state() -> None:
    keys = {
        state_key(context(flow, slot, "a ticket", "How many?", "two"))
        for flow, slot in (("buy_ticket", "count"), ("buy_ticket", "day"), ("refund", "count"))
    }
    assert len(keys) == 3


def test_where_nothing_is_asked_the_last_words_of_the_assistant_count() -> None:
    said = context(None, None, "hello", "What can I do?", "a ticket")
    assert state_key(said) == state_key(context(None, None, "good day", "What can I do?", "a refund"))
    assert state_key(said) != state_key(context(None, None, "hello", "Done.", "a ticket"))
    assert state_key(said) != state_key(context(None, None, "a ticket"))
