"""What changes in a conversation, and the few ways in which it changes: slots are set, messages sent, flows put on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.dialogue.actions import ActionRequest, ActionResult, Actions
from core.dialogue.events import ActionExecuted, BotUttered, Event, FlowInterrupted, SlotSet, Source
from core.dialogue.prepared import Prepared
from core.dialogue.program import Node, Program
from core.dialogue.stack import Frame, Stack, top_user_flow
from core.dialogue.turn import StepVisit

_NOTHING: Final[Mapping[str, Any]] = {}


class Session:
    """A conversation under way. `asked`: the slot it waits for; `asking`: the collect step that asks.

    `visits`, `warnings` and `given` (slots set by this message for a flow that it starts) are of the current turn.
    """

    __slots__ = (
        *("actions", "asked", "asking", "events", "given", "message", "prepared", "slots", "stack", "visits", "warnings"),
    )

    def __init__(self, prepared: Prepared, actions: Actions) -> None:
        self.prepared = prepared
        self.actions = actions
        self.slots: dict[str, Any] = dict(prepared.initial)
        self.events: list[Event] = []
        self.stack: Stack = []
        self.visits: list[StepVisit] = []
        self.warnings: list[str] = []
        self.given: frozenset[str] = frozenset()
        self.message = ""
        self.asked: str | None = None
        self.asking: Node | None = None

    def set(self, name: str, value: Any, source: Source = "engine") -> None:
        self.slots[name] = value
        self.events.append(SlotSet(name, value, source))

    def say(self, name: str, context: Mapping[str, Any], variables: Mapping[str, Any] = _NOTHING) -> None:
        """Use a response. One that is missing is a warning: the rest of the conversation can still be looked at."""
        message = self.prepared.responses.say(name, self.slots, context, self.warnings, variables)
        if message is None:
            self.warnings.append(f"there is no response `{name}`")
            message = BotUttered(None, name)
        self.events.append(ActionExecuted(name))
        self.events.append(message)

    def push(self, program: Program, context: dict[str, Any] | None = None) -> Frame:
        """Put a flow on top; it runs when it is its turn."""
        frame = Frame(program, None, context)
        self.stack.append(frame)
        self.events.append(program.started)
        return frame

    def interrupt(self) -> None:
        """What is under way is about to be put aside for another flow."""
        running = top_user_flow(self.stack)
        if running is not None and running.has_begun:
            self.events.append(FlowInterrupted(running.program.id, running.last))

    def run_custom(self, name: str, frame: Frame) -> ActionResult | None:
        """Ask the sources of custom actions to run one; what it sets and says happens. None if no source knows it.

        Raises:
            ActionError: a source knows the action and it failed.
        """
        step = frame.node.step.id if frame.node is not None else None
        done = self.actions.run(ActionRequest(name, self.slots, self.events, self.message, frame.program.id, step))
        if done is None:
            return None
        self.events.append(ActionExecuted(name, done.source))
        self.events.extend([self._completed(message, frame.context) for message in done.messages])
        for slot, value in done.slots:
            self.set(slot, value, done.source)
        return done

    def _completed(self, message: BotUttered, context: Mapping[str, Any]) -> BotUttered:
        """An action may only name a response, with buttons of its own: its text is the domain's."""
        if message.utter is None or message.text is not None:
            return message
        response = self.prepared.responses.say(message.utter, self.slots, context, self.warnings)
        if response is None:
            self.warnings.append(f"there is no response `{message.utter}`")
            return message
        return BotUttered(response.text, message.utter, message.buttons or response.buttons, message.source)
