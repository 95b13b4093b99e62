"""Limits per minute kept smoothly: requests go out at even distances instead of all at the start of each minute."""

from __future__ import annotations

from typing import Final

_MARGIN: Final = 0.985
"""Of the limit that is used: timers and networks shift requests, and one too many in a server's minute is refused."""
_CATCH_UP: Final = 0.25
"""Seconds' worth that may be made up for at once after a late timer."""


class Rate:
    """A limit of so many units (requests, tokens) per minute. Times are those of `time.monotonic`.

    The generic cell rate algorithm: the time at which the next unit is due moves on with each that is taken.
    """

    def __init__(self, per_minute: float) -> None:
        self._seconds_each = 60 / (per_minute * _MARGIN)
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next may go, 0 if at once."""
        return max(0.0, self._due - _CATCH_UP - now)

    def take(self, units: float, now: float) -> None:
        """One that is larger than the limit passes too, and those after it wait for its time."""
        self._due = max(self._due, now) + units * self._seconds_each

    def correct(self, units: float) -> None:
        """`units` more (or, negative, fewer) were used than was taken."""
        self._due += units * self._seconds_each
