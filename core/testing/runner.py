"""Runs tests: each is a conversation with the engine, turn by turn, judged as it goes. Tests are run side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter

from core.dialogue.actions import Actions
from core.dialogue.events import Event
from core.dialogue.turn import Turn
from core.errors import ActionError, EngineError, Location
from core.testing.action_sources import ActionSources
from core.testing.assertions import Judge
from core.testing.cases import LoadedTest
from core.testing.command_sources import CommandSource, Readiness
from core.testing.judging import Judgement, judge_opening, judge_turn
from core.testing.results import Assumed, CaseResult, Failure, Outcome, RunResult, summed
from core.testing.test_led import TestLed
from core.testing.test_led_search import most_tries, play_until_right
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
            with ThreadPoolExecutor(jobs, thread_name_prefix="test") as pool:
                for case in pool.map(self.run_case, tests):
                    cases.append(case)
                    progress(len(cases), len(tests))
        return RunResult(tuple(cases), self.actions.notes(), perf_counter() - began)

    def run_case(self, test: LoadedTest) -> CaseResult:
        """One test. Whatever the assistant or its actions do wrong is a failure of the test, never raised."""
        began = perf_counter()
        readiness = Readiness(test.broken) if test.broken else self.commands.readiness(test)
        warnings = [*test.warnings, *readiness.warnings]
        if readiness.missing:
            file, name, occurrence = test.key
            why, line = readiness.missing, test.case.line
            return CaseResult(file, name, occurrence, line, Outcome.NOT_RUN, not_run=why, warnings=tuple(warnings))
        assumed: tuple[Assumed, ...] = ()
        if self.actions.is_test_led:
            most = most_tries(len(test.script.turns), has_server=self.actions.endpoint is not None)
            played, assumed, plays = play_until_right(self.tested.facts, lambda led: self._play(test, led), most)
            if plays >= most:
                warnings.append(f"gave up guessing what custom actions do after {plays} plays")
        else:
            played = self._play(test, None)
        return _result(test, played, assumed, warnings, perf_counter() - began)

    def _play(self, test: LoadedTest, led: TestLed | None) -> Played:
        """The whole conversation, with actions that the test leads as `led` has it."""
        warnings: list[str] = []
        with self.actions.of_test(test, led, warnings.append) as source:
            played = self._play_with(test, source.actions, led, source.begin_turn)
        played.warnings += warnings
        return played

    def _play_with(self, test: LoadedTest, actions: Actions, led: TestLed | None, begin_turn: Callable[[int], None]) -> Played:
        played = Played()
        file, engine = test.file, self.tested.engine
        conversation = engine.conversation(actions)
        script = test.script
        ordinal, line, expected = 0, test.case.line, "the session starts"
        try:
            if led is not None:
                led.expect(0, script.opening)
            played.opening = conversation.begin(test.slots)
            played.judgements.append(judge_opening(script.opening, played.opening, file, engine.responses))
            for step in script.turns:
                ordinal, line, expected = step.ordinal, step.line, f"an answer to: {step.text}"
                if led is not None:
                    led.expect(ordinal, step.checks, step.assertions)
                begin_turn(ordinal)
                commands = () if engine.is_button(step.text) else self.commands.commands(test, step, conversation)
                turn = conversation.say(step.text, commands)
                played.turns.append(turn)
                played.judgements.append(judge_turn(step, turn, file, engine.responses, self.judge))
        except (EngineError, ActionError) as error:
            played.error = Failure("conversation", Location(file, line), ordinal, expected, (str(error),))
        return played


@dataclass(slots=True)
class Played:
    """One play of a test, as far as it went."""

    opening: tuple[Event, ...] = ()
    turns: list[Turn] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: Failure | None = None

    @property
    def broke_off(self) -> bool:
        return self.error is not None


def _result(test: LoadedTest, played: Played, assumed: tuple[Assumed, ...], warnings: list[str], seconds: float) -> CaseResult:
    failures = [failure for judgement in played.judgements for failure in judgement.failures]
    if played.error is not None:
        failures.append(played.error)
    warnings += played.warnings
    warnings += [warning for judgement in played.judgements for warning in judgement.warnings]
    warnings += [warning for turn in played.turns for warning in turn.warnings]
    tallies = summed(judgement.tallies for judgement in played.judgements)
    if unjudged := sum(tally.not_run for tally in tallies.values()):
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
