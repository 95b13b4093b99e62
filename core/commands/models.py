"""The commands a command generator can give, as plain values.

A command is one line of the answer that a language model gives for one user message. The names follow the Rasa command
reference; `flow` and `flows` hold flow *ids*. Commands are frozen, hashable and compare by value, so they can be
dictionary keys and cross every boundary of the program unchanged. How they are written is the matter of `dialects.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from core.errors import UsageError

# Flow ids are letters, digits, "_" and "-" (Rasa flows reference); slot names never hold "=,()" (slots reference).
# Letters of every script and inner dots are allowed too, because assistants that are not English use them.
NAME_PATTERN: Final = r"\w[\w-]*(?:\.[\w-]+)*"
_NAME: Final = re.compile(NAME_PATTERN)


class CommandError(UsageError):
    """A command that cannot exist, cannot be written in the dialect asked for, or cannot be read from storage."""

    title: ClassVar[str] = "Command"


class Dialect(StrEnum):
    """The three published ways to write commands (Rasa command reference).

    V1 is `StartFlow(id)` (single-step generator), V2 `start flow id` (compact generator), and V3 is V2 with
    `search and reply` in place of three commands (search-ready generator).
    """

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Start the flow, or resume it where it waits deeper on the stack."""

    flow: str

    def __post_init__(self) -> None:
        _require_name(self.flow, "flow id")


@dataclass(frozen=True, slots=True)
class SetSlot:
    """Fill a slot. `value` is the text as the model wrote it, without its quotes; `None` empties the slot.

    A model writes text, whatever the slot's type: the type is applied where it is known (comparison, dialogue engine).
    """

    name: str
    value: str | None

    def __post_init__(self) -> None:
        _require_name(self.name, "slot name")

    @classmethod
    def of(cls, name: str, value: object) -> SetSlot:
        """From a typed value, for instance out of YAML: `True` becomes `"True"`, `4.0` `"4.0"`, `None` stays `None`."""
        return cls(name, None if value is None else str(value))


@dataclass(frozen=True, slots=True)
class CancelFlow:
    """Cancel the flow that is active."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of `flows` is meant; none at all is allowed since Rasa 3.15."""

    flows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for flow in self.flows:
            _require_name(flow, "flow id")


@dataclass(frozen=True, slots=True)
class SkipQuestion:
    """Pass over the question just asked (V1 only)."""


@dataclass(frozen=True, slots=True)
class KnowledgeAnswer:
    """Answer from the knowledge base: `SearchAndReply()`, `provide info`, `search and reply`."""


@dataclass(frozen=True, slots=True)
class ChitChat:
    """Answer small talk (not in V3, where all of it goes to `search and reply`)."""


@dataclass(frozen=True, slots=True)
class HumanHandoff:
    """Hand over to a person (removed from the shipped prompts in Rasa 3.16)."""


@dataclass(frozen=True, slots=True)
class RepeatLastBotMessages:
    """Say the last bot messages again."""


@dataclass(frozen=True, slots=True)
class ContinueAgent:
    """Stay with the agent that is active (since Rasa 3.14, not in V1)."""


@dataclass(frozen=True, slots=True)
class RestartAgent:
    """Start an agent again from the beginning (since Rasa 3.14, not in V1)."""

    agent: str

    def __post_init__(self) -> None:
        _require_name(self.agent, "agent name")


Command: TypeAlias = (
    StartFlow
    | SetSlot
    | CancelFlow
    | Clarify
    | SkipQuestion
    | KnowledgeAnswer
    | ChitChat
    | HumanHandoff
    | RepeatLastBotMessages
    | ContinueAgent
    | RestartAgent
)


def _require_name(text: str, what: str) -> None:
    if _NAME.fullmatch(text) is None:
        raise CommandError(
            f"{text!r} cannot be a {what}.",
            remedy="Names are letters, digits, `_`, `-` and inner dots, and do not start with `-`.",
        )
