"""Whole tests on a small assistant: what passes, what fails, and what is said about it."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from core.dialogue.actions import ActionRequest, ActionResult
from core.testing.action_sources import ActionMode
from core.testing.results import Outcome, Tally
from core.testing.run_setup import RunOptions, prepare_run
from core.testing.stubs import Stubs
from tests.core.testing.small import FILES, failures, run, run_one, write

FIND = """
    stub_custom_actions:
      action_find:
        events: []
        responses: [{text: It is in Oslo.}]
    test_cases:
    - test_case: a parcel is found
      steps:
      - user: where is my parcel
        commands: [start flow where]
      - utter: utter_ask_number
      - user: "4711"
        commands: [set slot number 4711]
      - slot_was_set:
        - number: "4711"
      - bot: It is in Oslo.
      - utter: utter_can_do_something_else
    """


def test_a_test_that_comes_out_as_expected_passes(tmp_path: Path) -> None:
    case = run_one(tmp_path, FIND)
    assert case.outcome is Outcome.PASSED
    assert (case.file, case.name, case.occurrence, case.line) == ("e2e_tests/tests.yml", "a parcel is found", 1, 6)
    assert [visit.flow for visit in case.visits if visit.flow == "where"]
    assert case.as_data()["passed"] is True


def test_a_test_that_does_not_shows_what_came_instead(tmp_path: Path) -> None:
    case = run_one(tmp_path, FIND.replace("- bot: It is in Oslo.", "- bot: It is in Bergen."))
    assert failures(case) == [("bot", "It is in Bergen.", ("It is in Oslo.",))]
    assert str(case.failures[0].where) == "e2e_tests/tests.yml:15"
    assert case.failures[0].user_step == 2


def test_later_turns_are_judged_after_a_failure(tmp_path: Path) -> None:
    tests = FIND.replace("utter_ask_number", "utter_ask_weight").replace('- number: "4711"', '- number: "0"')
    assert [(failure.kind, failure.user_step) for failure in run_one(tmp_path, tests).failures] == [
        ("utter", 1),
        ("slot_was_set", 2),
    ]


def test_a_step_without_commands_leaves_the_test_not_run(tmp_path: Path) -> None:
    case = run_one(tmp_path, FIND.replace("        commands: [set slot number 4711]\n", ""))
    assert case.outcome is Outcome.NOT_RUN
    assert case.not_run == "no commands for user step 2 (e2e_tests/tests.yml:11)"
    assert not case.passed
    assert case.turns == ()


def test_an_action_nobody_can_run_ends_the_conversation_there(tmp_path: Path) -> None:
    case = run_one(tmp_path, FIND.replace("  action_find:", "  action_other:"), ActionMode.STUBS)
    (failure,) = case.failures
    assert (failure.kind, failure.user_step, str(failure.where)) == ("conversation", 2, "e2e_tests/tests.yml:11")
    assert failure.expected == "an answer to: 4711"
    assert "`action_find`" in failure.actual[0]
    assert len(case.turns) == 1
    assert "`validate_number` was not run" in case.warnings[0]


def test_fixtures_are_set_before_the_first_step(tmp_path: Path) -> None:
    tests = """
        fixtures:
        - at_the_desk: [{shop: Harbour}]
        test_cases:
        - test_case: the shop is known
          fixtures: [at_the_desk]
          steps:
          - user: choose a shop
            commands: [start flow choose]
          - bot: You chose Harbour.
        """
    assert run_one(tmp_path, tests).passed


OPENING = """
    flows:
      pattern_session_start:
        description: greets
        steps:
          - action: utter_welcome
          - action: action_news
    """


def test_a_test_may_begin_with_what_the_session_start_says(tmp_path: Path) -> None:
    write(tmp_path, {"data/start.yml": OPENING, "data/welcome.yml": "responses:\n  utter_welcome: [{text: Welcome!}]\n"})
    tests = """
        test_cases:
        - test_case: greeted
          steps:
          - utter: %s
          - bot: We have moved.
          - user: where is my parcel
            commands: [start flow where]
        """
    case = run_one(tmp_path, tests % "utter_welcome")
    assert case.passed
    assert [str(one) for one in case.assumed] == ["action_news: said 1 line of the test"]
    (failure,) = run_one(tmp_path, tests % "utter_chosen").failures
    assert (failure.expected, failure.user_step) == ("utter_chosen", 0)


def test_a_button_needs_no_commands_and_shows_its_payload(tmp_path: Path) -> None:
    tests = FIND.replace('- user: "4711"', "- user: /SetSlots(number=4711)").replace(
        "        commands: [set slot number 4711]\n", ""
    )
    assert run_one(tmp_path, tests).passed


def test_every_equal_variation_of_a_response_is_accepted(tmp_path: Path) -> None:
    tests = """
        stub_custom_actions:
          action_price:
            events: [{event: slot, name: price_level, value: light}]
        test_cases:
        - test_case: sent
          steps:
          - user: send 2 kilos
            commands: [start flow send, set slot weight 2]
          - user: /SetSlots(insured=false)
          - bot: %s
        """
    assert run_one(tmp_path / "a", tests % "Sent.").passed
    assert run_one(tmp_path / "b", tests % "It is on its way.").passed
    assert not run_one(tmp_path / "c", tests % "It is under way.").passed


def test_assertions_are_judged_and_counted(tmp_path: Path) -> None:
    tests = """
        test_cases:
        - test_case: asserted
          steps:
          - user: send it
            commands: [start flow send]
            assertions:
            - flow_started: send
            - bot_uttered: {utter_name: utter_ask_weight}
            - bot_uttered: {utter_name: utter_ask_number}
            - generative_response_is_relevant: {threshold: 0.9}
        """
    case = run_one(tmp_path, tests)
    assert [failure.kind for failure in case.failures] == ["bot_uttered"]
    assert case.assertions == {
        "bot_uttered": Tally(1, 1),
        "flow_started": Tally(1),
        "generative_response_is_relevant": Tally(not_run=1),
    }


def test_commands_that_were_dropped_are_in_the_result(tmp_path: Path) -> None:
    case = run_one(tmp_path, FIND.replace("[start flow where]", "[start flow where, start flow gone]"))
    assert [(step, command) for step, command, _ in case.dropped] == [(1, "start flow gone")]


MANY = "test_cases:" + "".join(
    f"""
- test_case: number {number}
  steps:
  - user: where is my parcel
    commands: [start flow where]
  - utter: {"utter_ask_number" if number % 3 else "utter_ask_weight"}"""
    for number in range(30)
)


def test_results_are_the_same_however_many_run_at_a_time(tmp_path: Path) -> None:
    one, many = run(tmp_path / "one", MANY), run(tmp_path / "many", MANY, jobs=7)
    assert [case.name for case in many.cases] == [f"number {number}" for number in range(30)]
    assert [(case.name, case.outcome, failures(case)) for case in one.cases] == [
        (case.name, case.outcome, failures(case)) for case in many.cases
    ]
    assert (many.count(Outcome.PASSED), many.count(Outcome.FAILED)) == (20, 10)


def test_conversations_run_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four actions wait for one another: run one after the other, they would wait for ever."""
    together = threading.Barrier(4, timeout=20)

    def waits(self: Stubs, request: ActionRequest) -> ActionResult:
        together.wait()
        return ActionResult()

    monkeypatch.setattr(Stubs, "run", waits)
    tests = FIND.replace("      - bot: It is in Oslo.\n", "").rstrip()
    tests += "".join(tests.split("test_cases:")[1].replace("found", f"found {number}") for number in range(3))
    assert run(tmp_path, tests, jobs=4).count(Outcome.PASSED) == 4


def test_what_a_conversation_does_is_not_seen_by_the_next(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "e2e_tests/tests.yml": FIND})
    prepared = prepare_run(RunOptions((str(tmp_path / "e2e_tests"),)), folder=tmp_path)
    first, second = (prepared.runner.run(prepared.tests).cases[0] for _ in range(2))
    assert dataclasses.replace(first, seconds=0) == dataclasses.replace(second, seconds=0)
