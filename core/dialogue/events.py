"""What happens in a conversation, in the order it happens. A turn's events are what assertions and transcripts look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.assistant.models import Button

Source = Literal["response", "stub", "action server", "test", "engine"]
"""Who said or did it; `test` marks what was taken from the test's own lines because nothing else could run the action."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    pass


@dataclass(frozen=True, slots=True)
class UserUttered:
    text: str


@dataclass(frozen=True, slots=True)
class BotUttered:
    """`utter`: the response's name, where one was used."""

    text: str | None
    utter: str | None = None
    buttons: tuple[Button, ...] = ()
    source: Source = "response"


@dataclass(frozen=True, slots=True)
class SlotSet:
    name: str
    value: Any
    source: Source = "engine"


@dataclass(frozen=True, slots=True)
class ActionExecuted:
    name: str
    source: Source = "engine"


@dataclass(frozen=True, slots=True)
class FlowStarted:
    """Also of called, linked and pattern flows."""

    flow: str


@dataclass(frozen=True, slots=True)
class FlowCompleted:
    """`step`: id of the step that was last visited."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class FlowCancelled:
    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class FlowInterrupted:
    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class FlowResumed:
    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class ClarificationOffered:
    """The flows a clarification named, as ids and as the names the user reads."""

    flows: tuple[str, ...]
    names: tuple[str, ...]


Event = (
    SessionStarted
    | UserUttered
    | BotUttered
    | SlotSet
    | ActionExecuted
    | FlowStarted
    | FlowCompleted
    | FlowCancelled
    | FlowInterrupted
    | FlowResumed
    | ClarificationOffered
)
