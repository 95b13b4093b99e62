"""Tests played again with other words and commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands import CancelFlow, Command, SetSlot, StartFlow
from core.testing.cases import TestKey
from core.testing.replay import Replays, Said
from core.testing.run_setup import RunOptions, prepare_run
from tests.core.testing.small import FILES, write

TESTS = """
    stub_custom_actions:
      action_insure: {events: [], responses: [{text: Insured.}]}
    test_cases:
      - test_case: sends
        steps:
          - user: I want to send something
            commands: [start flow send]
          - user: two kilos
            commands: [set slot weight 2]
          - slot_was_set:
              - price: 30
              - price_level: light
          - bot: It costs 30 crowns.
          - bot: Shall we insure it?
          - user: /SetSlots(insured=true)
          - bot: Insured.
      - test_case: finds
        steps:
          - user: where is it
            commands: [start flow where]
          - user: "17"
            commands: [set slot number 17]
          - user: and the other one
            commands: [start flow where]
      - test_case: half known
        steps:
          - user: I want to send something
            commands: [start flow send]
          - user: what?
          - user: two kilos
            commands: [set slot weight 2]
    """
SENDS: TestKey = ("e2e_tests/tests.yml", "sends", 1)
FINDS: TestKey = ("e2e_tests/tests.yml", "finds", 1)
HALF: TestKey = ("e2e_tests/tests.yml", "half known", 1)


@pytest.fixture
def replays(tmp_path: Path) -> Replays:
    write(tmp_path, {**FILES, "e2e_tests/tests.yml": TESTS})
    prepared = prepare_run(RunOptions((str(tmp_path / "e2e_tests"),), assistant=tmp_path), folder=tmp_path)
    return Replays(prepared.runner, prepared.tests)


def test_the_original_comes_out_as_the_test_expects(replays: Replays) -> None:
    """Actions that nothing else runs are led by the test, as in a run of it."""
    _, second, third = replays.original(SENDS)
    assert [message.text for message in second.said] == ["It costs 30 crowns.", "Shall we insure it?"]
    assert third.is_button
    assert third.said[0].text == "Insured."


def test_commands_are_processed_in_the_state_before_the_step(replays: Replays) -> None:
    weight = SetSlot("weight", "2")

    def processed(step: int, text: str, *commands: Command) -> tuple[Command, ...] | None:
        return replays.processed(SENDS, step, text, commands)

    assert processed(2, "two kilos", weight) == (weight,)
    assert processed(2, "two kilos", StartFlow("send"), weight) == (weight,)  # it runs already
    assert processed(2, "two kilos", CancelFlow()) == (CancelFlow(),)
    assert processed(1, "I want to send something", CancelFlow()) == ()  # there is nothing to cancel yet


def test_the_state_before_a_step(replays: Replays) -> None:
    state = replays.before(SENDS, 2, "two kilos")
    assert state is not None
    assert (state.asked, [frame.flow for frame in state.stack]) == ("weight", ["send"])


@pytest.mark.parametrize(("key", "step", "text"), [
    (SENDS, 2, "three kilos"), (SENDS, 4, "no such step"), (HALF, 2, "what?"), (HALF, 3, "two kilos"),
    (("e2e_tests/other.yml", "sends", 1), 1, "I want to send something"),
])  # fmt: skip
def test_nothing_is_known_where_the_test_says_otherwise_or_cannot_be_played(
    replays: Replays, key: TestKey, step: int, text: str
) -> None:
    assert replays.before(key, step, text) is None
    assert replays.processed(key, step, text, (CancelFlow(),)) is None


def test_a_test_with_unknown_commands_is_played_up_to_them(replays: Replays) -> None:
    assert replays.processed(HALF, 1, "I want to send something", (StartFlow("where"),)) == (StartFlow("where"),)
    assert len(replays.original(HALF)) == 1


def test_other_words_alone_change_nothing_but_the_words(replays: Replays) -> None:
    replayed = replays.changed(SENDS, {2: Said("a pair of kilos", (SetSlot("weight", "2"),))})
    assert (len(replayed.turns), replayed.ended) == (3, "")
    assert [turn.text for turn in replayed.turns][1] == "a pair of kilos"
    assert [turn.processed for turn in replayed.turns] == [turn.processed for turn in replays.original(SENDS)]


def test_a_changed_value_ends_where_a_led_action_would_have_to_know_it(replays: Replays) -> None:
    """The price was taken from the test, which says it for two kilos."""
    replayed = replays.changed(SENDS, {2: Said("four kilos", (SetSlot("weight", "4"),))})
    assert len(replayed.turns) == 2
    assert replayed.turns[1].processed == (SetSlot("weight", "4"),)
    assert replayed.ended == "what the custom action `action_price` does then is not known"


def test_the_validation_of_a_changed_value_is_not_known_either(replays: Replays) -> None:
    replayed = replays.changed(FINDS, {2: Said("18", (SetSlot("number", "18"),))})
    assert (len(replayed.turns), replayed.ended) == (2, "what the custom action `validate_number` does then is not known")
    assert replays.changed(FINDS, {2: Said("no. 17", (SetSlot("number", "17"),))}).ended == ""


def test_an_unknown_test_is_not_played(replays: Replays) -> None:
    assert replays.changed(("e2e_tests/other.yml", "x", 1), {}).ended == "its test cannot be played"
    assert replays.changed(HALF, {}).ended == "its test cannot be played to the end"
