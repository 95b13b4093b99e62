"""Runs what is on the stack, from the top, until the conversation waits for the user or nothing is left."""

from __future__ import annotations

from collections import Counter
from typing import Final

from core.assistant.models import PATTERN_PREFIX
from core.dialogue.collecting import collect
from core.dialogue.endings import complete, follow_up, reset
from core.dialogue.events import FlowCompleted, FlowResumed
from core.dialogue.performing import perform, perform_template
from core.dialogue.program import Node
from core.dialogue.session import Session
from core.dialogue.stack import Frame, user_flows
from core.dialogue.stepping import advance
from core.errors import EngineError

MOST_STEPS: Final = 1_000
"""Of one turn. The longest turns of public assistants take a few dozen."""


def run(session: Session) -> None:
    """Go on until the conversation waits.

    Raises:
        EngineError: it never waits, or a step leads nowhere.
        ActionError: a custom action failed, or nothing can run it.
    """
    stack = session.stack
    session.asked = None
    session.asking = None
    for _ in range(MOST_STEPS):
        if not stack:
            return
        frame = stack[-1]
        node = frame.node
        if node is None:
            _end(session, frame)
            continue
        frame.has_begun = True
        if _STEPS[node.kind](session, frame, node):
            return
    raise _endless(session)


def _end(session: Session, frame: Frame) -> None:
    """The frame on top has run to its end."""
    stack = session.stack
    if frame.root is not frame:
        stack.pop()
        caller = stack[-1]
        if frame.asks_for is None:
            session.events.append(FlowCompleted(frame.program.id, frame.last))
        assert caller.node is not None
        advance(session, caller, caller.node)
        return
    program = frame.program
    if not program.is_pattern:
        complete(session, frame)
        follow_up(session, program)
        return
    stack.pop()
    session.events.append(FlowCompleted(program.id, frame.last))
    reset(session, program)
    if frame.ended is not None:
        follow_up(session, frame.ended)
    elif program.id == "pattern_continue_interrupted" and (resumed := next(user_flows(stack), None)) is not None:
        session.events.append(FlowResumed(resumed.program.id, resumed.last))


def _visit(session: Session, frame: Frame, node: Node) -> None:
    session.visits.append(node.visit)
    frame.last = node.step.id


def _action(session: Session, frame: Frame, node: Node) -> bool:
    _visit(session, frame, node)
    if node.is_template:
        perform_template(session, frame, node.name)
    else:
        perform(session, frame, node.name)
    advance(session, frame, node)
    return False


def _listen(session: Session, frame: Frame, node: Node) -> bool:
    asked = frame.context.get("collect") or frame.context.get("validate")
    if frame.is_waiting or (
        asked is not None and session.slots.get(asked) is not None
    ):  # an action that asks may fill the slot itself
        advance(session, frame, node)
        return False
    _visit(session, frame, node)
    frame.is_waiting = True
    session.asked = asked
    session.asking = frame.asks_for
    return True


def _call(session: Session, frame: Frame, node: Node) -> bool:
    _visit(session, frame, node)
    target = session.prepared.programs.get(node.name)
    if target is None:
        raise _leads_nowhere(frame, node, "flow")
    called = Frame(target, frame)
    called.calls = (*frame.calls, node)
    session.stack.append(called)
    session.events.append(target.started)
    return False


def _link(session: Session, frame: Frame, node: Node) -> bool:
    """The flow ends, with those that called it, and the other one takes its place; a flow under way just goes on."""
    _visit(session, frame, node)
    target = session.prepared.programs.get(node.name)
    if target is None:
        raise _leads_nowhere(frame, node, "flow")
    root = frame.root
    ended = root.ended if root.program.is_pattern else root.program
    if frame.asks_for is None:
        complete(session, root)
    else:  # whatever the other flow does, this question is over
        session.stack.pop()
        asking = session.stack[-1]
        advance(session, asking, frame.asks_for)
        ended = None
    if any(one.root.program is target for one in session.stack):
        if ended is not None:
            follow_up(session, ended)
    elif target.is_pattern:
        session.push(target, dict(frame.context)).ended = ended
    else:
        session.interrupt()
        session.push(target)
    return False


def _set_slots(session: Session, frame: Frame, node: Node) -> bool:
    _visit(session, frame, node)
    for event in node.sets:
        session.slots[event.name] = event.value
    session.events.extend(node.sets)
    advance(session, frame, node)
    return False


def _noop(session: Session, frame: Frame, node: Node) -> bool:
    _visit(session, frame, node)
    advance(session, frame, node)
    return False


def _nowhere(session: Session, frame: Frame, node: Node) -> bool:
    raise _leads_nowhere(frame, node, "step")


_STEPS: Final = (collect, _action, _listen, _call, _link, _set_slots, _noop, _nowhere)
"""By `Kind`."""


def _leads_nowhere(frame: Frame, node: Node, what: str) -> EngineError:
    return EngineError(
        f"the step `{node.step.id}` of the flow `{frame.program.id}` leads to the {what} `{node.name}`, which does not exist.",
        where=node.step.where,
        remedy="`workbench assistant check` lists all of these.",
    )


def _endless(session: Session) -> EngineError:
    """Names the flow that most steps at the end were taken in, and the steps that came again and again."""
    latest = session.visits[-MOST_STEPS // 4 :]
    if not latest:
        flow = session.stack[-1].program.flow
        return EngineError(f"the flow `{flow.id}` ends and starts again without end.", where=flow.where)
    repeated = [visit for visit, count in Counter(latest).items() if count > 1] or latest[-1:]
    places = {node.visit: node.step.where for one in session.prepared.programs.values() for node in one.nodes}
    shown = ", ".join(f"`{flow}` {step} ({places[flow, step]})" for flow, step in repeated[:6])  # type: ignore[index]
    more = f" and {len(repeated) - 6} more" if len(repeated) > 6 else ""
    flows = [visit.flow for visit in latest]
    flow_id = Counter([flow for flow in flows if not flow.startswith(PATTERN_PREFIX)] or flows).most_common(1)[0][0]
    return EngineError(
        f"the flow `{flow_id}` never ends: after {MOST_STEPS:,} steps without a question it was still at {shown}{more}.",
        where=session.prepared.programs[flow_id].flow.where,
        remedy="Let one of these steps ask something, or lead out of the loop.",
    )
