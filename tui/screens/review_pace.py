"""How fast the reviewer is: decisions of this session, their rate, when the last was saved, how long the rest will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise

LONGEST_PAUSE_S = 60.0
"""A longer gap between two decisions counts as this much: a coffee break is not slow reading."""

FEWEST, FEWEST_FOR_ETA = 5, 20
"""Decisions from which on a rate, and what it makes of thousands that are left, mean something."""


class Pace:
    """Rate over the last forty decisions. `saved_at`: time of day of the last one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=40)
        self.session = 0
        self.saved_at = ""

    def record(self, decisions: int = 1) -> None:
        """A decision was made; one on many at once counts for the session, not for the rate."""
        self.session += decisions
        if decisions == 1:
            self._times.append(self._clock())

    def take_back(self, decisions: int = 1) -> None:
        self.session = max(0, self.session - decisions)
        if decisions == 1 and self._times:
            self._times.pop()

    @property
    def per_minute(self) -> float | None:
        """None until there are enough decisions to tell."""
        if len(self._times) < FEWEST:
            return None
        times = list(self._times)
        spent = sum(min(LONGEST_PAUSE_S, later - earlier) for earlier, later in pairwise(times))
        return (len(times) - 1) / spent * 60 if spent > 0 else None

    def eta_minutes(self, left: int) -> float | None:
        rate = self.per_minute
        return None if rate is None or len(self._times) < FEWEST_FOR_ETA else left / rate
