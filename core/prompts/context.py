"""What a prompt template needs to know about one user message, apart from the template itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.conversations.models import ContextFlow, ContextSlot, TestContext
from core.prompts.recorded import decode_variable, encode_variable

Speaker = Literal["USER", "AI"]

UNSET = "undefined"
"""What a prompt shows as the value of a slot that is not filled."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the history, without line breaks if the assistant wrote it as Rasa does."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class PromptContext:
    """Everything a template prints for one user message.

    `variables` carry Rasa's names (available_flows, flow_slots, current_flow, …) without the two texts: the history,
    whose last USER line is the current message, and `user_message`.
    """

    variables: dict[str, Any]
    history: tuple[Line, ...]
    user_message: str

    def template_variables(self) -> dict[str, Any]:
        texts = {"current_conversation": conversation_text(self.history), "user_message": self.user_message}
        return {**self.variables, **texts}

    def to_json(self) -> str:
        """Compact JSON; keys keep their order, because a template may print a dict."""
        data = {
            "variables": {name: encode_variable(value) for name, value in self.variables.items()},
            "history": [[line.speaker, line.text] for line in self.history],
            "user_message": self.user_message,
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> PromptContext:
        data = json.loads(text)
        return cls(
            variables={name: decode_variable(value) for name, value in data["variables"].items()},
            history=tuple(Line(speaker, said) for speaker, said in data["history"]),
            user_message=data["user_message"],
        )


def one_line(text: str) -> str:
    """A message as a prompt shows it: every line break is one space."""
    return _LINE_BREAK.sub(" ", text) if "\n" in text or "\r" in text else text


def conversation_text(history: Iterable[Line]) -> str:
    """`current_conversation`: one line per message. If this message is the first, the text begins with a line break."""
    lines = [f"{line.speaker}: {line.text}" for line in history]
    return ("\n" if len(lines) == 1 else "") + "\n".join(lines)


def parse_conversation(text: str) -> tuple[Line, ...] | None:
    """The lines of a `current_conversation`, or None if `conversation_text` would not give the same text again.

    A line that names no speaker continues the message before it.
    """
    lines: list[Line] = []
    for raw in text.removeprefix("\n").split("\n"):
        speaker, colon, said = raw.partition(": ")
        if colon and speaker == "USER":
            lines.append(Line("USER", said))
        elif colon and speaker == "AI":
            lines.append(Line("AI", said))
        elif lines:
            lines[-1] = Line(lines[-1].speaker, f"{lines[-1].text}\n{raw}")
        else:
            return None
    history = tuple(lines)
    return history if conversation_text(history) == text else None


def build_context(flows: tuple[ContextFlow, ...], test: TestContext, user_step: int) -> PromptContext:
    """The context of a test's user step (1-based), from a hand-written description of its dialogue states."""
    if not 1 <= user_step <= len(test.steps):
        raise ValueError(f"{test.file}::{test.name} has {len(test.steps)} user steps, there is no step {user_step}")
    step = test.steps[user_step - 1]
    history: list[Line] = []
    for earlier in test.steps[: user_step - 1]:
        history.append(Line("USER", one_line(earlier.user)))
        history.extend(Line("AI", one_line(reply)) for reply in earlier.replies)
    message = one_line(step.user)
    history.append(Line("USER", message))

    active = next((flow for flow in flows if flow.name == step.active_flow), None)
    asked = _find_slot(step.asked_slot, active, flows)
    variables = {
        "available_flows": [
            {
                "name": flow.name,
                "description": flow.description,
                "slots": [_listed(slot) for slot in flow.slots if not slot.ask_before_filling],
            }
            for flow in flows
        ],
        "flow_slots": [
            {**_listed(slot), "value": _value(step.slots.get(slot.name)), "type": slot.type}
            for slot in (active.slots if active else ())
            if not slot.ask_before_filling or slot.name == step.asked_slot
        ],
        "current_flow": step.active_flow,
        "current_slot": step.asked_slot,
        "current_slot_description": asked.description if asked else None,
        "current_slot_type": asked.type if asked else None,
        "current_slot_allowed_values": _allowed_values(asked) if asked else None,
    }
    return PromptContext(variables, tuple(history), message)


def _find_slot(name: str | None, active: ContextFlow | None, flows: tuple[ContextFlow, ...]) -> ContextSlot | None:
    """The asked slot: the active flow's own, else (a called flow asks) that of the first flow listing it."""
    for flow in (active, *flows) if active else flows:
        for slot in flow.slots:
            if slot.name == name:
                return slot
    return None


def _listed(slot: ContextSlot) -> dict[str, Any]:
    return {"name": slot.name, "description": slot.description, "allowed_values": _allowed_values(slot)}


def _value(value: Any) -> Any:
    return UNSET if value is None else value


def _allowed_values(slot: ContextSlot) -> list[str | bool] | None:
    if not slot.allowed_values and slot.type == "bool":
        return [True, False]
    return list(slot.allowed_values) or None
