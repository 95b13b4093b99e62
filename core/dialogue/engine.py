"""A conversation with an assistant, in this process: deterministic, without a model and without a licence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.models import Assistant, Flow, Slot
from core.commands import Command, SetSlot
from core.dialogue.actions import Actions
from core.dialogue.carry_out import carry_out
from core.dialogue.clean_up import Plan, clean_up
from core.dialogue.compat import Compat
from core.dialogue.events import Event, UserUttered
from core.dialogue.executor import run
from core.dialogue.patterns import push_cannot_handle, push_internal_error, push_pattern
from core.dialogue.payloads import Intent, read_payload
from core.dialogue.prepared import ROUTED, Prepared
from core.dialogue.responses import Responses
from core.dialogue.session import Session
from core.dialogue.stack import drop_waiting_patterns, shown
from core.dialogue.turn import Dropped, State, Turn


class Engine:
    """An assistant ready to converse: its flows compiled once, shared by all conversations (read-only, so threads may)."""

    def __init__(self, assistant: Assistant, compat: Compat) -> None:
        self._prepared = Prepared(assistant, compat)

    @property
    def assistant(self) -> Assistant:
        return self._prepared.assistant

    @property
    def compat(self) -> Compat:
        return self._prepared.compat

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The assistant's, and the default patterns it does not override."""
        return self._prepared.flows

    @property
    def slots(self) -> Mapping[str, Slot]:
        """The assistant's, and those of default patterns."""
        return self._prepared.slots

    @property
    def responses(self) -> Responses:
        """The assistant's, and the default ones it does not override."""
        return self._prepared.responses

    def conversation(self, actions: Actions) -> Conversation:
        """A fresh conversation with the slots at their initial values; `begin` starts it."""
        return Conversation(Session(self._prepared, actions))

    def is_button(self, text: str) -> bool:
        """Whether a message is a payload, which no command generator sees."""
        return _payload(self._prepared, text) is not None


class Conversation:
    """One conversation. Not for several threads at once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def slots(self) -> Mapping[str, Any]:
        return self._session.slots

    def begin(self, slots: Mapping[str, Any]) -> tuple[Event, ...]:
        """Runs the session start pattern, then sets these slots (a test's fixtures).

        Raises:
            EngineError, ActionError: as `say`.
        """
        session = self._session
        start = len(session.events)
        push_pattern(session, "session_start")
        run(session)
        for name, value in slots.items():
            session.set(name, value, "test")
        return tuple(session.events[start:])

    def state(self, text: str) -> State:
        """The state in which a command source sees this message: nothing is changed by asking."""
        session = self._session
        message, initial = UserUttered(text), session.prepared.initial
        return State(shown(session.stack), session.asked, None, session.events, message=message, initial=initial)

    def say(self, text: str, commands: Sequence[Command]) -> Turn:
        """Carries out the commands found for a message (none are needed for a button's payload).

        Raises:
            EngineError: a flow that never ends, named with its steps.
            ActionError: a custom action failed, or nothing can run it.
        After an error the conversation is over.
        """
        session = self._session
        before = self.state(text)
        start = len(session.events)
        session.events.append(UserUttered(text))
        session.message = text
        session.visits, session.warnings, session.given = [], [], frozenset()
        if ROUTED in session.slots and session.slots[ROUTED] is None:
            session.set(ROUTED, True)
        given, plan, is_button = self._understand(text, tuple(commands))
        run(session)
        return Turn(
            text,
            before,
            given,
            tuple(plan.processed),
            tuple(plan.dropped),
            tuple(session.events[start:]),
            tuple(session.visits),
            is_button,
            tuple(session.warnings),
        )

    def _understand(self, text: str, commands: tuple[Command, ...]) -> tuple[tuple[Command, ...], Plan, bool]:
        """Puts on the stack what the message leads to; the commands it stands for, and whether it is a button's."""
        session = self._session
        payload = _payload(session.prepared, text)
        if isinstance(payload, Intent):
            return commands, self._obey_intent(payload, commands), True
        if payload is not None:
            plan = clean_up(session, payload, is_button=True)
            plan.dropped += [Dropped(command, "the message is a button's payload") for command in commands]
            if plan.processed:
                carry_out(session, plan)
            return payload, plan, True
        error = _input_error(session.prepared, text)
        if error is not None:
            push_internal_error(session, error)
            reason = "the message is empty" if error == "user_input_empty" else "the message is too long"
            return commands, Plan(dropped=[Dropped(command, reason, "internal error") for command in commands]), False
        plan = clean_up(session, commands)
        carry_out(session, plan)
        return commands, plan, False

    def _obey_intent(self, intent: Intent, commands: tuple[Command, ...]) -> Plan:
        """An intent starts the flow that names it as its trigger; what else intents do is outside of flows."""
        session = self._session
        for name, value in intent.entities:
            if name in session.prepared.from_entities:
                session.set(name, value)
        program = session.prepared.triggers.get(intent.name)
        if program is not None:
            if program.is_pattern:
                session.push(program)
            elif all(frame.root.program is not program for frame in session.stack):
                drop_waiting_patterns(session.stack)
                session.interrupt()
                session.push(program)
            return Plan(dropped=[Dropped(command, f"the intent `{intent.name}` starts a flow") for command in commands])
        if commands:
            plan = clean_up(session, commands)
            carry_out(session, plan)
            return plan
        session.warnings.append(f"the intent `{intent.name}` starts no flow: what else it does needs an NLU pipeline")
        push_cannot_handle(session)
        return Plan()


def _payload(prepared: Prepared, text: str) -> tuple[SetSlot, ...] | Intent | None:
    """An intent that the assistant does not have is plain text (changelog 3.10.0)."""
    payload = read_payload(text)
    return None if isinstance(payload, Intent) and payload.name not in prepared.intents else payload


def _input_error(prepared: Prepared, text: str) -> str | None:
    if len(text) > prepared.most_characters:
        return "user_input_too_long"
    return None if text and not text.isspace() else "user_input_empty"
