"""Slot values that nobody said."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.commands import Command, SetSlot, SlotKind, StartFlow
from core.prompts.context import Line
from core.validation.grounding import is_said, ungrounded
from core.validation.models import SlotFacts, StepFacts

NOW = datetime(2026, 11, 21, 10)


def doubted(facts: StepFacts, text: str, *commands: Command) -> list[str | None]:
    return [command.value for command in ungrounded(commands or facts.commands, facts, text)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Basel", "I'd like to go to basel, please"),
        ("Zürich", "zurich it is"),
        ("@foo", "their handle is @foo."),
        ("4000", "four thousand will do"),
        ("50", "send him $50"),
        ("250", "two hundred and fifty"),
        ("2026-11-22", "I'd leave tomorrow morning"),
        ("may 14th", "on the 14th of may"),
        ("recurring payment", "a payment that is recurring"),
        ("13800001111", "138 0000 1111"),
        ("巴塞尔", "我想去巴塞尔"),
    ],
)
def test_a_value_is_said_literally_or_in_another_form(value: str, text: str) -> None:
    assert is_said(value, (text,), NOW)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Basel", "to Bern"),
        ("Barbar", "It's Barbara"),
        ("foo", "it's @foo"),
        ("@bart", "it's @barts"),
        ("4", "45 people"),
        ("4", "4.5"),
        ("2026-11-22", "I'd leave today"),
        ("巴塞尔", "我想去伯尔尼"),
    ],
)
def test_a_value_is_not_said_by_something_alike(value: str, text: str) -> None:
    assert not is_said(value, (text,), NOW)


def test_a_value_that_only_the_original_says_is_doubted() -> None:
    facts = StepFacts("to Basel", (SetSlot("city", "Basel"),))
    assert doubted(facts, "to Bern") == ["Basel"]
    assert doubted(facts, "Basel is where I am going") == []


def test_a_value_said_earlier_in_the_conversation_is_grounded() -> None:
    facts = StepFacts("to Basel", (SetSlot("city", "Basel"),), history=(Line("USER", "is Basel nice?"),))
    assert doubted(facts, "I'd like to go there") == []


def test_a_value_of_the_label_that_the_original_does_not_say_either_is_not_doubted() -> None:
    facts = StepFacts("the usual one", (SetSlot("room", "double"),))
    assert doubted(facts, "the one I always take") == []
    assert doubted(facts, "the one I always take", SetSlot("room", "single")) == ["single"]


def test_yes_no_and_emptied_slots_are_never_doubted() -> None:
    facts = StepFacts("do it", (SetSlot("confirmed", "true"),), slots={"paid": SlotFacts(SlotKind.BOOL)})
    assert doubted(facts, "go ahead", SetSlot("confirmed", "yes"), SetSlot("paid", "true"), SetSlot("note", None)) == []


def test_commands_without_values_need_no_grounds() -> None:
    assert doubted(StepFacts("pay", (StartFlow("pay"),)), "I want to pay") == []


def test_a_choice_may_be_said_in_other_words_but_not_in_those_of_another_choice() -> None:
    slots = {"colour": SlotFacts(SlotKind.CATEGORICAL, ("red", "blue"))}
    facts = StepFacts("a red one", (SetSlot("colour", "red"),), slots=slots)
    assert doubted(facts, "the one like a fire engine") == []
    assert doubted(facts, "a blue one") == ["red"]
    assert doubted(facts, "the one like the sea", SetSlot("colour", "blue")) == ["blue"]


def test_a_translation_may_have_its_own_words_for_the_choices_of_a_slot() -> None:
    facts = StepFacts("a red one", (), slots={"colour": SlotFacts(SlotKind.CATEGORICAL, ("red",))})
    answer = (SetSlot("colour", "red"),)
    assert ungrounded(answer, facts, "ein rotes") == answer
    assert ungrounded(answer, facts, "ein rotes", translated=True) == ()


def test_a_plural_is_grounds_and_a_longer_name_is_not() -> None:
    assert is_said("film", ("any films?",))
    assert is_said("boxes", ("a box",))
    assert not is_said("Barbar", ("Barbara",))
