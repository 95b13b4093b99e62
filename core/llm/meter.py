"""What a run has asked, got and spent so far: read by the command line and the app several times a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeterReading:
    """`answered`: new answers of this run; `stored`: answers that were there already and cost nothing.

    `retries`: attempts beyond the first. `rate`: answers per second over the last half minute. `waiting`: why questions are
    held back at the moment ("600 requests/min", "paused", "429: waits 12 s"), empty if they are not. `limit`: how many may
    be in flight at present. `cost` is None until an answer with a price came.
    """

    answered: int = 0
    stored: int = 0
    failed: int = 0
    retries: int = 0
    in_flight: int = 0
    limit: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    currency: str = "USD"
    rate: float = 0.0
    elapsed: float = 0.0
    waiting: str = ""

    def eta(self, calls_left: int) -> float | None:
        """Seconds for so many further calls at the present rate, None while there is no rate."""
        return calls_left / self.rate if self.rate > 0 else None
