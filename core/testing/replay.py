"""Tests played again with other words or commands in some of their user steps: what the engine makes of a rephrasing.

Custom actions are those of the test's stubs and else those that the test itself leads; an action server is never asked,
since it may act on every play. What was worked out for a test is kept for those used last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.commands import Command, SetSlot
from core.dialogue.events import BotUttered
from core.dialogue.turn import State, Turn
from core.errors import ActionError, EngineError
from core.testing.action_sources import ActionSources
from core.testing.cases import LoadedTest, TestKey
from core.testing.expectations import UserTurn
from core.testing.judging import Judgement, judge_opening, judge_turn
from core.testing.runner import Runner
from core.testing.stubs import VALIDATION_PREFIX
from core.testing.test_led import Call, TestLed
from core.testing.test_led_search import most_tries, play_until_right

_KEPT_TESTS = 64


@dataclass(frozen=True, slots=True)
class Said:
    """A user step in another wording, and the commands found for it."""

    text: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A test played with changed steps. `turns`: as far as what the assistant does is known; `ended`: why it ended there,
    empty if it went to the end."""

    turns: tuple[Turn, ...]
    ended: str = ""


@dataclass(slots=True)
class _Play:
    """One play of a test, as far as it went. Satisfies `test_led_search.Tried`."""

    led: TestLed
    turns: list[Turn] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    error: str = ""

    @property
    def broke_off(self) -> bool:
        return bool(self.error)


@dataclass(slots=True)
class _Original:
    """A test as it is played unchanged: up to the first step whose commands are not known."""

    test: LoadedTest
    commands: dict[int, tuple[Command, ...]]
    play: _Play
    processed: dict[tuple[int, tuple[Command, ...]], tuple[Command, ...] | None] = field(default_factory=dict)


class Replays:
    """The tests of a project, to be played again. Not for several threads at once."""

    def __init__(self, runner: Runner, tests: Sequence[LoadedTest]) -> None:
        """`runner`: its commands are those of the steps that are not changed."""
        self._runner = replace(runner, actions=ActionSources(runner.tested.responses))
        self._tests = {test.key: test for test in tests}
        self._originals: OrderedDict[TestKey, _Original] = OrderedDict()

    def before(self, key: TestKey, user_step: int, text: str) -> State | None:
        """The state before a user step (1-based) that says `text`; None if the test cannot be played that far."""
        turn = self._turn(key, user_step, text)
        return None if turn is None else turn.before

    def processed(self, key: TestKey, user_step: int, text: str, commands: tuple[Command, ...]) -> tuple[Command, ...] | None:
        """What the engine carries out of these commands at a user step; None where it cannot be played that far."""
        turn = self._turn(key, user_step, text)
        if turn is None:
            return None
        original = self._originals[key]
        if commands == original.commands.get(user_step):
            return turn.processed
        wanted = (user_step, commands)
        if wanted not in original.processed:
            play = self._again(original, {user_step: Said(text, commands)}, user_step)
            done = play.turns[user_step - 1].processed if len(play.turns) == user_step else None
            original.processed[wanted] = done
        return original.processed[wanted]

    def original(self, key: TestKey) -> tuple[Turn, ...]:
        """The turns of a test as it is, as far as it can be played."""
        found = self._original(key)
        return () if found is None else tuple(found.play.turns)

    def passes(self, key: TestKey) -> bool:
        """Whether nothing that the test expects fails, as far as the commands of its steps are known."""
        found = self._original(key)
        return found is not None and not found.play.error and not any(one.failures for one in found.play.judgements)

    def changed(self, key: TestKey, said: Mapping[int, Said]) -> Replayed:
        """The test with these user steps said otherwise, up to where a custom action would have to know the change."""
        original = self._original(key)
        if original is None:
            return Replayed((), "its test cannot be played")
        play = self._again(original, said, len(original.play.turns))
        count, ended = len(play.turns), play.error
        other = {step: one for step, one in said.items() if one.commands != original.commands.get(step)}
        unknown = _first_unknown(original.play.led, play.led, min(other), _slots_of(other)) if other else None
        if unknown is not None and unknown.user_step < count:
            count = unknown.user_step
            ended = f"what the custom action `{unknown.name}` does then is not known"
        if not ended and count < len(original.test.script.turns):
            ended = "its test cannot be played to the end"
        return Replayed(tuple(play.turns[:count]), ended)

    def _turn(self, key: TestKey, user_step: int, text: str) -> Turn | None:
        original = self._original(key)
        if original is None or user_step > len(original.play.turns):
            return None
        turn = original.play.turns[user_step - 1]
        return turn if turn.text == text else None

    def _original(self, key: TestKey) -> _Original | None:
        found = self._originals.get(key)
        if found is None:
            test = self._tests.get(key)
            if test is None or test.broken:
                return None
            found = self._originals[key] = self._play_original(test)
            if len(self._originals) > _KEPT_TESTS:
                self._originals.popitem(last=False)
        self._originals.move_to_end(key)
        return found

    def _play_original(self, test: LoadedTest) -> _Original:
        turns = test.script.turns
        while turns and self._runner.commands.readiness(_with_turns(test, turns)).missing:
            turns = turns[:-1]
        playable = _with_turns(test, turns)
        most = most_tries(len(turns), has_server=False)
        play, _, _ = play_until_right(self._runner.tested.facts, lambda led: self._play(playable, led, {}), most)
        commands = {ordinal: turn.commands for ordinal, turn in enumerate(play.turns, start=1)}
        return _Original(test, commands, play)

    def _again(self, original: _Original, said: Mapping[int, Said], until: int) -> _Play:
        led = original.play.led
        choices = [call.chosen for call in led.calls]
        return self._play(
            _with_turns(original.test, original.test.script.turns[:until]), TestLed(led.facts, choices, led.lines), said
        )

    def _play(self, test: LoadedTest, led: TestLed, said: Mapping[int, Said]) -> _Play:
        play = _Play(led)
        engine, commands = self._runner.tested.engine, self._runner.commands
        with self._runner.actions.of_test(test, led, lambda warning: None) as source:
            conversation = engine.conversation(source.actions)
            try:
                led.expect(0, test.script.opening)
                opening = conversation.begin(test.slots)
                play.judgements.append(judge_opening(test.script.opening, opening, test.file, engine.responses))
                for step in test.script.turns:
                    led.expect(step.ordinal, step.checks, step.assertions)
                    other = said.get(step.ordinal)
                    text = step.text if other is None else other.text
                    if engine.is_button(text):
                        given: tuple[Command, ...] = ()
                    elif other is not None:
                        given = other.commands
                    else:
                        given = commands.commands(test, step, conversation)
                    turn = conversation.say(text, given)
                    play.turns.append(turn)
                    if not said:
                        play.judgements.append(judge_turn(step, turn, test.file, engine.responses, None))
            except (EngineError, ActionError) as error:
                play.error = str(error)
        return play


def _with_turns(test: LoadedTest, turns: tuple[UserTurn, ...]) -> LoadedTest:
    return replace(test, script=replace(test.script, turns=turns))


def _slots_of(said: Mapping[int, Said]) -> frozenset[str]:
    """Slots that the changed steps set: their validations may come out otherwise."""
    return frozenset(one.name for step in said.values() for one in step.commands if isinstance(one, SetSlot))


def _first_unknown(original: TestLed, replayed: TestLed, changed: int, slots: frozenset[str]) -> Call | None:
    """The first call from the changed step on whose outcome is only known for the unchanged conversation.

    An action that set and said nothing there is taken to do so again, unless it judges a changed value.
    """
    for number, call in enumerate(replayed.calls):
        if call.user_step < changed:
            continue
        before = original.calls[number] if number < len(original.calls) else None
        is_same = before is not None and (before.name, before.user_step) == (call.name, call.user_step)
        said: tuple[BotUttered, ...] = tuple(original.lines.get(number, ()))
        judges = call.name.startswith(VALIDATION_PREFIX) and call.name.removeprefix(VALIDATION_PREFIX) in slots
        if not is_same or judges or call.slots or said:
            return call
    return None
