"""Custom actions as the engine sees them. Who runs them is an interface: stubs, an action server, or the test itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.dialogue.events import BotUttered, Event, Source


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """`events`: of the conversation so far, this turn's included. `flow` and `step`: where the action is called from."""

    name: str
    slots: Mapping[str, Any]
    events: Sequence[Event]
    message: str
    flow: str | None
    step: str | None


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action did: slots it set, in order, and messages it sent. `followup`: an action to run next."""

    slots: tuple[tuple[str, Any], ...] = ()
    messages: tuple[BotUttered, ...] = ()
    source: Source = "stub"
    followup: str | None = None


class Actions(Protocol):
    """Runs custom actions. Built-in actions and responses never reach it."""

    def run(self, request: ActionRequest) -> ActionResult | None:
        """The result, or None if this source does not know the action.

        Raises:
            ActionError: the source knows the action and it failed.
        """
        ...


@dataclass(frozen=True, slots=True)
class FirstOf:
    """Asks each source in turn."""

    sources: tuple[Actions, ...]

    def run(self, request: ActionRequest) -> ActionResult | None:
        return next((done for source in self.sources if (done := source.run(request)) is not None), None)
