"""Other texts go into user turns by their place; a conversation that is not the test's is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prompts.context import Line, conversation_text
from core.prompts.substitute import Alignment, Mismatch, Substituted, align, substitute_texts
from tests.core.prompts.examples import TEST, anything, context_of

ORIGINALS = [step.user for step in TEST.steps]


def reason(found: object) -> str:
    assert isinstance(found, Mismatch), found
    return found.reason


def test_texts_go_to_their_turns() -> None:
    found = substitute_texts(context_of(4), ORIGINALS, 4, {1: "good\nday", 4: "the northern one"})
    assert isinstance(found, Substituted)
    assert found.message == "the northern one"
    assert found.history_text == conversation_text(context_of(4).history).replace("hello there", "good day").replace(
        "USER: north", "USER: the northern one"
    )


def test_nothing_chosen_changes_nothing() -> None:
    for step in range(1, 6):
        context = context_of(step)
        assert substitute_texts(context, ORIGINALS, step, {}) == Substituted(context.history, context.user_message)


def test_equal_texts_are_told_apart_by_their_place() -> None:
    history = (
        Line("USER", "yes"),
        Line("AI", "yes"),
        Line("USER", "yes"),
        Line("AI", "USER: yes"),
        Line("USER", "yes"),
    )
    context = replace(context_of(1), history=history, user_message="yes")
    found = substitute_texts(context, ["yes", "yes", "yes"], 3, {2: "sure"})
    assert isinstance(found, Substituted)
    assert found.message == "yes"
    assert [line.text for line in found.history] == ["yes", "yes", "sure", "USER: yes", "yes"]


def test_later_steps_are_not_reached() -> None:
    found = substitute_texts(context_of(2), ORIGINALS, 2, {5: "never"})
    assert found == Substituted(context_of(2).history, "I need a berth")


def test_history_may_begin_later_than_the_test() -> None:
    context = replace(context_of(4), history=context_of(4).history[3:])
    found = substitute_texts(context, ORIGINALS, 4, {1: "gone", 2: "a place for the boat", 4: "up north"})
    assert isinstance(found, Substituted)
    assert found.history[0] == Line("USER", "a place for the boat")
    assert found.history[-1] == Line("USER", "up north")


def test_dropped_turn_is_noticed() -> None:
    history = tuple(line for line in context_of(4).history if not line.text.startswith("/"))
    assert reason(align(replace(context_of(4), history=history), ORIGINALS, 4)) == (
        "user step 3 is '/SetSlots(boat_length=12)' in the test, but 'I need a berth' in the prompt's conversation"
    )


def test_more_turns_than_the_test_has() -> None:
    history = (Line("USER", "hm"), *context_of(2).history)
    assert "3 USER lines, the test only 2" in reason(align(replace(context_of(2), history=history), ORIGINALS, 2))


def test_message_or_conversation_of_another_step() -> None:
    assert "no USER line" in reason(align(replace(context_of(1), history=()), ORIGINALS, 1))
    assert "user step 2" in reason(align(context_of(1), ORIGINALS, 2))
    other = replace(context_of(2), user_message="hm")
    assert "'hm' is not user step 2" in reason(align(other, ORIGINALS, 2))
    with pytest.raises(ValueError, match="no step 6"):
        align(context_of(1), ORIGINALS, 6)


@given(st.integers(1, 5), st.dictionaries(st.integers(1, 5), anything, max_size=5))
def test_bot_turns_and_other_user_turns_stay(step: int, chosen: dict[int, str]) -> None:
    context = context_of(step)
    alignment = align(context, ORIGINALS, step)
    assert isinstance(alignment, Alignment)
    found = alignment.apply(chosen)
    assert [line.speaker for line in found.history] == [line.speaker for line in context.history]
    assert found.history[-1].text == found.message
    changed = {index for index, pair in enumerate(zip(context.history, found.history, strict=True)) if pair[0] != pair[1]}
    assert changed <= {alignment.places[number] for number in chosen if number <= step}
