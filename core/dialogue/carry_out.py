"""Carries out what the clean-up left: slots are set, and flows and patterns are put on the stack in the order they run.

From the bottom: flows that are started, the first named on top; slots that are refused at once; corrections and other
repairs, the first named on top; answers (search, small talk); a cancellation. So a cancellation speaks first, an answer
goes before the next question, and what was named first runs first.
"""

from __future__ import annotations

from typing import Final

from core.commands import ChitChat, Command, HumanHandoff, KnowledgeAnswer, RepeatLastBotMessages, SkipQuestion
from core.dialogue.clean_up import Plan
from core.dialogue.events import FlowResumed
from core.dialogue.patterns import (
    push_cancellation,
    push_cannot_handle,
    push_clarification,
    push_correction,
    push_pattern,
)
from core.dialogue.session import Session
from core.dialogue.stack import Frame, drop_waiting_patterns, members
from core.dialogue.validation import push_validations

_ANSWERS: Final = (KnowledgeAnswer, ChitChat)
_PATTERNS: Final[dict[type[Command], str]] = {
    KnowledgeAnswer: "search",
    ChitChat: "chitchat",
    SkipQuestion: "skip_question",
    HumanHandoff: "human_handoff",
    RepeatLastBotMessages: "repeat_bot_messages",
}


def carry_out(session: Session, plan: Plan) -> None:
    for name, value in plan.sets.items():
        session.set(name, value)
    if plan.cannot_handle:
        push_cannot_handle(session)
        return
    if plan.starts or plan.resumes or plan.cancels:
        drop_waiting_patterns(session.stack)
    if plan.starts or plan.resumes:
        _start(session, plan)
    if plan.sets:
        push_validations(session, plan.sets)
    if plan.corrections:
        _correct(session, plan)
    last_first = plan.repairs[::-1]
    for command in sorted(last_first, key=lambda one: isinstance(one, _ANSWERS)):
        push_pattern(session, _PATTERNS[type(command)])
    if plan.clarifies is not None:
        push_clarification(session, plan.clarifies)
    if plan.cancels is not None:
        push_cancellation(session, plan.cancels)


def _start(session: Session, plan: Plan) -> None:
    if plan.cancels is None:
        session.interrupt()
    for root in reversed(plan.resumes):
        raised = members(session.stack, root)
        session.stack[:] = [*(frame for frame in session.stack if frame.root is not root), *raised]
        session.events.append(FlowResumed(root.program.id, root.last))
    session.given = frozenset(plan.sets)
    session.events.extend(program.started for program in plan.starts)
    session.stack.extend(Frame(program) for program in reversed(plan.starts))


def _correct(session: Session, plan: Plan) -> None:
    """A correction that is still waiting for an answer is replaced by the new one."""
    stack = session.stack
    while stack and stack[-1].root.program.id == "pattern_correction":
        stack.pop()
    root = next(frame.root for frame in reversed(stack) if frame.is_user_flow)
    push_correction(session, root, plan.corrections)
