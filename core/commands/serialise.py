"""Commands as JSON text for the database.

    [["start flow","pay"],["set slot","amount","50"],["set slot","note",null],["clarify","a","b"],["cancel flow"]]

The first entry of each list names the command in the manner of Rasa's trackers, whatever the dialect. The text is
canonical: equal lists of commands give equal text, so it can be compared and hashed; every list comes back equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from core.commands.models import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    CommandError,
    ContinueAgent,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    RestartAgent,
    SetSlot,
    SkipQuestion,
    StartFlow,
)

_BARE: Final[dict[str, Command]] = {
    "cancel flow": CancelFlow(),
    "skip question": SkipQuestion(),
    "knowledge": KnowledgeAnswer(),
    "chitchat": ChitChat(),
    "human handoff": HumanHandoff(),
    "repeat bot messages": RepeatLastBotMessages(),
    "continue agent": ContinueAgent(),
}
_WORDS: Final = {command: words for words, command in _BARE.items()}
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_json(commands: Iterable[Command]) -> str:
    """The commands as compact JSON that is valid UTF-8 even where a model wrote half a character."""
    text = json.dumps([_to_row(command) for command in commands], ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def from_json(text: str) -> tuple[Command, ...]:
    """The commands that `to_json` wrote. Raises `CommandError` for anything else."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"Stored commands are not JSON: {error}.") from error
    if not isinstance(rows, list):
        raise CommandError(f"Stored commands must be a list, not {text[:80]!r}.")
    return tuple(_from_row(row) for row in rows)


def _to_row(command: Command) -> list[str | None]:
    match command:
        case StartFlow(flow):
            return ["start flow", flow]
        case SetSlot(name, value):
            return ["set slot", name, value]
        case Clarify(flows):
            return ["clarify", *flows]
        case RestartAgent(agent):
            return ["restart agent", agent]
        case _:
            return [_WORDS[command]]


def _from_row(row: object) -> Command:
    match row:
        case ["start flow", str(flow)]:
            return StartFlow(flow)
        case ["set slot", str(name), str() | None as value]:
            return SetSlot(name, value)
        case ["clarify", *flows] if all(isinstance(flow, str) for flow in flows):
            return Clarify(tuple(str(flow) for flow in flows))
        case ["restart agent", str(agent)]:
            return RestartAgent(agent)
        case [str(words)] if words in _BARE:
            return _BARE[words]
    raise CommandError(f"Stored command {json.dumps(row)[:120]} is not known.", remedy="Was it written by a newer version?")
