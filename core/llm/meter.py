"""What a run has asked, got and spent so far: read by the command line and the app several times a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.llm.models import Usage

_RECENT: Final = 30.0
"""Seconds over which the rate is taken."""
_STEP: Final = 0.5
"""Seconds in which answers are counted together."""


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


class Meter:
    """Counts on the event loop of a run; may be read from any thread, one number at a time being exact."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.answered = self.stored = self.failed = self.retries = 0
        self.prompt_tokens = self.completion_tokens = self.cached_tokens = 0
        self.cost: float | None = None
        self._clock = clock
        self._started: float | None = None
        self._recent: deque[tuple[float, int]] = deque()

    def asked(self) -> None:
        """A question was sent for the first time; the clock runs from the first of all."""
        if self._started is None:
            self._started = self._clock()

    def got(self, usage: Usage | None, cost: float | None, *, answered: bool) -> None:
        """A call ended, for good. Tokens and money of failures count too."""
        if answered:
            self.answered += 1
            self._count()
        else:
            self.failed += 1
        if usage is not None:
            self.prompt_tokens += usage.prompt_tokens
            self.completion_tokens += usage.completion_tokens
            self.cached_tokens += usage.cached_tokens
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost

    @property
    def elapsed(self) -> float:
        """Seconds since the first question."""
        return 0.0 if self._started is None else self._clock() - self._started

    @property
    def rate(self) -> float:
        """Answers a second over the last half minute, or since the first question."""
        now = self._clock()
        recent = [(at, count) for at, count in tuple(self._recent) if at > now - _RECENT]
        span = min(_RECENT, self.elapsed)
        return sum(count for _, count in recent) / span if span > 0 else 0.0

    def _count(self) -> None:
        now = self._clock()
        if self._recent and now - self._recent[-1][0] < _STEP:
            at, count = self._recent[-1]
            self._recent[-1] = (at, count + 1)
            return
        self._recent.append((now, 1))
        while self._recent[0][0] <= now - _RECENT - _STEP:
            self._recent.popleft()
