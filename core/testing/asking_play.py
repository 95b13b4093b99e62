"""Plays a test whose commands are asked for step by step, where the test itself leads custom actions.

What an action did and said must be settled before the next step is asked about, since the prompt shows it; and looking for it
plays the conversation many times, which must not ask again. So the conversation goes on, asking, until a turn needs a
look: it came out wrong, or an action of it has lines to say. Then the turns so far are played with the commands they got until
they come out right (`test_led_search.guess`), and the conversation begins again with that: what was asked is remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

from core.commands import Command
from core.testing.flow_facts import FlowFacts
from core.testing.results import Assumed
from core.testing.test_led import TestLed
from core.testing.test_led_search import Guess, Tried, first_wrong, guess, lines_to_say

MOST_LOOKS: Final = 3
"""At one turn. A second one comes of a guess that changed an earlier turn, and with it what is answered."""


class Asked(Tried, Protocol):
    """A play that asked. `given`: the commands of every step that was played. `stopped_at`: the step it stopped at."""

    @property
    def given(self) -> Mapping[int, tuple[Command, ...]]: ...

    @property
    def stopped_at(self) -> int | None: ...


T = TypeVar("T", bound=Asked)
Remembered = Mapping[int, tuple[Command, ...]]


def play_asking(
    facts: FlowFacts,
    play: Callable[[TestLed, Callable[[T, int], bool]], T],
    replay: Callable[[TestLed, Remembered, int], T],
    most: int,
) -> tuple[T, tuple[Assumed, ...], int]:
    """The last play, what was assumed in it, and the number of plays.

    `play` asks, and stops where its second argument, called with the play and the step after each turn, says so; `replay`
    plays the first steps, as many as it is told, with the commands it is given. `most`: plays of one look at most.
    """
    looks: Counter[int] = Counter()
    settled: set[int] = set()
    led = TestLed(facts)
    plays = 0
    while True:
        present = led

        def needs_look(played: T, step: int, led: TestLed = present) -> bool:
            if step in settled or looks[step] >= MOST_LOOKS:
                return False
            if first_wrong(played, led, settled) is not None:
                return True
            return step < len(played.judgements) and bool(lines_to_say(step, played.judgements[step], led))

        played = play(present, needs_look)
        plays += 1
        step = played.stopped_at
        if step is None and played.broke_off and needs_look(played, len(played.judgements)):
            step = len(played.judgements)
        if step is None:
            return played, Guess(played, present, None, plays).assumed, plays
        looks[step] += 1
        remembered, until = dict(played.given), step

        def again(led: TestLed, remembered: Remembered = remembered, until: int = until) -> T:
            return replay(led, remembered, until)

        choices = [call.chosen for call in present.calls]
        found = guess(facts, again, most, begin=choices, settled=settled)
        plays += found.plays
        if found.wrong is not None:
            settled.add(found.wrong)
        led = TestLed(facts, found.choices, found.led.lines)
