"""What buttons send: `/SetSlots(a=1, b=2)` and `/intent{"entity": "value"}`. Neither reaches a command generator.

Rules of the reference's page on responses: names hold none of `=,()`, values none of `,()`; `None`, `null` and
`undefined` empty a slot.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from core.commands import CommandError, SetSlot
from core.commands.values import EMPTY_WORDS

_SET_SLOTS: Final = re.compile(r"/SetSlots\((.*)\)", re.DOTALL)
_PAIR: Final = re.compile(r"([^=,()]+)=([^,()]*)(?:,|\Z)")
_INTENT: Final = re.compile(r"/([^\s{}()=,/]+)\s*(\{.*\})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Intent:
    """`entities` by name, as the payload gives them."""

    name: str
    entities: tuple[tuple[str, Any], ...] = ()


def read_payload(text: str) -> tuple[SetSlot, ...] | Intent | None:
    """What a payload says; None if the message is none, for instance because a part of it cannot be read."""
    if "/" not in text:  # nearly every message
        return None
    text = text.strip()
    if found := _SET_SLOTS.fullmatch(text):
        return _set_slots(found[1])
    if found := _INTENT.fullmatch(text):
        entities = _entities(found[2])
        return None if entities is None else Intent(found[1], entities)
    return None


def _set_slots(inside: str) -> tuple[SetSlot, ...] | None:
    commands: list[SetSlot] = []
    at = 0
    while at < len(inside):
        pair = _PAIR.match(inside, at)
        if pair is None:
            return None
        name, value = (part.strip() for part in pair.groups())
        try:
            commands.append(SetSlot(name, None if value in EMPTY_WORDS else value))
        except CommandError:
            return None
        at = pair.end()
    return tuple(commands) or None


def _entities(text: str | None) -> tuple[tuple[str, Any], ...] | None:
    """Domain files write the braces twice, since single ones mean a slot there."""
    if text is None:
        return ()
    if text.startswith("{{") and text.endswith("}}"):
        text = text[1:-1]
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(found.items()) if isinstance(found, dict) else None
