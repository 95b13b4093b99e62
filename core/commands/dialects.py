"""The vocabulary of the three dialects: which commands exist in which, and by what words.

| command               | V1                        | V2                       | V3                |
| --------------------- | ------------------------- | ------------------------ | ----------------- |
| StartFlow             | `StartFlow(flow)`         | `start flow flow`        | same              |
| SetSlot               | `SetSlot(slot, value)`    | `set slot slot value`    | same              |
| Clarify               | `Clarify(f1, f2)`         | `disambiguate flows f1 f2` | same            |
| CancelFlow            | `CancelFlow()`            | `cancel flow`            | same              |
| SkipQuestion          | `SkipQuestion()`          | –                        | –                 |
| KnowledgeAnswer       | `SearchAndReply()`        | `provide info`           | `search and reply` |
| ChitChat              | `ChitChat()`              | `offtopic reply`         | –                 |
| HumanHandoff          | `HumanHandoff()`          | `hand over`              | –                 |
| RepeatLastBotMessages | `RepeatLastBotMessages()` | `repeat message`         | same              |
| ContinueAgent         | –                         | `continue agent`         | same              |
| RestartAgent          | –                         | `restart agent name`     | same              |

Source: Rasa command reference ("LLM command generators") and the command table of "Dialogue understanding tests".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.commands.models import (
    CancelFlow,
    ChitChat,
    Command,
    ContinueAgent,
    Dialect,
    HumanHandoff,
    KnowledgeAnswer,
    RepeatLastBotMessages,
    SkipQuestion,
)

_SHARED_PHRASES: Final[Mapping[Command, str]] = {
    CancelFlow(): "cancel flow",
    RepeatLastBotMessages(): "repeat message",
    ContinueAgent(): "continue agent",
}

# The commands without arguments; those with arguments have their grammar in the parsers and the printer.
BARE_COMMANDS: Final[Mapping[Dialect, Mapping[Command, str]]] = MappingProxyType(
    {
        Dialect.V1: {
            CancelFlow(): "CancelFlow",
            SkipQuestion(): "SkipQuestion",
            KnowledgeAnswer(): "SearchAndReply",
            ChitChat(): "ChitChat",
            HumanHandoff(): "HumanHandoff",
            RepeatLastBotMessages(): "RepeatLastBotMessages",
        },
        Dialect.V2: {
            **_SHARED_PHRASES,
            KnowledgeAnswer(): "provide info",
            ChitChat(): "offtopic reply",
            HumanHandoff(): "hand over",
        },
        Dialect.V3: {**_SHARED_PHRASES, KnowledgeAnswer(): "search and reply"},
    }
)
