"""Pause, resume and stop a run from another thread: the app's keys, or Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Control:
    """Shared by whoever steers a run and the client that asks. Questions already sent are waited for when paused."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._paused = False
        self._paused_at = self._paused_before = 0.0
        self._stopped = ""

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> str:
        """Why the run is to end, empty while it goes on. Nothing resumes a stopped run."""
        return self._stopped

    def pause(self) -> None:
        with self._lock:
            if not self._paused:
                self._paused, self._paused_at = True, self._clock()

    def resume(self) -> None:
        with self._lock:
            if self._paused:
                self._paused = False
                self._paused_before += self._clock() - self._paused_at

    def running_time(self) -> float:
        """A clock in seconds that stands still during pauses: they are no time without answers."""
        with self._lock:
            now = self._paused_at if self._paused else self._clock()
            return now - self._paused_before

    def stop(self, why: str) -> None:
        """The first reason stays."""
        with self._lock:
            self._stopped = self._stopped or why
