"""From threads, which play conversations, to an event loop, on which models are asked."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from threading import Lock

from core.llm.models import Answer, Askers, CallFailure, FailureKind, Request, Role
from core.testing.asked_commands import Ask


class Bridge:
    """Questions from any number of threads. `give_up` ends all that wait, and every later one, at once."""

    def __init__(self, askers: Askers, loop: asyncio.AbstractEventLoop) -> None:
        self._askers, self._loop = askers, loop
        self._lock = Lock()
        self._waiting: set[Future[Answer | CallFailure]] = set()
        self._given_up = ""

    def __call__(self, role: Role) -> Ask:
        """Asks the model of a role.

        Raises:
            ProjectError: the role is not configured.
        """
        asker = self._askers(role)

        def ask(request: Request) -> Answer | CallFailure:
            with self._lock:
                if self._given_up:
                    return CallFailure("", FailureKind.STOPPED, self._given_up)
                waiting = asyncio.run_coroutine_threadsafe(asker.ask(request), self._loop)
                self._waiting.add(waiting)
            try:
                return waiting.result()
            except (CancelledError, RuntimeError):  # given up, or the loop is closing
                return CallFailure("", FailureKind.STOPPED, self._given_up or "the run was given up")
            finally:
                with self._lock:
                    self._waiting.discard(waiting)

        return ask

    def give_up(self, why: str) -> None:
        """The first reason stays."""
        with self._lock:
            self._given_up = self._given_up or why
            waiting = list(self._waiting)
        for one in waiting:
            one.cancel()
