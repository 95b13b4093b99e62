"""Corrections: values given earlier are replaced, and the flow goes back to where it asked for the first of them."""

from __future__ import annotations

from collections.abc import Collection

from core.dialogue.session import Session
from core.dialogue.stack import Frame
from core.dialogue.validation import push_validations


def correct(session: Session, pattern: Frame) -> None:
    """Carry out the correction that a pattern is about.

    If every corrected slot is one that is asked for before it is filled, the values are not taken: the question of the
    first one comes again.
    """
    root = pattern.about
    if root is None or root not in session.stack:
        return
    corrected = pattern.context["corrected_slots"]
    if not pattern.context["is_reset_only"]:
        for name, value in corrected.items():
            session.set(name, value)
    rewind(session, root, corrected)
    if pattern in session.stack:
        height = len(session.stack)
        push_validations(session, corrected)
        refused = session.stack[height:]
        del session.stack[height:]
        below = session.stack.index(pattern)
        session.stack[below:below] = refused


def rewind(session: Session, root: Frame, names: Collection[str]) -> None:
    """Go back to the first collect step that asked for any of these slots; it may stand in a flow that was called.

    A slot that was filled before its step was reached needs no way back.
    """
    place = next((place for place in root.places if place[-1].name in names), None)
    if place is None:
        return
    places = list(root.places)
    root.places = dict.fromkeys(places[: places.index(place)])
    rebuilt = [root]
    for depth, call in enumerate(place[:-1], start=1):
        frame = Frame(session.prepared.programs[call.name], root)
        frame.calls = place[:depth]
        rebuilt.append(frame)
    for frame, node in zip(rebuilt, place, strict=True):
        frame.node = node
        frame.last = node.step.id
        frame.has_begun = True
        frame.is_waiting = False
    at = session.stack.index(root)
    session.stack[at:] = [*rebuilt, *(frame for frame in session.stack[at:] if frame.root is not root)]
