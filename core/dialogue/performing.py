"""Performs an action by its name: a response, a built-in action, or a custom one."""

from __future__ import annotations

from typing import Final

from core.dialogue.actions import ActionResult
from core.dialogue.built_in import ASKED_FIRST, BUILT_IN
from core.dialogue.events import ActionExecuted
from core.dialogue.session import Session
from core.dialogue.stack import Frame
from core.dialogue.templates import filled
from core.dialogue.validation import push_validations
from core.errors import ActionError, Location

_MOST_FOLLOWUPS: Final = 20


def perform(session: Session, frame: Frame, name: str) -> None:
    """Run an action, and what it asks to be run next.

    Raises:
        ActionError: nothing can run it, or it failed.
    """
    first = name
    for _ in range(_MOST_FOLLOWUPS):
        done = _perform_one(session, frame, name)
        if done is None or done.followup is None:
            return
        name = done.followup
    raise ActionError(
        f"the action `{first}` is followed by more than {_MOST_FOLLOWUPS} others, at last by `{name}`.",
        where=_where(frame),
        remedy="Look for actions that name each other as the next one.",
    )


def perform_template(session: Session, frame: Frame, template: str) -> None:
    """Run an action whose name has `{{context.…}}` in it.

    Patterns name this way what a slot may have or not: what the assistant does not declare is passed over, and so is the
    validation of an empty slot. Of a response and an action that ask for the same slot, the action is preferred, unless
    the step names the response.
    """
    context, prepared = frame.context, session.prepared
    name = filled(template, context)
    response = context.get("utter", context.get("refill_utter"))
    action = context.get("collect_action", context.get("refill_action"))
    has_action = action in prepared.actions and context.get("is_default_utter", True)
    if name == response:
        if not has_action:
            session.say(name, context)
    elif name == action:
        if has_action:
            perform(session, frame, name)
    elif frame.asks_for is not None and name == f"validate_{frame.asks_for.name}":
        if frame.asks_for.name in prepared.validated and session.slots.get(frame.asks_for.name) is not None:
            perform(session, frame, name)
    elif name in prepared.actions or name in prepared.responses:
        perform(session, frame, name)


def _perform_one(session: Session, frame: Frame, name: str) -> ActionResult | None:
    prepared = session.prepared
    built_in = BUILT_IN.get(name)
    is_declared = name in prepared.actions
    if built_in is None and not is_declared and (name in prepared.responses or name.startswith("utter_")):
        session.say(name, frame.context)
        return None
    if built_in is None or is_declared or name in ASKED_FIRST:
        done = session.run_custom(name, frame)
        if done is not None:
            push_validations(session, (slot for slot, _ in done.slots))
            return done
    if built_in is None:
        raise ActionError(
            f"nothing can run the action `{name}` of the flow `{frame.program.id}`.",
            where=_where(frame),
            remedy="Give it a stub in the test file (`stub_custom_actions`), start the assistant's action server, "
            "or let the test's own bot and slot steps stand for it.",
        )
    session.events.append(ActionExecuted(name))
    built_in(session, frame)
    return None


def _where(frame: Frame) -> Location:
    return frame.program.flow.where if frame.node is None else frame.node.step.where
