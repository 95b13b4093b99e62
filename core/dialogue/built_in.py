"""The actions an assistant has without writing them: what patterns are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.dialogue.correcting import correct
from core.dialogue.endings import cancel, follow_up
from core.dialogue.events import BotUttered, ClarificationOffered, Event, SessionStarted, UserUttered
from core.dialogue.patterns import listed, push_cannot_handle, push_pattern
from core.dialogue.prepared import ROUTED
from core.dialogue.session import Session
from core.dialogue.stack import Frame, members, top_user_flow, user_flows
from core.dialogue.validation import refuse


def start_session(session: Session, frame: Frame) -> None:
    session.events.append(SessionStarted())


def restart(session: Session, frame: Frame) -> None:
    """All slots take their initial values, nothing is under way any more, and the session begins anew."""
    for name, value in list(session.slots.items()):
        initial = session.prepared.initial.get(name)
        if value != initial:
            session.set(name, initial)
    session.stack.clear()
    if "utter_restart" in session.prepared.responses:
        session.say("utter_restart", frame.context)
    push_pattern(session, "session_start")


def clean_stack(session: Session, frame: Frame) -> None:
    session.stack.clear()


def cancel_flow(session: Session, frame: Frame) -> None:
    """The flow the pattern is about, else the topmost of the user's."""
    root = frame.about or top_user_flow(session.stack)
    if root is None or root not in session.stack:
        return
    cancel(session, root)
    if frame.root is root:
        follow_up(session, root.program)
    else:
        frame.ended = root.program


def run_rejections(session: Session, frame: Frame) -> None:
    if frame.asks_for is not None and frame.asks_for.collect is not None:
        refuse(session, frame.asks_for.name, frame.asks_for.collect.rejections, frame.context)
    elif "validate" in frame.context:
        refuse(session, frame.context["validate"], (), frame.context)


def offer_flows(session: Session, frame: Frame) -> None:
    names, flows = frame.context.get("names", ()), frame.context.get("flow_ids", ())
    frame.context["clarification_options"] = listed(names)
    session.events.append(ClarificationOffered(tuple(flows), tuple(names)))


def repeat_messages(session: Session, frame: Frame) -> None:
    """The messages of the turn before, less the question that is still open: it comes again by itself."""
    messages = _messages_before_this_turn(session.events)
    if messages and any(one.is_waiting for one in session.stack):
        messages.pop()
    session.events.extend(messages)


def reset_routing(session: Session, frame: Frame) -> None:
    """The other system of an assistant with two takes over: only slots that both share are kept."""
    for name, value in list(session.slots.items()):
        slot = session.prepared.slots.get(name)
        if slot is not None and not slot.shared_for_coexistence and value != slot.initial_value and name != ROUTED:
            session.set(name, slot.initial_value)
    if session.slots.get(ROUTED) is not None:
        session.set(ROUTED, None)


def continue_interrupted(session: Session, frame: Frame) -> None:
    """The flow the user chose comes to the top, where it was not there already."""
    chosen = str(session.slots.get("interrupted_flow_to_continue") or "").strip().casefold()
    for root in user_flows(session.stack):
        if chosen in (root.program.id.casefold(), root.program.label.casefold()):
            raised = members(session.stack, root)
            session.stack[:] = [one for one in session.stack if one.root is not root and one is not frame] + [*raised, frame]
            return


def cancel_interrupted(session: Session, frame: Frame) -> None:
    for root in list(user_flows(session.stack)):
        if root.has_begun:
            cancel(session, root)
            frame.ended = root.program


def search(session: Session, frame: Frame) -> None:
    """There is nothing to search in here: searching is the matter of a policy, which the project may stub."""
    session.say("utter_no_knowledge_base", frame.context)


def chat(session: Session, frame: Frame) -> None:
    push_cannot_handle(session, "cannot_handle_chitchat")


def nothing(session: Session, frame: Frame) -> None:
    """What is done about it is outside of the conversation: hanging up, counting, handing over."""


def _messages_before_this_turn(events: list[Event]) -> list[BotUttered]:
    found: list[BotUttered] = []
    turns = 0
    for event in reversed(events):
        if isinstance(event, UserUttered):
            turns += 1
            if turns == 2:
                break
        elif isinstance(event, BotUttered) and turns == 1:
            found.append(event)
    return found[::-1]


BUILT_IN: Final[dict[str, Callable[[Session, Frame], None]]] = {
    "action_session_start": start_session,
    "action_restart": restart,
    "action_clean_stack": clean_stack,
    "action_cancel_flow": cancel_flow,
    "action_correct_flow_slot": correct,
    "action_run_slot_rejections": run_rejections,
    "action_clarify_flows": offer_flows,
    "action_repeat_bot_messages": repeat_messages,
    "action_reset_routing": reset_routing,
    "action_continue_interrupted_flow": continue_interrupted,
    "action_cancel_interrupted_flows": cancel_interrupted,
    "action_trigger_search": search,
    "action_trigger_chitchat": chat,
    "action_human_handoff": nothing,
    "action_handoff_metric": nothing,
    "action_hangup": nothing,
    "action_disconnect": nothing,
    "action_default_fallback": nothing,
}

ASKED_FIRST: Final = frozenset(
    {"action_trigger_search", "action_trigger_chitchat", "action_human_handoff", "action_hangup", "action_disconnect"}
)
"""Whoever runs custom actions is asked for these first: what they do lies outside of the assistant's files."""
