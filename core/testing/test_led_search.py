"""Plays a test until the values guessed for its actions make it come out as it expects, or the tries are used up.

Each try is the whole conversation from its start. At the first turn that goes wrong one call up to there is changed, the
last one first, then two at once; what gets the conversation further is kept. The order is always the same. Bot lines that
an action may have said do not count as missing while trying; the last play says them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Generic, Protocol, TypeVar

from core.dialogue.events import BotUttered
from core.testing.flow_facts import FlowFacts
from core.testing.judging import Judgement, Line
from core.testing.results import Assumed
from core.testing.test_led import Call, TestLed
from core.testing.test_led_lines import shared_out, speakable

MOST_TRIES: Final = 300
"""Plays of one test. A play takes a fraction of a millisecond for each turn."""
MOST_TURNS: Final = 6_000
"""Turns in all plays of one test, so that a very long one ends within seconds."""
MOST_WITH_SERVER: Final = 12
"""Plays where an action server takes part: it is slow, and may act on every one."""


def most_tries(turns: int, *, has_server: bool) -> int:
    """How often a test of so many turns is played at most."""
    return min(MOST_WITH_SERVER if has_server else MOST_TRIES, max(MOST_TURNS // max(turns, 1), 3))


class Tried(Protocol):
    """What a play showed. `judgements`: by user step, the opening at 0, as far as it went; `broke_off`: with an error."""

    @property
    def judgements(self) -> Sequence[Judgement]: ...

    @property
    def broke_off(self) -> bool: ...


T = TypeVar("T", bound=Tried)


@dataclass(frozen=True, slots=True)
class Guess(Generic[T]):
    """The best play, and the actions it was played with. `plays`: how many it took to find it.

    `wrong`: the first user step that did not come out right in spite of all, None if every one did.
    """

    play: T
    led: TestLed
    wrong: int | None
    plays: int

    @property
    def choices(self) -> list[int]:
        return [call.chosen for call in self.led.calls]

    @property
    def assumed(self) -> tuple[Assumed, ...]:
        return tuple(_assumed(self.led))


def play_until_right(
    facts: FlowFacts, play: Callable[[TestLed], T], most: int = MOST_TRIES
) -> tuple[T, tuple[Assumed, ...], int]:
    """The best play, what was assumed in it, and the number of plays.

    `play` plays the whole test with the actions it is given, `most` times at most, and once more to say its lines. A test
    that calls none of them is played once.
    """
    found = guess(facts, play, most)
    return found.play, found.assumed, found.plays


def guess(
    facts: FlowFacts,
    play: Callable[[TestLed], T],
    most: int = MOST_TRIES,
    *,
    begin: Sequence[int] = (),
    settled: Set[int] = frozenset(),
) -> Guess[T]:
    """As `play_until_right`. `begin`: choices to start with. `settled`: user steps that are known to stay wrong."""
    led = TestLed(facts, begin)
    tried = play(led)
    wrong = first_wrong(tried, led, settled)
    plays = 1
    is_better = True
    while wrong is not None and is_better:
        is_better = False
        for choices in _other_choices([call for call in led.calls if call.user_step <= wrong]):
            if plays >= most:
                break
            other = TestLed(facts, choices)
            result = play(other)
            plays += 1
            later = first_wrong(result, other, settled)
            if later is None or later > wrong:
                tried, led, wrong, is_better = result, other, later, True
                break
    lines = _lines(tried, led, facts)
    if lines:
        led = TestLed(facts, [call.chosen for call in led.calls], lines)
        tried = play(led)
        plays += 1
    return Guess(tried, led, wrong, plays)


def first_wrong(tried: Tried, led: TestLed, settled: Set[int] = frozenset()) -> int | None:
    """The first user step that did not go as expected, lines aside that an action of its turn may have said."""
    for step, judgement in enumerate(tried.judgements):
        if step not in settled and len(judgement.failures) > len(lines_to_say(step, judgement, led)):
            return step
    return len(tried.judgements) if tried.broke_off and len(tried.judgements) not in settled else None


def lines_to_say(step: int, judgement: Judgement, led: TestLed) -> list[Line]:
    """The test's lines that are missing from a turn and that an action of it may have said."""
    if not any(call.user_step == step and call.may_speak for call in led.calls):
        return []
    return [line for line in judgement.lines if line.place is None and speakable(line, led.facts) is not None]


def _other_choices(calls: Sequence[Call]) -> Iterator[list[int]]:
    """The choices to try instead of those made: one call changed, the last one first, then two of them."""
    made = [call.chosen for call in calls]
    places = range(len(calls) - 1, -1, -1)
    for place in places:
        for option in _others(calls[place]):
            yield [*made[:place], option, *made[place + 1 :]]
    for later, earlier in combinations(places, 2):
        for one in _others(calls[earlier]):
            for other in _others(calls[later]):
                yield [*made[:earlier], one, *made[earlier + 1 : later], other, *made[later + 1 :]]


def _others(call: Call) -> Iterator[int]:
    return (option for option in range(call.options) if option != call.chosen)


def _lines(tried: Tried, led: TestLed, facts: FlowFacts) -> dict[int, tuple[BotUttered, ...]]:
    lines: dict[int, tuple[BotUttered, ...]] = {}
    for step, judgement in enumerate(tried.judgements):
        calls = [(number, call) for number, call in enumerate(led.calls) if call.user_step == step]
        given = shared_out(judgement.lines, calls, facts) if calls else {}
        lines.update((number, tuple(messages)) for number, messages in given.items())
    return lines


def _assumed(led: TestLed) -> Iterable[Assumed]:
    for number, call in enumerate(led.calls):
        yield Assumed(call.user_step, call.name, call.slots, len(led.lines.get(number, ())))
