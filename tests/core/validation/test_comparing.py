"""One answer against the label of its step."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.commands import CancelFlow, Clarify, Command, Mode, SetSlot, SkipQuestion, SlotKind, StartFlow
from core.validation.comparing import Relation, compare_answer
from core.validation.models import SlotFacts, StepFacts, Vote

BOOK = StepFacts(
    "a berth for the Mary Jane from tomorrow",
    (StartFlow("book"), SetSlot("boat", "Mary Jane"), SetSlot("from_day", "tomorrow")),
    now=datetime(2026, 11, 21, 10),
    slots={"insured": SlotFacts(SlotKind.BOOL)},
)


def relation(facts: StepFacts, *commands: Command, mode: Mode = Mode.STRICT) -> Relation:
    return compare_answer(facts, Vote(commands), mode).relation


def test_the_order_of_commands_does_not_count() -> None:
    assert relation(BOOK, *reversed(BOOK.commands)) is Relation.EQUAL


def test_values_decide_between_equal_equivalent_near_and_changed() -> None:
    start, boat, day = BOOK.commands
    assert relation(BOOK, start, boat, SetSlot("from_day", "2026-11-22")) is Relation.EQUIVALENT
    assert relation(BOOK, start, SetSlot("boat", "Mary Jane II"), day) is Relation.NEAR
    assert relation(BOOK, start, SetSlot("boat", "Tern"), day) is Relation.CHANGED
    # the worst of several values counts
    assert relation(BOOK, start, SetSlot("boat", "Tern"), SetSlot("from_day", "2026-11-22")) is Relation.CHANGED


def test_a_missing_or_further_command_is_another_answer() -> None:
    assert relation(BOOK, *BOOK.commands[:2]) is Relation.OTHER
    assert relation(BOOK, *BOOK.commands, CancelFlow()) is Relation.OTHER
    assert relation(BOOK, StartFlow("rent"), *BOOK.commands[1:]) is Relation.OTHER
    assert relation(BOOK) is Relation.NONE


def test_an_expected_clarification_without_flows_takes_any() -> None:
    assert relation(StepFacts("my boat", (Clarify(),)), Clarify(("book", "rent"))) is Relation.EQUAL


def test_the_difference_is_told_for_people() -> None:
    start, _, day = BOOK.commands
    changed = compare_answer(BOOK, Vote((start, SetSlot("boat", "Tern"), day)))
    assert changed.detail == "boat: Mary Jane → Tern"
    other = compare_answer(StepFacts("pay", (StartFlow("pay"),)), Vote((CancelFlow(),)))
    assert other.detail == "- start flow pay; + cancel flow"


def test_an_answer_of_the_same_effect_agrees() -> None:
    facts = StepFacts("Mary Jane", (SetSlot("boat", "Mary Jane"),), processed=(SetSlot("boat", "Mary Jane"),))
    vote = Vote((StartFlow("book"), SetSlot("boat", "Mary Jane")), processed=(SetSlot("boat", "Mary Jane"),))
    assert compare_answer(facts, vote).relation is Relation.EQUAL


def test_equal_commands_agree_whatever_the_engine_makes_of_them() -> None:
    facts = StepFacts("pay", (StartFlow("pay"),), processed=())
    assert compare_answer(facts, Vote((StartFlow("pay"),), processed=(CancelFlow(),))).relation is Relation.EQUAL


def test_two_answers_that_both_come_to_nothing_do_not_agree_by_that() -> None:
    facts = StepFacts("pay", (StartFlow("pay"),), processed=())
    assert compare_answer(facts, Vote((CancelFlow(),), processed=())).relation is Relation.OTHER


def test_a_changed_value_counts_even_where_the_engine_drops_it() -> None:
    facts = StepFacts("pay Ann", (StartFlow("pay"), SetSlot("to", "Ann")), processed=(StartFlow("pay"),))
    changed = Vote((StartFlow("pay"), SetSlot("to", "Bea")), processed=(StartFlow("pay"),))
    assert compare_answer(facts, changed).relation is Relation.CHANGED
    more = Vote((StartFlow("pay"), SetSlot("to", "Bea"), SkipQuestion()), processed=(StartFlow("pay"),))
    assert compare_answer(facts, more).relation is Relation.OTHER
    assert compare_answer(facts, more, Mode.DOCUMENTED).relation is Relation.EQUAL


@pytest.mark.parametrize(
    ("label", "answer", "agrees"),
    [
        ((SetSlot("city", "Basel"),), (SetSlot("city", "Bern"),), True),
        ((SetSlot("city", "Basel"),), (SetSlot("town", "Basel"),), False),
        ((SetSlot("city", "Basel"),), (), False),
        ((SetSlot("a", "1"), SetSlot("b", "2")), (SetSlot("b", "9"), SetSlot("a", "8")), True),
        ((SetSlot("a", "1"), SetSlot("b", "2")), (SetSlot("a", "1"),), False),
        ((StartFlow("pay"), SetSlot("a", "1")), (StartFlow("pay"), SetSlot("a", "2")), True),
        ((StartFlow("pay"),), (StartFlow("rent"),), False),
        ((StartFlow("pay"),), (StartFlow("pay"), SetSlot("a", "1")), False),
        ((Clarify(("a", "b")),), (Clarify(("b", "a")),), True),
        ((Clarify(("a", "b")),), (Clarify(("a",)),), False),
        ((), (), True),
    ],
)
def test_documented_looks_at_slots_by_name_alone(label: tuple[Command, ...], answer: tuple[Command, ...], agrees: bool) -> None:
    found = relation(StepFacts("", label), *answer, mode=Mode.DOCUMENTED)
    assert found.agrees is agrees
