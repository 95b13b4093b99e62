"""Runs tests: each is a conversation with the engine, turn by turn, judged as it goes. Tests are run side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter

from core.commands import Command
from core.dialogue.actions import Actions
from core.dialogue.engine import Conversation
from core.dialogue.events import Event
from core.dialogue.turn import Turn
from core.errors import ActionError, EngineError, Location
from core.testing.action_sources import ActionSources
from core.testing.asked_commands import AskedCommands, NotAnsweredError
from core.testing.asking_play import play_asking
from core.testing.assertions import Judge, has_judged
from core.testing.cases import LoadedTest
from core.testing.command_sources import CommandSource, Readiness
from core.testing.expectations import UserTurn
from core.testing.judging import Judgement, judge_opening, judge_turn
from core.testing.results import Assumed, CaseResult, Failure, Outcome, RunResult, summed
from core.testing.test_led import TestLed
from core.testing.test_led_search import guess, most_tries
from core.testing.tested import Tested

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Runner:
    """What all tests of a run share. Read-only, so that tests may run side by side."""

    tested: Tested
    commands: CommandSource
    actions: ActionSources
    judge: Judge | None = None

    def run(self, tests: Sequence[LoadedTest], *, jobs: int = 1, progress: Progress = lambda done, total: None) -> RunResult:
        """All tests, `jobs` at a time; the results are in the order of the tests, whichever ended first."""
        began = perf_counter()
        cases: list[CaseResult] = []
        if jobs <= 1 or len(tests) < 2:
            for test in tests:
                cases.append(self.run_case(test))
                progress(len(cases), len(tests))
        else:
            pool = ThreadPoolExecutor(jobs, thread_name_prefix="test")
            try:
                for case in pool.map(self.run_case, tests):
                    cases.append(case)
                    progress(len(cases), len(tests))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C nobody waits for the tests under way
        return RunResult(tuple(cases), self.actions.notes(), perf_counter() - began)

    def run_case(self, test: LoadedTest) -> CaseResult:
        """One test. Whatever the assistant, its actions or a model do wrong is a result of the test, never raised."""
        began = perf_counter()
        readiness = Readiness(test.broken) if test.broken else self.commands.readiness(test)
        warnings = [*test.warnings, *readiness.warnings]
        if readiness.missing:
            return _not_run(test, readiness.missing, warnings)
        try:
            played, assumed = self._played(test, warnings)
        except NotAnsweredError as error:
            return _not_run(test, str(error), warnings, perf_counter() - began)
        if isinstance(self.commands, AskedCommands):
            warnings += self.commands.remarks(test)
        return _result(test, played, assumed, warnings, perf_counter() - began, is_judged=self.judge is not None)

    def _played(self, test: LoadedTest, warnings: list[str]) -> tuple[Played, tuple[Assumed, ...]]:
        if not self.actions.is_test_led:
            return self._play(test, None), ()
        most = most_tries(len(test.script.turns), has_server=self.actions.endpoint is not None)
        facts = self.tested.facts
        if isinstance(self.commands, AskedCommands):
            played, assumed, plays = play_asking(
                facts,
                lambda led, stop: self._play(test, led, stop=stop),
                lambda led, given, until: replace(self, commands=Given(given), judge=None)._play(first_turns(test, until), led),
                most,
            )
        else:
            unjudged = replace(self, judge=None)
            found = guess(facts, lambda led: unjudged._play(test, led), most)
            played, assumed, plays = found.play, found.assumed, found.plays
            if self.judge is not None and has_judged(test.script.turns):
                played = self._play(test, TestLed(facts, found.choices, found.led.lines))
        if plays >= most:
            warnings.append(f"gave up guessing what custom actions do after {plays} plays")
        return played, assumed

    def _play(
        self, test: LoadedTest, led: TestLed | None, stop: Callable[[Played, int], bool] = lambda played, step: False
    ) -> Played:
        """The conversation, with actions that the test leads as `led` has it, up to the step where `stop` says so."""
        played = Played()
        with self.actions.of_test(test, led, played.warnings.append) as source:
            self._play_with(test, source.actions, led, source.begin_turn, stop, played)
        return played

    def _play_with(
        self,
        test: LoadedTest,
        actions: Actions,
        led: TestLed | None,
        begin_turn: Callable[[int], None],
        stop: Callable[[Played, int], bool],
        played: Played,
    ) -> None:
        file, engine = test.file, self.tested.engine
        conversation = engine.conversation(actions)
        script = test.script
        ordinal, line, expected = 0, test.case.line, "the session starts"
        try:
            if led is not None:
                led.expect(0, script.opening)
            played.opening = conversation.begin(test.slots)
            played.judgements.append(judge_opening(script.opening, played.opening, file, engine.responses))
            if stop(played, 0):
                played.stopped_at = 0
                return
            for step in script.turns:
                ordinal, line, expected = step.ordinal, step.line, f"an answer to: {step.text}"
                if led is not None:
                    led.expect(ordinal, step.checks, step.assertions)
                begin_turn(ordinal)
                commands = () if engine.is_button(step.text) else self.commands.commands(test, step, conversation)
                played.given[ordinal] = commands
                turn = conversation.say(step.text, commands)
                played.turns.append(turn)
                played.judgements.append(judge_turn(step, turn, file, engine.responses, self.judge))
                if stop(played, ordinal):
                    played.stopped_at = ordinal
                    return
        except (EngineError, ActionError) as error:
            played.error = Failure("conversation", Location(file, line), ordinal, expected, (str(error),))


@dataclass(frozen=True, slots=True)
class Given:
    """The commands of the steps of one test, as they were found before."""

    steps: Mapping[int, tuple[Command, ...]]

    def readiness(self, test: LoadedTest) -> Readiness:
        return Readiness()

    def commands(self, test: LoadedTest, turn: UserTurn, conversation: Conversation) -> tuple[Command, ...]:
        return self.steps.get(turn.ordinal, ())


def first_turns(test: LoadedTest, count: int) -> LoadedTest:
    """The test with its first user steps only."""
    return replace(test, script=replace(test.script, turns=test.script.turns[:count]))


@dataclass(slots=True)
class Played:
    """One play of a test, as far as it went. `given`: the commands of each step, that of an error included."""

    opening: tuple[Event, ...] = ()
    turns: list[Turn] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: Failure | None = None
    given: dict[int, tuple[Command, ...]] = field(default_factory=dict)
    stopped_at: int | None = None

    @property
    def broke_off(self) -> bool:
        return self.error is not None


def _not_run(test: LoadedTest, why: str, warnings: Sequence[str], seconds: float = 0.0) -> CaseResult:
    file, name, occurrence = test.key
    return CaseResult(
        file, name, occurrence, test.case.line, Outcome.NOT_RUN, not_run=why, warnings=tuple(warnings), seconds=seconds
    )


def _result(
    test: LoadedTest,
    played: Played,
    assumed: tuple[Assumed, ...],
    warnings: list[str],
    seconds: float,
    *,
    is_judged: bool,
) -> CaseResult:
    failures = [failure for judgement in played.judgements for failure in judgement.failures]
    if played.error is not None:
        failures.append(played.error)
    warnings += played.warnings
    warnings += [warning for judgement in played.judgements for warning in judgement.warnings]
    warnings += [warning for turn in played.turns for warning in turn.warnings]
    tallies = summed(judgement.tallies for judgement in played.judgements)
    if not is_judged and (unjudged := sum(tally.not_run for tally in tallies.values())):
        warnings.append(f"not judged: {unjudged} assertions that need a language model, and none is configured")
    file, name, occurrence = test.key
    return CaseResult(
        file,
        name,
        occurrence,
        test.case.line,
        Outcome.FAILED if failures else Outcome.PASSED,
        tuple(failures),
        "",
        played.opening,
        tuple(played.turns),
        tallies,
        assumed,
        tuple(dict.fromkeys(warnings)),
        seconds,
    )
