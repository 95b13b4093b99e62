"""The result of one user turn, and the state it began in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.commands import Command
from core.dialogue.events import BotUttered, Event


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
    """One flow on the stack. `called`: it was called by the frame below it. `step`: id of the step it stands at."""

    flow: str
    step: str | None
    called: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """The dialogue before a message. `stack`: bottom first. `asked`: slot the last question was for, None if none waits.

    `history`: the events so far, ended by the message itself; a turn does not change them.
    """

    stack: tuple[Frame, ...]
    asked: str | None
    slots: Mapping[str, Any]
    history: tuple[Event, ...]


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
