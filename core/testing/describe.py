"""Events as people read them: in transcripts, as the actual side of a failure, and in result files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core.dialogue.events import (
    ActionExecuted,
    BotUttered,
    ClarificationOffered,
    Event,
    FlowCancelled,
    FlowCompleted,
    FlowInterrupted,
    FlowResumed,
    FlowStarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from core.dialogue.turn import Turn


def shown(value: Any) -> str:
    """A slot's value with its type visible: text in quotes, `true`, `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def said(message: BotUttered) -> str:
    """A bot message: its response's name, where there is one, and its text."""
    text = "(no text)" if message.text is None else message.text
    return f"{message.utter}: {text}" if message.utter else text


def described(event: Event) -> str:
    """One event in the form of the reference's result files: `FlowStarted(flow: pay)`."""
    match event:
        case BotUttered():
            inner = said(event) + "".join(f" [{button.title}]({button.payload})" for button in event.buttons)
        case UserUttered(text):
            inner = text
        case SlotSet(name, value):
            inner = f"slot: {name}, value: {shown(value)}"
        case ActionExecuted(name):
            inner = f"action: {name}"
        case FlowStarted(flow):
            inner = f"flow: {flow}"
        case FlowCompleted(flow, step) | FlowCancelled(flow, step) | FlowInterrupted(flow, step) | FlowResumed(flow, step):
            inner = f"flow: {flow}, step: {step}"
        case ClarificationOffered(flows):
            inner = f"flows: {', '.join(flows)}"
        case SessionStarted():
            inner = ""
    return f"{type(event).__name__}({inner})"


def transcript(opening: Iterable[Event], turns: Iterable[Turn]) -> Iterator[str]:
    """The conversation for people: what was said, commands (`>`), slots set (`=`); what was test-led is marked."""
    yield from _lines(opening, "fixture")
    for turn in turns:
        yield from turn_lines(turn)


def turn_lines(turn: Turn) -> Iterator[str]:
    from core.commands import describe

    yield from _labelled("user", turn.text)
    for command in turn.commands:
        yield f"      > {describe(command)}"
    for dropped in turn.dropped:
        yield f"      ! dropped {describe(dropped.command)}: {dropped.reason}"
    yield from _lines(turn.events, "assumed")


def _lines(events: Iterable[Event], set_by_test: str) -> Iterator[str]:
    """`set_by_test`: what a slot is called whose value the test gave."""
    for event in events:
        if isinstance(event, BotUttered):
            yield from _labelled("bot", said(event) + (" (from the test)" if event.source == "test" else ""))
            if event.buttons:
                yield f"        {'  '.join(f'[{button.title}]' for button in event.buttons)}"
        elif isinstance(event, SlotSet):
            yield f"      = {event.name}: {shown(event.value)}" + (f" ({set_by_test})" if event.source == "test" else "")


def _labelled(who: str, text: str) -> Iterator[str]:
    first, *rest = text.rstrip("\n").split("\n")
    yield f"{who:>5}  {first}"
    yield from (f"       {line}" for line in rest)
