"""What each assertion means: one function a type, from its value and the turn's events to whether it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.dialogue.events import (
    ActionExecuted,
    BotUttered,
    ClarificationOffered,
    Event,
    FlowCancelled,
    FlowCompleted,
    FlowStarted,
    SlotSet,
)
from core.testing.classic import Renderings, same_value
from core.testing.describe import described, said, shown


@dataclass(frozen=True, slots=True)
class Looked:
    """The events of a turn, and the first that counts."""

    events: Sequence[Event]
    begin: int
    renderings: Renderings

    def each(self, *kinds: type[Event]) -> list[tuple[int, Any]]:
        """Index and event of all events of these kinds that count."""
        return [(place, event) for place, event in enumerate(self.events) if place >= self.begin and isinstance(event, kinds)]


@dataclass(frozen=True, slots=True)
class Found:
    """`matched`: indices of the events that satisfy it. `warning`: what the author of the test should know."""

    holds: bool
    expected: str
    actual: tuple[str, ...] = ()
    matched: tuple[int, ...] = ()
    note: str = ""
    warning: str = ""


def _flow_started(value: Any, at: Looked) -> Found:
    flows, is_any = _flows(value)
    started = at.each(FlowStarted)
    found = _first_of_each(flows, [(place, event.flow) for place, event in started])
    warning = ""
    if len(flows) > 1 and not is_any:
        warning = "flow_started: the reference allows one flow id with operator `all`; all of them were checked"
    actual = tuple(event.flow for _, event in started)
    return _of_flows(flows, found, is_any=is_any, actual=actual, note="no flow was started", warning=warning)


def _clarification(value: Any, at: Looked) -> Found:
    """The old form lists flow names, the new one ids; either is understood in both."""
    flows, is_any = _flows(value)
    offered = at.each(ClarificationOffered)
    names = [(place, name) for place, event in offered for name in (*event.flows, *event.names)]
    found = _first_of_each(flows, names)
    actual = tuple(flow for _, event in offered for flow in event.flows)
    return _of_flows(flows, found, is_any=is_any, actual=actual, note="no clarification was offered")


def _of_flows(
    flows: Sequence[str], found: Mapping[str, int], *, is_any: bool, actual: tuple[str, ...], note: str, warning: str = ""
) -> Found:
    if not flows:
        return Found(False, "a flow", actual, (), "the assertion names no flow")
    holds = bool(found) if is_any else len(found) == len(set(flows))
    matched = tuple(sorted(found.values()))[:1] if is_any else tuple(sorted(found.values()))
    expected = f"{'any' if is_any else 'all'} of {', '.join(flows)}" if len(flows) != 1 else flows[0]
    return Found(holds, expected, actual, matched, "" if actual else note, warning)


def _flows(value: Any) -> tuple[tuple[str, ...], bool]:
    """The flows named, and whether any of them will do."""
    is_any = False
    if isinstance(value, Mapping):
        is_any = str(value.get("operator", "all")).lower() == "any"
        value = value.get("flow_ids")
    if isinstance(value, str):
        return (value,), is_any
    return (tuple(map(str, value)) if isinstance(value, list) else ()), is_any


def _first_of_each(wanted: Iterable[str], seen: Sequence[tuple[int, str]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for place, name in seen:
        first.setdefault(name, place)
    return {name: first[name] for name in wanted if name in first}


def _flow_ended(kind: type[FlowCompleted] | type[FlowCancelled]) -> Callable[[Any, Looked], Found]:
    def look(value: Any, at: Looked) -> Found:
        flow = str(value.get("flow_id")) if isinstance(value, Mapping) else str(value)
        step = value.get("flow_step_id") if isinstance(value, Mapping) else None
        ended = at.each(kind)
        same_flow = [(place, event) for place, event in ended if event.flow == flow]
        matched = next(
            ((place,) for place, event in same_flow if step is None or str(step) in step_names(flow, event.step)), ()
        )
        expected = flow if step is None else f"{flow} at {step}"
        actual = tuple(event.flow if step is None else f"{event.flow} at {event.step}" for _, event in ended)
        return Found(bool(matched), expected, actual, matched, "" if actual else "no such event in this turn")

    return look


def step_names(flow: str, step: str) -> tuple[str, ...]:
    """The ids a step may be named by: as written, and the reference's default `<flow>_<index>_<step>`."""
    return step, f"{flow}_{step}"


def _slot_was_set(value: Any, at: Looked) -> Found:
    set_ = at.each(SlotSet)
    matched: list[int] = []
    for name, has_value, wanted in _slot_items(value):
        events = [(place, event.value) for place, event in set_ if event.name == name]
        place = next((place for place, got in events if not has_value or same_value(got, wanted)), None)
        if place is None:
            note = "" if events else "the slot was not set"
            if has_value and any(got == wanted for _, got in events):
                note = "slot types do not match"
            actual = tuple(f"{name}: {shown(got)}" for _, got in events)
            return Found(False, f"{name}: {shown(wanted)}" if has_value else name, actual, (), note)
        matched.append(place)
    return Found(True, "", (), tuple(matched)) if matched else Found(False, "a slot", note="the assertion names no slot")


def _slot_was_not_set(value: Any, at: Looked) -> Found:
    """Name only: the turn's last event for the slot, if any, empties it."""
    set_ = at.each(SlotSet)
    for name, has_value, unwanted in _slot_items(value):
        values = [event.value for _, event in set_ if event.name == name]
        if has_value:
            wrong = [got for got in values if same_value(got, unwanted)]
        else:
            wrong = [got for got in values[-1:] if got is not None]
        if wrong:
            expected = f"{name} is not {shown(unwanted)}" if has_value else f"{name} is not set"
            return Found(False, expected, tuple(f"{name}: {shown(got)}" for got in wrong))
    return Found(True, "")


def _slot_items(value: Any) -> Iterable[tuple[str, bool, Any]]:
    """Name, whether a value is given, value. The classic form `name` or `{name: value}` is understood too."""
    for item in value if isinstance(value, list) else [] if value is None else [value]:
        if not isinstance(item, Mapping):
            yield str(item), False, None
        elif "name" in item:
            yield str(item["name"]), "value" in item, item.get("value")
        else:
            yield from ((str(name), True, wanted) for name, wanted in item.items())


def _action_executed(value: Any, at: Looked) -> Found:
    """A response that a flow says is an action of its name."""
    name = str(value)
    executed = at.each(ActionExecuted, BotUttered)
    names = [(place, event.name if isinstance(event, ActionExecuted) else event.utter) for place, event in executed]
    matched = next(((place,) for place, found in names if found == name), ())
    actual = tuple(event.name for _, event in executed if isinstance(event, ActionExecuted))
    return Found(bool(matched), name, actual, matched, "" if actual else "no action was executed")


def _bot_uttered(value: Any, at: Looked) -> Found:
    messages = at.each(BotUttered)
    matched = next(((place,) for place, message in messages if utters(value, message, at.renderings)), ())
    actual = tuple(_as_said(message, value) for _, message in messages)
    return Found(bool(matched), _wanted(value), actual, matched, "" if actual else "the bot said nothing")


def _bot_did_not_utter(value: Any, at: Looked) -> Found:
    wrong = tuple(_as_said(message, value) for _, message in at.each(BotUttered) if utters(value, message, at.renderings))
    return Found(not wrong, f"not: {_wanted(value)}", wrong)


def utters(value: Any, message: BotUttered, renderings: Renderings) -> bool:
    """Whether a message is what `bot_uttered` describes: all that it names must fit the same message."""
    if not isinstance(value, Mapping):
        return isinstance(value, str) and (message.utter == value or matches(value, message.text or ""))
    name, text, buttons = value.get("utter_name"), value.get("text_matches"), value.get("buttons")
    if name is not None and message.utter != name:
        return False
    if text is not None:
        texts = (message.text or "", *(renderings(message) if message.utter else ()))
        if not any(matches(str(text), one) for one in texts):
            return False
    if not isinstance(buttons, list):
        return True
    given = [(button.title, button.payload) for button in message.buttons]
    return len(buttons) == len(given) and all(map(_is_button, buttons, given))


def matches(pattern: str, text: str) -> bool:
    """`text_matches` is a text or a regular expression that is searched for."""
    if pattern.rstrip("\n") == text.rstrip("\n"):
        return True
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _is_button(wanted: Any, given: tuple[str, str]) -> bool:
    if not isinstance(wanted, Mapping):
        return False
    title, payload = given
    return str(wanted.get("title", title)) == title and str(wanted.get("payload", payload)) == payload


def _wanted(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    parts = [f"{key}: {value[key]}" for key in ("utter_name", "text_matches") if value.get(key) is not None]
    buttons = value.get("buttons")
    for button in buttons if isinstance(buttons, list) else ():
        if isinstance(button, Mapping):
            parts.append(f"[{button.get('title', '')}]({button.get('payload', '')})")
    return "\n".join(parts)


def _as_said(message: BotUttered, value: Any) -> str:
    """A message with as much of it as the assertion asks for."""
    if isinstance(value, Mapping) and value.get("buttons") is not None:
        return described(message).removeprefix("BotUttered(").removesuffix(")")
    return said(message)


KINDS: Final[Mapping[str, Callable[[Any, Looked], Found]]] = {
    "flow_started": _flow_started,
    "flow_completed": _flow_ended(FlowCompleted),
    "flow_cancelled": _flow_ended(FlowCancelled),
    "pattern_clarification_contains": _clarification,
    "slot_was_set": _slot_was_set,
    "slot_was_not_set": _slot_was_not_set,
    "action_executed": _action_executed,
    "bot_uttered": _bot_uttered,
    "bot_did_not_utter": _bot_did_not_utter,
}
