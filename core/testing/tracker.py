"""The conversation as an action server gets it: rasa-sdk's tracker and domain, as plain data.

The form is that of rasa-sdk's `Tracker.from_dict` (open source, Apache 2.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.assistant.models import Assistant, Variation
from core.dialogue.actions import ActionRequest
from core.dialogue.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered

CHANNEL: Final = "workbench"


def tracker_of(request: ActionRequest, sender_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The tracker an action gets. Times count events: a run is the same whenever it is made."""
    events = [data for number, event in enumerate(request.events) for data in _event(event, float(number))]
    latest = next((name for event in reversed(request.events) if (name := _action(event)) is not None), "action_listen")
    stack = [] if request.flow is None else [{"type": "flow", "flow_id": request.flow, "step_id": request.step}]
    return {
        "sender_id": sender_id,
        "slots": dict(request.slots),
        "latest_message": _message(request.message, metadata),
        "latest_event_time": float(len(request.events)),
        "followup_action": None,
        "paused": False,
        "stack": stack,
        "events": events,
        "latest_input_channel": CHANNEL,
        "active_loop": {},
        "latest_action": {"action_name": latest},
        "latest_action_name": latest,
    }


def _message(text: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    intent = {"name": None, "confidence": 0.0}
    return {"text": text, "intent": intent, "intent_ranking": [], "entities": [], "metadata": dict(metadata)}


def _action(event: Event) -> str | None:
    if isinstance(event, ActionExecuted):
        return event.name
    return "action_listen" if isinstance(event, UserUttered) else None


def _event(event: Event, at: float) -> Iterable[dict[str, Any]]:
    """Events that the protocol knows; those of flows are the engine's own."""
    match event:
        case UserUttered(text):
            yield {
                "event": "user",
                "timestamp": at,
                "text": text,
                "parse_data": _message(text, {}),
                "input_channel": CHANNEL,
                "metadata": {},
            }
        case BotUttered(text, utter, buttons):
            given = [{"title": one.title, "payload": one.payload} for one in buttons]
            metadata = {"utter_action": utter} if utter else {}
            data = {"buttons": given or None}
            yield {"event": "bot", "timestamp": at, "text": text, "data": data, "metadata": metadata}
        case SlotSet(name, value):
            yield {"event": "slot", "timestamp": at, "name": name, "value": value}
        case ActionExecuted(name):
            yield {"event": "action", "timestamp": at, "name": name, "policy": None, "confidence": 1.0}
        case _:
            return


def domain_of(assistant: Assistant) -> dict[str, Any]:
    """The domain an action gets: slots, responses, actions and intents."""
    return {
        "version": "3.1",
        "intents": sorted(assistant.intents),
        "entities": [],
        "slots": {
            slot.name: {
                "type": slot.type.value,
                "initial_value": slot.initial_value,
                "mappings": [{"type": mapping} for mapping in slot.mappings],
                **({"values": list(slot.values)} if slot.values else {}),
            }
            for slot in assistant.slots.values()
        },
        "responses": {
            response.name: [_variation(one) for one in response.variations] for response in assistant.responses.values()
        },
        "actions": sorted(assistant.actions),
        "forms": {},
        "e2e_actions": [],
        "session_config": dict(assistant.session),
    }


def _variation(variation: Variation) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": variation.text}
    if variation.buttons:
        shown["buttons"] = [{"title": one.title, "payload": one.payload} for one in variation.buttons]
    if variation.channel:
        shown["channel"] = variation.channel
    return shown
