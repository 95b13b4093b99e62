"""Facts that screens and threads tell the app.

Plain dataclasses: Textual writes routing fields into every message it delivers.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from core.stages.models import StageReport
from review.orders import Order
from tui.stage_live import StageLive
from tui.team_live import TeamOutcome, Work


@dataclass
class OpenConversation(Message):
    """The user wants to read a whole conversation."""

    conversation_id: int


@dataclass
class OrderChosen(Message):
    """The queue is to be reviewed in this order, from now on."""

    order: Order


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


@dataclass
class TeamTicked(Message):
    """The work with the team's server is further. A newer message replaces one that waits still."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, TeamTicked)


@dataclass
class TeamEnded(Message):
    """`outcome`: None if it failed with `error`. `automatic`: nobody had asked for it."""

    work: Work
    automatic: bool = False
    outcome: TeamOutcome | None = None
    error: Exception | None = None
