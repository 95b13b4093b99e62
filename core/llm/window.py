"""How many questions are in flight: fast up from a few, half at a sign of overload, then slowly up again."""

from __future__ import annotations

from typing import Final

_START: Final = 16
_DECREASE: Final = 0.6


class Window:
    """Additive increase, multiplicative decrease, as TCP does it. Times are those of `time.monotonic`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = float(min(most, _START))
        self._threshold = float("inf")
        self._last_decrease = float("-inf")

    @property
    def size(self) -> int:
        return int(self._size)

    def answered(self, in_flight: int) -> None:
        """An answer came. Grows only where the window was what held questions back."""
        if self._size >= self._most or in_flight < 0.8 * self._size:
            return
        step = 1.0 if self._size < self._threshold else 1 / self._size
        self._size = min(float(self._most), self._size + step)

    def overloaded(self, sent: float, now: float) -> bool:
        """A question sent at `sent` was refused or timed out. Returns whether the window shrank.

        Those that were in flight at the last decrease tell of the same overload, not of another one.
        """
        if sent <= self._last_decrease:
            return False
        self._last_decrease = now
        self._size = max(1.0, self._size * _DECREASE)
        self._threshold = self._size
        return True
