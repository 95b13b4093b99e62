"""The result of one user turn, and the state it began in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

from core.commands import Command
from core.dialogue.events import BotUttered, Event, SlotSet

_NO_SLOTS: Final[Mapping[str, Any]] = {}


class StepVisit(NamedTuple):
    """A step the executor went through; `step` is `Step.id`."""

    flow: str
    step: str


class Dropped(NamedTuple):
    """A command that the clean-up took out or replaced, and why. `by`: what stands in its place, if anything."""

    command: Command
    reason: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow on the stack. `called`: it was called by the frame below it. `step`: id of the step it stands at.

    A flow that waits for its turn, since another one of the same message goes first, stands at no step.
    """

    flow: str
    step: str | None
    called: bool = False


class State:
    """The dialogue before a message. `stack`: bottom first. `asked`: slot the last question was for, None if none waits.

    `history`: the events so far, ended by the message itself; a turn does not change them. `slots`: their values.
    """

    __slots__ = ("_earlier", "_initial", "_length", "_message", "_slots", "asked", "stack")

    def __init__(
        self,
        stack: tuple[Frame, ...],
        asked: str | None,
        slots: Mapping[str, Any] | None,
        history: Sequence[Event],
        *,
        message: Event | None = None,
        initial: Mapping[str, Any] = _NO_SLOTS,
    ) -> None:
        """`message`: the last event of the history, where `history` does not hold it yet.

        A conversation makes a state at every turn, and hardly anybody looks at all of it: it gives the one list of events
        that it keeps appending to, and instead of `slots` (None) the values they had at first (`initial`). What is looked
        at is worked out then.
        """
        self.stack = stack
        self.asked = asked
        self._slots = slots
        self._initial = initial
        self._earlier = history
        self._length = len(history)
        self._message = message

    @property
    def history(self) -> tuple[Event, ...]:
        earlier = tuple(self._earlier[: self._length])
        return earlier if self._message is None else (*earlier, self._message)

    @property
    def slots(self) -> Mapping[str, Any]:
        if self._slots is None:
            slots = dict(self._initial)
            for event in islice(self._earlier, self._length):
                if isinstance(event, SlotSet):
                    slots[event.name] = event.value
            self._slots = slots
        return self._slots

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        mine = (self.stack, self.asked, self.slots, self.history)
        return mine == (other.stack, other.asked, other.slots, other.history)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"State(stack={self.stack!r}, asked={self.asked!r}, slots={self.slots!r}, history={self.history!r})"


@dataclass(frozen=True, slots=True)
class Turn:
    """`commands`: as given; `processed`: what was carried out after the clean-up of the reference (§ command reference).

    `is_button`: the message was a payload that bypasses the command generator. `visits` in order, repeats included.
    """

    text: str
    before: State
    commands: tuple[Command, ...]
    processed: tuple[Command, ...]
    dropped: tuple[Dropped, ...]
    events: tuple[Event, ...]
    visits: tuple[StepVisit, ...]
    is_button: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[BotUttered, ...]:
        """The bot's messages of this turn."""
        return tuple(event for event in self.events if isinstance(event, BotUttered))
