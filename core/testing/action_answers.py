"""What a custom action answers, in the JSON form of the action server's protocol, made into what the engine takes.

{"events": [{"event": "slot", "name": "balance", "value": 1000}, {"event": "followup", "name": "action_x"}],
 "responses": [{"text": "…", "buttons": [{"title": "…", "payload": "…"}]}, {"response": "utter_x", "amount": 5}]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.assistant.models import Button
from core.dialogue.actions import ActionRequest, ActionResult
from core.dialogue.events import BotUttered, Source

RenderResponse = Callable[[str, Mapping[str, Any]], BotUttered | None]
"""A response of the domain by name, with the values its text may use; None if there is none of that name."""

# Keys of a message that are not variables for the text of a named response.
_MESSAGE_KEYS = frozenset({"text", "buttons", "response", "utter", "template", "image", "attachment", "elements", "custom"})
_RESPONSE_KEYS = ("response", "utter", "template")


@dataclass(frozen=True, slots=True)
class Answer:
    events: tuple[Mapping[str, Any], ...] = ()
    responses: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, value: Any) -> Answer:
        """From plain data; what is missing or of another kind counts as empty."""
        fields = value if isinstance(value, Mapping) else {}
        return cls(_mappings(fields.get("events")), _mappings(fields.get("responses")))


def _mappings(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def result_of(answer: Answer, request: ActionRequest, render: RenderResponse, source: Source) -> ActionResult:
    """Slots in the order of their events, messages, and the action that follows."""
    slots: list[tuple[str, Any]] = []
    messages: list[BotUttered] = []
    followup: str | None = None
    for event in answer.events:
        kind = event.get("event")
        if kind == "slot" and event.get("name") is not None:
            slots.append((str(event["name"]), event.get("value")))
        elif kind == "reset_slots":
            slots += [(name, None) for name, value in request.slots.items() if value is not None]
        elif kind == "followup" and event.get("name"):
            followup = str(event["name"])
        elif kind == "bot":
            messages.append(_message({**_mapping(event.get("data")), "text": event.get("text")}, {}, render, source))
    # The reference sends an action's messages before its events happen: they show the slots as they were.
    messages = [_message(response, request.slots, render, source) for response in answer.responses] + messages
    return ActionResult(tuple(slots), tuple(messages), source, followup)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _message(response: Mapping[str, Any], slots: Mapping[str, Any], render: RenderResponse, source: Source) -> BotUttered:
    """A named response is rendered with the slots and the message's other keys; texts and buttons given beside win."""
    name = next((str(response[key]) for key in _RESPONSE_KEYS if response.get(key)), None)
    extra = {key: value for key, value in response.items() if key not in _MESSAGE_KEYS}
    rendered = render(name, {**slots, **extra}) if name is not None else None
    text = response.get("text")
    if text is None and rendered is not None:
        text = rendered.text
    buttons = _buttons(response.get("buttons")) or (rendered.buttons if rendered is not None else ())
    return BotUttered(None if text is None else str(text), name, buttons, source)


def _buttons(value: Any) -> tuple[Button, ...]:
    return tuple(Button(str(one.get("title", "")), str(one.get("payload", ""))) for one in _mappings(value))
