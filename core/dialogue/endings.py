"""How flows end: slots are reset, and what follows on an ended flow (resume what it interrupted, or all done)."""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from core.dialogue.events import FlowCancelled, FlowCompleted, SlotSet
from core.dialogue.patterns import push_completed, push_resumption
from core.dialogue.program import Program
from core.dialogue.session import Session
from core.dialogue.stack import Frame, members, remove

_NONE: Final[Set[str]] = frozenset()


def reset(session: Session, program: Program, keep: Set[str] = _NONE) -> None:
    """The slots of a flow and of those it calls take their initial values, with an event each even if they had them."""
    if keep.isdisjoint(program.empty_slots):
        session.slots.update(program.empty_slots)
        session.events.extend(program.resets)
        return
    for name, value in program.empty_slots.items():
        if name not in keep:
            session.slots[name] = value
            session.events.append(SlotSet(name, value))


def complete(session: Session, root: Frame) -> None:
    """A flow ends, with all that it called."""
    for frame in reversed(members(session.stack, root)):
        if frame.asks_for is None:
            session.events.append(FlowCompleted(frame.program.id, frame.last))
    remove(session.stack, root)
    reset(session, root.program)


def cancel(session: Session, root: Frame) -> None:
    """A flow is given up, with all that it called. What this message says for another flow that it starts stays."""
    for frame in reversed(members(session.stack, root)):
        if frame.asks_for is None:
            session.events.append(FlowCancelled(frame.program.id, frame.last))
    remove(session.stack, root)
    reset(session, root.program, session.given)


def follow_up(session: Session, ended: Program) -> None:
    """What happens after a flow of the user's has ended: what it interrupted goes on; if nothing is left, all is done."""
    stack = session.stack
    if not stack:
        if ended.flow.run_pattern_completed:
            push_completed(session, ended)
    elif stack[-1].is_user_flow and stack[-1].has_begun:
        push_resumption(session)
