"""The prompt of one user step: the conversation is played up to it, as in a run of the test."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.commands import Command
from core.dialogue.engine import Conversation
from core.dialogue.prompt import PromptBuilder
from core.errors import EngineError, Location, UsageError
from core.prompts.context import PromptContext
from core.testing.cases import LoadedTest
from core.testing.command_sources import CommandSource, Readiness
from core.testing.expectations import UserTurn
from core.testing.runner import Runner


@dataclass(frozen=True, slots=True)
class StepPrompt:
    """`warnings`: what happened on the way that makes the state before the step doubtful."""

    context: PromptContext
    commands: tuple[Command, ...]
    is_button: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _UpTo:
    """Commands of a source for all steps but the last, whose prompt is wanted: its own commands do not matter."""

    source: CommandSource

    def readiness(self, test: LoadedTest) -> Readiness:
        return self.source.readiness(_first(test, len(test.script.turns) - 1))

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        return self.source.commands(test, turn, conversation)


def step_prompt(runner: Runner, test: LoadedTest, user_step: int) -> StepPrompt:
    """What the command generator is asked at a user step (1-based) of a test.

    Raises:
        UsageError: the test has no such step, or the commands of a step before it are not known.
        EngineError: the conversation does not get that far.
    """
    steps = len(test.script.turns)
    where = Location(test.file, test.case.line)
    if not 1 <= user_step <= steps:
        raise UsageError(f"`{test.case.name}` has {steps} user steps, there is no step {user_step}", where=where)
    until = _first(test, user_step)
    case = replace(runner, commands=_UpTo(runner.commands)).run_case(until)
    if case.not_run:
        raise UsageError(f"`{test.case.name}` cannot be played up to step {user_step}: {case.not_run}", where=where)
    if len(case.turns) < user_step:
        raise EngineError("; ".join(line for failure in case.failures for line in failure.actual), where=where)
    turn = case.turns[-1]
    context = PromptBuilder(runner.tested.engine).context(turn.before)
    return StepPrompt(context, turn.commands, turn.is_button, case.warnings)


def _first(test: LoadedTest, count: int) -> LoadedTest:
    """The test with its first user steps only, the last of which is expected to bring nothing."""
    turns = test.script.turns[:count]
    if turns:
        turns = (*turns[:-1], replace(turns[-1], checks=(), assertions=()))
    return replace(test, script=replace(test.script, turns=turns))
