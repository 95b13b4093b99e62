"""The kinds of commands, as histograms name them, and which of them an assistant can use."""

from __future__ import annotations

from typing import Final

from core.assistant.models import PATTERN_PREFIX, Assistant, Collect, Flow
from core.commands import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    ContinueAgent,
    Dialect,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    RestartAgent,
    SetSlot,
    SkipQuestion,
    StartFlow,
)
from core.coverage.steps import all_steps, user_flows
from core.dialogue.compat import Compat

NAMES: Final[dict[type[Command], str]] = {
    CancelFlow: "cancel flow",
    ChitChat: "chitchat",
    Clarify: "clarify",
    ContinueAgent: "continue agent",
    HumanHandoff: "human handoff",
    KnowledgeAnswer: "knowledge",
    RepeatLastBotMessages: "repeat bot messages",
    RestartAgent: "restart agent",
    SetSlot: "set slot",
    SkipQuestion: "skip question",
    StartFlow: "start flow",
}
"""As Rasa's trackers name them; the database does too (core.commands.serialise)."""

ALWAYS_SHOWN: Final = (
    "cancel flow",
    "chitchat",
    "clarify",
    "human handoff",
    "knowledge",
    "set slot",
    "skip question",
    "start flow",
)
"""What the histogram of the reference shows even where nothing was counted (observed in a published one)."""

_REPAIRS: Final[dict[str, str]] = {
    "chitchat": f"{PATTERN_PREFIX}chitchat",
    "human handoff": f"{PATTERN_PREFIX}human_handoff",
    "knowledge": f"{PATTERN_PREFIX}search",
    "repeat bot messages": f"{PATTERN_PREFIX}repeat_bot_messages",
}


def name_of(command: Command) -> str:
    return NAMES[type(command)]


def usable_commands(assistant: Assistant, dialect: Dialect, compat: Compat) -> dict[str, str]:
    """Every kind of command with why this assistant cannot use it, empty where it can.

    A repair such as small talk counts as usable if the project says, in a pattern flow of its own, what to do then:
    an assistant that leaves it to the built-in answer need not test it.
    """
    flows = user_flows(assistant)
    startable = [flow for flow in flows if can_be_started(flow)]
    why_not = dict.fromkeys(sorted(NAMES.values()), "")
    if not startable:
        why_not["start flow"] = "no flow can be started by a message"
    if not any(_asks_the_user(assistant, flow) for flow in flows):
        why_not["set slot"] = "no flow collects a slot that a message fills"
    if not any(isinstance(step, Collect) for flow in flows for step, _ in all_steps(flow.steps)):
        why_not["cancel flow"] = why_not["skip question"] = "no flow asks anything"
    if len(startable) < 2:
        why_not["clarify"] = "there is only one flow"
    for name, pattern in _REPAIRS.items():
        if pattern not in assistant.flows:
            why_not[name] = f"the project has no {pattern}"
    if dialect is Dialect.V3:
        why_not["chitchat"] = "not in dialect v3"
    if dialect is Dialect.V3 or not compat.has_handoff:
        why_not["human handoff"] = "not in dialect v3" if dialect is Dialect.V3 else f"not in version {compat.version}"
    if dialect is not Dialect.V1:
        why_not["skip question"] = f"not in dialect {dialect}"
    for name in ("continue agent", "restart agent"):
        why_not[name] = "the assistant has no agents"
    return why_not


def can_be_started(flow: Flow) -> bool:
    """Whether a StartFlow can ever start it: a guard that is always false leaves call and link only."""
    return flow.guard is None or flow.guard.text.strip().lower() != "false"


def _asks_the_user(assistant: Assistant, flow: Flow) -> bool:
    return any(
        isinstance(step, Collect) and (slot := assistant.slots.get(step.slot)) is not None and slot.filled_by_llm
        for step, _ in all_steps(flow.steps)
    )
