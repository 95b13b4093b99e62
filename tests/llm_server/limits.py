"""A server's limit of requests per minute: a bucket that refills steadily, told in the headers that OpenAI sends or not."""

from __future__ import annotations

import time
from collections.abc import Callable


class RateLimit:
    """`burst`: how many may come at once after a rest, one second's worth if not given. `tell`: send the headers."""

    def __init__(
        self, per_minute: int, *, burst: int | None = None, tell: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self.per_minute = per_minute
        self.burst = burst or max(1, per_minute // 60)
        self.refused = 0
        self._clock = clock
        self._level, self._at = float(self.burst), clock()

    def take(self) -> bool:
        """Whether one more request is within the limit."""
        now = self._clock()
        self._level = min(self.burst, self._level + (now - self._at) * self.per_minute / 60)
        self._at = now
        if self._level < 1:
            self.refused += 1
            return False
        self._level -= 1
        return True

    def headers(self) -> dict[str, str]:
        if not self._tell:
            return {}
        until_full = (self.per_minute - self._level) * 60 / self.per_minute
        return {
            "x-ratelimit-limit-requests": str(self.per_minute),
            "x-ratelimit-remaining-requests": str(int(self._level)),
            "x-ratelimit-reset-requests": f"{int(until_full * 1000)}ms",
        }
