"""A collect step: is its slot filled, may the value stay, and if not, the question.

The project's own `pattern_collect_information` is run where there is one. What it does by default is built in, since every
question passes through it.
"""

from __future__ import annotations

from core.assistant.models import Collect
from core.dialogue.performing import perform
from core.dialogue.program import Node, Program
from core.dialogue.session import Session
from core.dialogue.stack import Frame
from core.dialogue.stepping import advance
from core.dialogue.validation import refuse


def collect(session: Session, frame: Frame, node: Node) -> bool:
    """Whether the conversation now waits for the user."""
    step = node.collect
    assert step is not None
    name = node.name
    slots = session.slots
    if not frame.is_waiting:
        session.visits.append(node.visit)
        frame.last = step.id
        frame.root.places.setdefault((*frame.calls, node))
        if step.ask_before_filling and slots.get(name) is not None:
            session.set(name, None)
    pattern = session.prepared.collect_pattern
    if pattern is not None:
        _push_pattern(session, frame, node, step, pattern)
        return False
    if slots.get(name) is not None:
        refuse(session, name, step.rejections, frame.context)
        if name in session.prepared.validated and slots.get(name) is not None:
            perform(session, frame, f"validate_{name}")
        if slots.get(name) is not None:
            advance(session, frame, node)
            return False
    frame.is_waiting = True
    _ask(session, frame, step)
    if session.stack[-1] is not frame or slots.get(name) is not None:  # the action that asks did more than ask
        return False
    session.asked = name
    session.asking = node
    return True


def _ask(session: Session, frame: Frame, step: Collect) -> None:
    action = f"action_ask_{step.slot}"
    if step.utter is None and step.slot in session.prepared.by_action:
        perform(session, frame, action)
    elif step.response in session.prepared.responses or session.run_custom(action, frame) is None:
        session.say(step.response, frame.context)


def _push_pattern(session: Session, frame: Frame, node: Node, step: Collect, pattern: Program) -> None:
    frame.is_waiting = True
    context = {
        "collect": step.slot,
        "utter": step.response,
        "is_default_utter": step.utter is None,
        "collect_action": f"action_ask_{step.slot}",
        "rejections": [],
    }
    asking = Frame(pattern, frame, context)
    asking.asks_for = node
    session.stack.append(asking)
