"""`bot`, `utter` and slot steps against a turn's events."""

from __future__ import annotations

from typing import Any

import pytest

from core.conversations.models import TurnKind
from core.dialogue.events import BotUttered, Event, FlowStarted, SlotSet
from core.testing.classic import judge_checks, same_value
from core.testing.expectations import Check
from core.testing.results import Failure


def bot(text: str) -> Check:
    return Check(TurnKind.BOT, text, 5)


def utter(name: str) -> Check:
    return Check(TurnKind.UTTER, name, 5)


def was_set(name: str, *value: Any) -> Check:
    return Check(TurnKind.SLOT_WAS_SET, name, 5, value[0] if value else None, bool(value))


def was_not_set(name: str, *value: Any) -> Check:
    return Check(TurnKind.SLOT_WAS_NOT_SET, name, 5, value[0] if value else None, bool(value))


def judge(checks: list[Check], events: list[Event]) -> tuple[Failure, ...]:
    return judge_checks(checks, events, "t.yml", 1).failures


HELLO = BotUttered("Hello!", "utter_hello")
PRICE = BotUttered("It costs 4.")


@pytest.mark.parametrize(
    "check",
    [utter("utter_hello"), bot("Hello!"), bot("Hello!\n"), bot("It costs 4."), was_set("a"), was_set("a", 4)],
)
def test_what_happened_holds_whatever_else_happened(check: Check) -> None:
    assert judge([check], [FlowStarted("f"), HELLO, SlotSet("a", 4), PRICE]) == ()


@pytest.mark.parametrize("check", [utter("utter_bye"), bot("hello!"), bot("Hello! It"), was_set("b"), was_set("a", 5)])
def test_what_did_not_happen_fails(check: Check) -> None:
    assert len(judge([check], [HELLO, SlotSet("a", 4)])) == 1


def test_order_within_a_turn_is_irrelevant() -> None:
    assert judge([bot("It costs 4."), was_set("a"), utter("utter_hello")], [HELLO, PRICE, SlotSet("a", 4)]) == ()


def test_a_message_said_once_does_not_satisfy_two_steps() -> None:
    (failure,) = judge([bot("Hello!"), bot("Hello!")], [HELLO])
    assert (failure.expected, failure.actual) == ("Hello!", ())
    assert judge([bot("Hello!"), bot("Hello!")], [HELLO, HELLO]) == ()


def test_a_response_expected_by_name_is_not_used_up_by_its_text() -> None:
    assert judge([bot("Hello!"), utter("utter_hello")], [HELLO, BotUttered("Hello!")]) == ()


@pytest.mark.parametrize(("expected", "got"), [("4", 4), (4, "4"), (True, 1), (1, True), (False, None), ("true", True)])
def test_types_of_slot_values_are_compared(expected: Any, got: Any) -> None:
    (failure,) = judge([was_set("a", expected)], [SlotSet("a", got)])
    assert failure.actual
    assert not same_value(expected, got)


def test_equal_values_of_different_types_are_told_so() -> None:
    (failure,) = judge([was_set("a", True)], [SlotSet("a", 1)])
    assert failure.note == "slot types do not match"
    assert (failure.expected, failure.actual) == ("a: true", ("a: 1",))


@pytest.mark.parametrize(("expected", "got"), [(4, 4.0), (None, None), ([1], [1]), ("x", "x"), (True, True)])
def test_numbers_are_one_type(expected: Any, got: Any) -> None:
    assert judge([was_set("a", expected)], [SlotSet("a", got)]) == ()


def test_a_slot_that_is_set_or_emptied_later_in_the_turn_was_set() -> None:
    assert judge([was_set("a", 4)], [SlotSet("a", 4), SlotSet("a", None)]) == ()


@pytest.mark.parametrize(
    ("check", "events", "holds"),
    [
        (was_not_set("a"), [], True),
        (was_not_set("a"), [SlotSet("b", 1)], True),
        (was_not_set("a"), [SlotSet("a", None)], True),
        (was_not_set("a"), [SlotSet("a", 1)], False),
        (was_not_set("a", 1), [SlotSet("a", 2)], True),
        (was_not_set("a", 1), [SlotSet("a", 1)], False),
        (was_not_set("a", 1), [SlotSet("a", "1")], True),
    ],
)
def test_slot_was_not_set(check: Check, events: list[Event], holds: bool) -> None:
    assert (judge([check], events) == ()) is holds


def test_any_equal_variation_of_a_response_will_do() -> None:
    def renderings(message: BotUttered) -> tuple[str, ...]:
        return ("Hello!", "Hi!") if message.utter == "utter_hello" else ()

    assert judge_checks([bot("Hi!")], [HELLO], "t.yml", 1, renderings).failures == ()
    assert judge_checks([bot("Hey!")], [HELLO], "t.yml", 1, renderings).failures


@pytest.mark.parametrize("name", ["utter_placeholder_generated_answer", "placeholder_generated_answer"])
def test_a_placeholder_stands_for_a_message_that_nothing_else_expects(name: str) -> None:
    assert judge([utter(name), utter("utter_hello")], [HELLO, PRICE]) == ()
    assert len(judge([utter(name), utter("utter_hello")], [HELLO])) == 1


def test_a_failure_shows_what_was_said_instead() -> None:
    (failure,) = judge([utter("utter_bye"), bot("It costs 4.")], [HELLO, PRICE])
    assert failure.diff() == ("- utter_bye", "+ utter_hello")
    assert str(failure.where) == "t.yml:5"
    (silence,) = judge([utter("utter_bye")], [])
    assert silence.note == "the bot said nothing"
