"""Refusing values: by a slot's type, by the slot's own rejections (domain), by those of the step that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from core.assistant.models import Rejection
from core.dialogue.patterns import push_validation
from core.dialogue.session import Session
from core.dialogue.values import refusal


def refuse(session: Session, name: str, rejections: Sequence[Rejection], context: Mapping[str, Any]) -> None:
    """Empty the slot if its value is refused, and say why."""
    value = session.slots.get(name)
    if value is None:
        return
    utter = _refusing_response(session, name, value, rejections, context)
    if utter is not None:
        session.set(name, None)
        session.say(utter, context, {"value": value})


def push_validations(session: Session, names: Iterable[str]) -> None:
    """For each of these slots whose own rejections refuse the value just set: ask for it again before all else.

    The last one is handled first.
    """
    for name in names:
        if name in session.prepared.watched:
            slot = session.prepared.slots[name]
            if any(rejection.condition.holds(session.slots, {}) for rejection in slot.rejections):
                push_validation(session, slot)


def _refusing_response(
    session: Session, name: str, value: Any, rejections: Sequence[Rejection], context: Mapping[str, Any]
) -> str | None:
    """What the project says about a value goes before what its type says."""
    slot = session.prepared.slots.get(name)
    for rejection in rejections if slot is None else chain(slot.rejections, rejections):
        if rejection.condition.holds(session.slots, context):
            return rejection.utter
    return None if slot is None else refusal(slot, value)
