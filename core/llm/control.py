"""Pause, resume and stop a run from another thread: the app's keys, or Ctrl-C."""

from __future__ import annotations

import threading


class Control:
    """Shared by whoever steers a run and the client that asks. Questions already sent are waited for when paused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paused = False
        self._stopped = ""

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def stopped(self) -> str:
        """Why the run is to end, empty while it goes on. Nothing resumes a stopped run."""
        return self._stopped

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def stop(self, why: str) -> None:
        """The first reason stays."""
        with self._lock:
            self._stopped = self._stopped or why
