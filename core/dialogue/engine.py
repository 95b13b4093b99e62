"""A conversation with an assistant, in this process: deterministic, without a model and without a licence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.models import Assistant
from core.commands import Command
from core.dialogue.actions import Actions
from core.dialogue.compat import Compat
from core.dialogue.events import Event
from core.dialogue.turn import State, Turn


class Engine:
    """An assistant ready to converse: its flows compiled once, shared by all conversations (read-only, so threads may)."""

    def __init__(self, assistant: Assistant, compat: Compat) -> None:
        raise NotImplementedError

    def conversation(self, actions: Actions) -> Conversation:
        """A fresh conversation with the slots at their initial values; `begin` starts it."""
        raise NotImplementedError


class Conversation:
    """One conversation. Not for several threads at once."""

    @property
    def slots(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def begin(self, slots: Mapping[str, Any]) -> tuple[Event, ...]:
        """Runs the session start pattern, then sets these slots (a test's fixtures)."""
        raise NotImplementedError

    def state(self, text: str) -> State:
        """The state in which a command source sees this message: nothing is changed by asking."""
        raise NotImplementedError

    def say(self, text: str, commands: Sequence[Command]) -> Turn:
        """Carries out the commands found for a message (none are needed for a button's payload).

        Raises:
            EngineError: a flow that never ends, named with its steps.
            ActionError: a custom action failed.
        """
        raise NotImplementedError
