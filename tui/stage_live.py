"""What the app and the process of a stage tell each other. Without Textual: the process needs none of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.llm.meter import MeterReading
from core.stages.models import Estimate, StageName, StageReport

StageState = Literal["running", "paused", "stopping", "ended"]

Order = Literal["pause", "resume", "stop", "end"]
"""`stop`: when the answers on their way have come; `end`: at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """How far the process is. `what` it does at the moment; `done` and `total` count items, 0 of 0 before it knows."""

    what: str = "starting"
    done: int = 0
    total: int = 0
    reading: MeterReading = field(default_factory=MeterReading)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last that a process tells. `report`: None if it was ended at once or failed with `error`."""

    report: StageReport | None = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class StageLive:
    """The running stage as it is shown, or how the last one stood when it ended."""

    stage: StageName
    estimate: Estimate
    told: Told = field(default_factory=Told)
    state: StageState = "running"

    @property
    def reading(self) -> MeterReading:
        return self.told.reading

    @property
    def eta(self) -> float | None:
        """Seconds, from the calls that were missing at the start; those of votes and further rounds are not known then."""
        left = self.estimate.missing - self.reading.answered - self.reading.failed
        return self.reading.eta(left if left > 0 else max(0, self.told.total - self.told.done))
