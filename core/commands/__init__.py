"""Commands: what they are, reading and writing the three dialects, comparing and storing them."""

from core.commands.compare import Difference, Mode, SlotKind, difference, normalise, same_commands
from core.commands.models import (
    CancelFlow,
    ChitChat,
    Clarify,
    Command,
    CommandError,
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
from core.commands.parse import detect_dialect, parse, parse_any
from core.commands.printing import describe, to_lines, to_text
from core.commands.result import Leftover, ParsedCommand, ParseResult
from core.commands.serialise import from_json, to_json

__all__ = [
    "CancelFlow",
    "ChitChat",
    "Clarify",
    "Command",
    "CommandError",
    "ContinueAgent",
    "Dialect",
    "Difference",
    "HumanHandoff",
    "KnowledgeAnswer",
    "Leftover",
    "Mode",
    "ParseResult",
    "ParsedCommand",
    "RepeatLastBotMessages",
    "RestartAgent",
    "SetSlot",
    "SkipQuestion",
    "SlotKind",
    "StartFlow",
    "describe",
    "detect_dialect",
    "difference",
    "from_json",
    "normalise",
    "parse",
    "parse_any",
    "same_commands",
    "to_json",
    "to_lines",
    "to_text",
]
