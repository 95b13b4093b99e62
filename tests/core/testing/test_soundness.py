"""Tests that pass must be able to fail: leave out any one command of the sample's tests, and the test notices."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.commands import Command, RepeatLastBotMessages, describe
from core.dialogue.engine import Conversation
from core.pipeline.ingest import ingest
from core.sample import copy_sample
from core.testing.action_sources import ActionMode
from core.testing.cases import LoadedTest, TestKey
from core.testing.command_sources import CommandSource, Readiness
from core.testing.expectations import UserTurn
from core.testing.run_setup import PreparedRun, RunOptions, prepare_run


@dataclass(slots=True)
class LeftOut:
    """A source of commands, less one of them."""

    inner: CommandSource
    test: TestKey | None = None
    step: int = 0
    number: int = 0

    def readiness(self, test: LoadedTest) -> Readiness:
        return self.inner.readiness(test)

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        given = self.inner.commands(test, turn, conversation)
        if (test.key, turn.ordinal) != (self.test, self.step):
            return given
        return (*given[: self.number], *given[self.number + 1 :])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    project = copy_sample(tmp_path_factory.mktemp("sample") / "harbour")
    (project.root / "endpoints.yml").unlink()  # whatever listens at that port on this machine is not asked
    with closing(project.open()) as connection:
        ingest(project, connection, [project.root], reviewer="tester")
    return prepare_run(RunOptions(), folder=project.root, project=project)


def given(prepared: PreparedRun, test: LoadedTest) -> Iterator[tuple[int, int, Command]]:
    """Step, number and command of every command that a test is run with."""
    (case,) = prepared.runner.run([test]).cases
    for step, turn in enumerate(case.turns, start=1):
        if not turn.is_button:
            yield from ((step, number, command) for number, command in enumerate(turn.commands))


def test_leaving_out_a_command_is_noticed(prepared: PreparedRun) -> None:
    """Also where the test itself leads the custom actions, which might make up for it.

    Without its command a message is not understood and the question comes again: what a repetition does too.
    """
    source = LeftOut(prepared.runner.commands)
    runner = dataclasses.replace(prepared.runner, commands=source)
    tried, missed = 0, []
    for test in prepared.tests:
        for step, number, command in given(prepared, test):
            source.test, source.step, source.number = test.key, step, number
            tried += 1
            if runner.run_case(test).passed and not isinstance(command, RepeatLastBotMessages):
                missed.append(f"{test.file}::{test.case.name} step {step}: {describe(command)}")
    assert tried > 300
    assert len(missed) <= tried / 100, missed


def test_the_sample_passes_with_every_source_of_actions_it_can_do_with(prepared: PreparedRun, tmp_path: Path) -> None:
    assert prepared.runner.run(prepared.tests).all_passed
    stubbed = [test for test in prepared.tests if test.file.endswith("fixtures_and_stubs.yml")]
    options = RunOptions(actions=ActionMode.TEST_LED, assistant=Path(prepared.assistant.root))
    led = prepare_run(options, folder=tmp_path, source=prepared.runner.commands)
    assert led.runner.run(stubbed).all_passed
