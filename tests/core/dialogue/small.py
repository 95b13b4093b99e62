"""Small assistants in YAML, and conversations with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from core.assistant.models import Assistant
from core.commands import Command, parse_any
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.compat import compat
from core.dialogue.engine import Conversation, Engine
from core.dialogue.events import BotUttered, Event, FlowCancelled, FlowCompleted, FlowStarted, SlotSet
from core.dialogue.turn import Turn

READ = Callable[[str], Assistant]

BOOKING = """
    flows:
      book:
        name: book a table
        description: book
        steps:
          - collect: people
          - collect: day
          - collect: sure
            ask_before_filling: true
            next:
              - if: slots.sure
                then:
                  - action: utter_booked
                    next: END
              - else:
                  - action: utter_not_booked
                    next: END
      hours:
        description: opening hours
        steps:
          - collect: place
          - action: utter_hours
      call_me:
        name: be called back
        description: call back
        steps:
          - collect: phone
          - action: utter_call
    slots:
      people: {type: float}
      day: {type: text}
      sure: {type: bool}
      place: {type: categorical, values: [North, South]}
      phone: {type: text}
    responses:
      utter_ask_people: [{text: How many?}]
      utter_ask_day: [{text: Which day?}]
      utter_ask_sure: [{text: "{people} on {day}?"}]
      utter_ask_place: [{text: Where?}]
      utter_ask_phone: [{text: Which number?}]
      utter_booked: [{text: Booked.}]
      utter_not_booked: [{text: Not booked.}]
      utter_hours: [{text: Always open.}]
      utter_call: [{text: We call you.}]
    """
"""Three flows that most tests need no more than."""


@dataclass
class Scripted:
    """Custom actions with fixed results; `asked` lists the names that were asked for, in order."""

    results: Mapping[str, ActionResult | Callable[[ActionRequest], ActionResult]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def run(self, request: ActionRequest) -> ActionResult | None:
        self.asked.append(request.name)
        result = self.results.get(request.name)
        return result(request) if callable(result) else result


class Chat:
    """A conversation, told in texts and commands as models write them."""

    def __init__(self, assistant: Assistant, version: str, actions: Scripted, slots: Mapping[str, Any]) -> None:
        self.engine = Engine(assistant, compat(version))
        self.actions = actions
        self.conversation: Conversation = self.engine.conversation(actions)
        self.opening = self.conversation.begin(slots)

    def say(self, commands: str | tuple[Command, ...] = (), *, text: str = "hello") -> Turn:
        """A message that has these commands, one a line or after a comma."""
        if isinstance(commands, str):
            commands = tuple(parsed.command for parsed in parse_any(commands).commands)
        return self.conversation.say(text, commands)

    def press(self, payload: str) -> Turn:
        return self.conversation.say(payload, ())

    def hear(self, commands: str = "", *, text: str = "hello") -> list[str]:
        """What the bot says to it."""
        return heard(self.say(commands, text=text))

    @property
    def slots(self) -> dict[str, Any]:
        """The filled ones."""
        return {name: value for name, value in self.conversation.slots.items() if value is not None}


Talk = Callable[..., Chat]


def heard(turn: Turn) -> list[str]:
    """The bot's messages: responses by their names, others by their texts."""
    return [message.utter or message.text or "" for message in turn.said]


def texts(turn: Turn) -> list[str | None]:
    return [message.text for message in turn.said]


def was_set(events: Turn | tuple[Event, ...], *names: str) -> list[tuple[str, Any]]:
    """The slots set, in order; only those of these names, if any are given."""
    found = events.events if isinstance(events, Turn) else events
    return [(one.name, one.value) for one in found if isinstance(one, SlotSet) and (not names or one.name in names)]


def flows(turn: Turn, kind: type[FlowStarted] | type[FlowCompleted] | type[FlowCancelled]) -> list[str]:
    """The ids of the flows that an event of this kind names, patterns left out."""
    return [one.flow for one in turn.events if isinstance(one, kind) and not one.flow.startswith("pattern_")]


def dropped(turn: Turn) -> list[tuple[str, str]]:
    """Command type and reason."""
    return [(type(one.command).__name__, one.reason) for one in turn.dropped]


def said(text: str, utter: str | None = None) -> BotUttered:
    return BotUttered(text, utter, source="stub")


def more(*parts: str) -> str:
    """Several YAML texts as one file: their blocks of the same key are joined."""
    blocks: dict[str, list[str]] = {}
    for part in parts:
        key = ""
        for line in dedent(part).splitlines():
            if line and not line[0].isspace() and line.rstrip().endswith(":"):
                key = line.rstrip()
            elif line.strip():
                blocks.setdefault(key, []).append(line)
    return "\n".join([line for key, lines in blocks.items() for line in (key, *lines)]) + "\n"
