"""Facts that screens and threads tell the app.

Plain dataclasses: Textual writes routing fields into every message it delivers.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from core.stages.models import StageReport
from tui.stage_live import StageLive


@dataclass
class OpenConversation(Message):
    """The user wants to read a whole conversation."""

    conversation_id: int


@dataclass
class StageTicked(Message):
    """The numbers of the running stage. A newer message replaces one that waits still."""

    live: StageLive

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, StageTicked)


@dataclass
class StageEnded(Message):
    """`report`: None if the stage was ended at once or failed with `error`."""

    live: StageLive
    report: StageReport | None = None
    error: BaseException | None = None
