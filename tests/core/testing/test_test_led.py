"""Custom actions that the test itself stands in for: what they say, what they set, and what is not put down to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dialogue.events import ActionExecuted, BotUttered, SlotSet
from core.testing.action_sources import ActionMode
from core.testing.results import CaseResult
from core.testing.test_led_search import most_tries
from tests.core.testing.small import failures, run_one

SEND = """
    test_cases:
    - test_case: send
      steps:
      - user: send 2 kilos
        commands: [start flow send, set slot weight 2]
    """


def send(folder: Path, *steps: str) -> CaseResult:
    return run_one(folder, SEND.rstrip() + "".join(f"\n      {line}" for step in steps for line in step.split("\n")))


def assumed(case: CaseResult) -> list[str]:
    return [f"{one.user_step} {one}" for one in case.assumed]


@pytest.mark.parametrize(
    ("expected", "value"),
    [("utter_heavy", "'heavy'"), ("utter_ask_insured", "'light'"), ("utter_no_price", None)],
)
def test_the_value_that_leads_where_the_test_goes_is_assumed(tmp_path: Path, expected: str, value: str | None) -> None:
    case = send(tmp_path, f"- utter: {expected}")
    assert case.passed
    assert assumed(case) == [f"1 action_price: price_level = {value}" if value else "1 action_price: did nothing"]
    assert case.is_test_led is (value is not None)


def test_what_the_test_says_was_set_is_set(tmp_path: Path) -> None:
    case = send(tmp_path, "- slot_was_set:\n  - price_level: light\n  - price: 12", "- bot: It costs 12 crowns.")
    assert case.passed
    assert assumed(case) == ["1 action_price: price_level = 'light', price = 12"]


@pytest.mark.parametrize("slot", ["price_level: 5", "price_level: true", "no_such_slot: 1"])
def test_a_value_that_the_slot_cannot_hold_is_not_assumed(tmp_path: Path, slot: str) -> None:
    case = send(tmp_path, f"- slot_was_set:\n  - {slot}")
    assert [failure.note for failure in case.failures] == ["the slot was not set"]


def test_a_value_is_read_off_what_the_bot_says_with_it(tmp_path: Path) -> None:
    case = send(tmp_path, "- slot_was_set:\n  - price_level: light", "- bot: It costs 12 crowns.")
    assert case.passed
    assert assumed(case) == ["1 action_price: price_level = 'light', price = 12"]


def test_what_is_assumed_is_marked_in_the_events(tmp_path: Path) -> None:
    case = send(tmp_path, "- utter: utter_heavy")
    assert SlotSet("price_level", "heavy", "test") in case.turns[0].events
    assert ActionExecuted("action_price", "test") in case.turns[0].events


def test_a_branch_that_is_decided_two_turns_ago_is_found(tmp_path: Path) -> None:
    case = send(
        tmp_path,
        "- user: yes\n  commands: [set slot insured True]",
        "- bot: Insured it is.",
        "- utter: utter_can_do_something_else",
    )
    assert case.passed
    assert assumed(case) == [
        "1 action_price: price_level = 'light'",
        "2 action_insure: said 1 line of the test",
    ]


def test_a_turn_that_no_value_brings_about_fails(tmp_path: Path) -> None:
    case = send(tmp_path, "- utter: utter_sent")
    assert failures(case) == [("utter", "utter_sent", ("utter_no_price", "utter_can_do_something_else"))]


FIND = """
    test_cases:
    - test_case: find
      steps:
      - user: where is 4711
        commands: [start flow where, set slot number 4711]
    """


def find(folder: Path, *steps: str) -> CaseResult:
    return run_one(folder, FIND.rstrip() + "".join(f"\n      {line}" for step in steps for line in step.split("\n")))


def test_lines_that_no_flow_says_are_said_by_the_action(tmp_path: Path) -> None:
    case = find(tmp_path, "- bot: It is in Oslo.", "- bot: It comes tomorrow.", "- utter: utter_can_do_something_else")
    assert case.passed
    assert [message.text for message in case.turns[0].said] == ["It is in Oslo.", "It comes tomorrow.", "What else?"]
    assert [message.source for message in case.turns[0].said] == ["test", "test", "response"]
    assert "1 action_find: said 2 lines of the test" in assumed(case)


def test_a_response_that_only_actions_use_is_said_by_the_action(tmp_path: Path) -> None:
    case = find(tmp_path, "- utter: utter_found")
    assert case.passed
    assert case.turns[0].said[0].utter == "utter_found"


@pytest.mark.parametrize("line", ["- utter: utter_sent", "- utter: utter_fuond", "- bot: Sent.", "- bot: You chose Harbour."])
def test_a_line_that_a_flow_says_or_nobody_can_is_not_put_down_to_an_action(tmp_path: Path, line: str) -> None:
    case = find(tmp_path, line)
    assert not case.passed
    assert case.turns[0].said == (BotUttered("What else?", "utter_can_do_something_else"),)


def test_a_line_in_a_turn_without_an_action_stays_missing(tmp_path: Path) -> None:
    case = find(tmp_path, "- user: hello\n  commands: [repeat message]", "- bot: Hello!")
    assert [failure.user_step for failure in case.failures] == [2]


@pytest.mark.parametrize("value", ['"4712"', "4711"])
def test_a_slot_that_a_command_fills_is_not_put_down_to_an_action(tmp_path: Path, value: str) -> None:
    """A validation runs in this turn, but the value is the command's: a wrong one must not pass."""
    case = find(tmp_path, f"- slot_was_set:\n  - number: {value}")
    assert [failure.kind for failure in case.failures] == ["slot_was_set"]


def test_a_validation_refuses_nothing_where_the_question_is_not_expected_again(tmp_path: Path) -> None:
    case = find(tmp_path, "- bot: There is no parcel 4711.")
    assert [(one.action, one.slots, one.said) for one in case.assumed] == [("validate_number", (), 0), ("action_find", (), 1)]


def test_a_validation_that_refuses_says_why_and_asks_again(tmp_path: Path) -> None:
    case = find(tmp_path, "- bot: There is no parcel 4711.", "- utter: utter_ask_number")
    assert case.passed
    assert assumed(case) == ["1 validate_number: number = None, said 1 line of the test"]


ASK = """
    test_cases:
    - test_case: choose
      steps:
      - user: I choose
        commands: [start flow choose]
      - bot: "Harbour, or Hill?"
    """


def test_a_question_is_asked_by_its_action(tmp_path: Path) -> None:
    case = run_one(tmp_path, ASK)
    assert case.passed
    assert assumed(case) == ["1 action_ask_shop: said 1 line of the test"]


TWO = """
    test_cases:
    - test_case: two in one turn
      steps:
      - user: where is 4711, and I choose
        commands: [start flow where, set slot number 4711, start flow choose]
      - bot: It is in Oslo.
      - bot: It comes tomorrow.
      - bot: "Harbour, or Hill?"
    """


def test_of_two_actions_in_a_turn_the_question_takes_the_last_line(tmp_path: Path) -> None:
    case = run_one(tmp_path, TWO)
    assert case.passed
    assert assumed(case)[-2:] == [
        "1 action_find: said 2 lines of the test",
        "1 action_ask_shop: said 1 line of the test",
    ]


def test_a_line_goes_to_the_action_that_stands_where_it_stands(tmp_path: Path) -> None:
    """The first action comes before the flow's own message, the second after it."""
    steps = TWO.replace(
        "start flow where, set slot number 4711, start flow choose", "start flow send, set slot weight 2"
    ).replace(
        '      - bot: It comes tomorrow.\n      - bot: "Harbour, or Hill?"',
        "      - utter: utter_price\n      - utter: utter_ask_insured\n      - user: yes\n"
        "        commands: [set slot insured true]\n      - bot: It comes tomorrow.",
    )
    case = run_one(tmp_path, steps)
    assert case.passed
    assert [message.text for message in case.turns[0].said][:2] == ["It is in Oslo.", "It costs None crowns."]


def test_assertions_lead_actions_too(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: asserted
          steps:
          - user: where is 4711
            commands: [start flow where, set slot number 4711]
            assertions:
            - action_executed: action_find
            - slot_was_set:
              - {name: late, value: true}
            - bot_uttered:
                text_matches: "It is late\\\\."
                buttons: [{title: Complain, payload: /complain}]
        """
    case = run_one(tmp_path, tests)
    assert case.passed
    message = case.turns[0].said[0]
    assert (message.text, [button.title for button in message.buttons]) == ("It is late.", ["Complain"])


def test_stubs_go_before_the_test(tmp_path: Path) -> None:
    stub = """
    stub_custom_actions:
      action_find: {responses: [{text: It is in Oslo.}]}"""
    case = run_one(tmp_path, stub + FIND.rstrip() + "\n      - bot: It is in Bergen.")
    assert failures(case) == [("bot", "It is in Bergen.", ("It is in Oslo.", "What else?"))]
    led = run_one(tmp_path, stub + FIND.rstrip() + "\n      - bot: It is in Bergen.", ActionMode.TEST_LED)
    assert led.passed


def test_the_number_of_plays_is_bounded(tmp_path: Path) -> None:
    assert (most_tries(3, has_server=False), most_tries(3, has_server=True), most_tries(10_000, has_server=False)) == (
        300,
        12,
        3,
    )
    turn = "- user: send 2 kilos\n  commands: [start flow send, set slot weight 2]\n- utter: utter_heavy"
    case = send(tmp_path, *[turn] * 200, "- utter: utter_never")
    assert not case.passed
    assert any("gave up guessing" in warning for warning in case.warnings)


def test_the_same_test_is_led_the_same_way_every_time(tmp_path: Path) -> None:
    steps = ["- user: yes\n  commands: [set slot insured True]", "- bot: Insured it is."]
    first, second = (send(tmp_path / str(number), *steps) for number in range(2))
    assert first.assumed == second.assumed
    assert [turn.events for turn in first.turns] == [turn.events for turn in second.turns]
