"""Puts repair patterns on the stack, each with the context that its steps, conditions and responses read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.assistant.models import Slot
from core.dialogue.program import Program
from core.dialogue.session import Session
from core.dialogue.stack import Frame, user_flows

MOST_OPTIONS: Final = "max_clarification_options"
"""The slot by which a project says how many flows a clarification offers."""


def push_pattern(session: Session, name: str, context: dict[str, Any] | None = None) -> Frame:
    """`name` without the prefix that all patterns have."""
    return session.push(session.prepared.programs[f"pattern_{name}"], context)


def push_cannot_handle(session: Session, reason: str = "cannot_handle_default") -> None:
    push_pattern(session, "cannot_handle", {"reason": reason})


def push_internal_error(session: Session, error: str) -> None:
    """`error`: the end of the error type, `user_input_too_long` or `user_input_empty`."""
    info = {"max_characters": session.prepared.most_characters}
    push_pattern(session, "internal_error", {"error_type": f"rasa_internal_error_{error}", "info": info})


def push_cancellation(session: Session, root: Frame) -> None:
    frame = push_pattern(session, "cancel_flow", {"canceled_name": root.program.label, "canceled_frames": [root.program.id]})
    frame.about = root


def push_correction(session: Session, root: Frame, corrected: Mapping[str, Any]) -> None:
    program = root.program
    context = {
        "corrected_slots": dict(corrected),
        "new_slot_values": list(corrected.values()),
        "is_reset_only": program.asked_anew.issuperset(corrected),
        "reset_flow_id": program.id,
        "reset_step_id": next((place[-1].step.id for place in root.places if place[-1].name in corrected), None),
    }
    push_pattern(session, "correction", context).about = root


def push_clarification(session: Session, programs: Sequence[Program]) -> None:
    if session.prepared.compat.clarify_is_limited:
        wanted = session.slots.get(MOST_OPTIONS)
        programs = programs[: int(wanted) if isinstance(wanted, int | float) else 3]
    names = [program.label for program in programs]
    flows = [program.id for program in programs]
    push_pattern(session, "clarification", {"names": names, "flow_ids": flows, "clarification_options": ""})


def push_validation(session: Session, slot: Slot) -> None:
    """A value of this slot was refused as soon as it was set."""
    context = {
        "validate": slot.name,
        "refill_utter": slot.refill_utter or f"utter_ask_{slot.name}",
        "refill_action": f"action_ask_{slot.name}",
        "rejections": [],
    }
    push_pattern(session, "validate_slot", context)


def push_completed(session: Session, ended: Program) -> None:
    push_pattern(session, "completed", {"previous_flow_name": ended.label})


def push_resumption(session: Session) -> None:
    """The flow on top was interrupted and is about to go on."""
    interrupted = [frame.program for frame in user_flows(session.stack) if frame.has_begun]
    names = [program.label for program in interrupted]
    context = {
        "previous_flow_name": names[0],
        "interrupted_flow_names": names,
        "interrupted_flow_ids": [program.id for program in interrupted],
        "interrupted_flow_options": listed(names),
        "multiple_flows_interrupted": len(names) > 1,
    }
    push_pattern(session, "continue_interrupted", context)


def listed(names: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
