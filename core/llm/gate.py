"""Where questions wait until they may be sent: limits of rate and of questions in flight, pauses, the end of the run."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.llm.control import Control
from core.llm.models import CallFailure, FailureKind
from core.llm.rates import Rate
from core.llm.roles import RoleSettings
from core.llm.window import Window

_LOOK: Final = 0.1
"""Seconds between looks at the control, which another thread sets."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why no further question of a model is sent."""

    kind: FailureKind
    what: str
    remedy: str = ""

    def failure(self, key: str, attempts: int = 0) -> CallFailure:
        return CallFailure(key, self.kind, self.what, self.remedy, attempts=attempts, is_final=True)


class ClosedError(Exception):
    """No further question is sent."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.what)
        self.ending = ending


@dataclass(slots=True)
class _Waiting:
    future: asyncio.Future[None]
    tokens: float


class Gate:
    """One model's. All of it runs on one event loop; `reason` and `window` may be read from other threads."""

    def __init__(self, settings: RoleSettings, control: Control, clock: Callable[[], float] = time.monotonic) -> None:
        self.window = Window(settings.max_in_flight)
        self.in_flight = 0
        self._control, self._clock = control, clock
        self._rates: list[tuple[Rate, bool, str]] = []
        if settings.requests_per_minute:
            self._rates.append((Rate(settings.requests_per_minute), False, f"{settings.requests_per_minute:,} requests/min"))
        if settings.tokens_per_minute:
            self._rates.append((Rate(settings.tokens_per_minute), True, f"{settings.tokens_per_minute:,} tokens/min"))
        self._queue: deque[_Waiting] = deque()
        self._held_until, self._held_for = float("-inf"), ""
        self._ending: Ending | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ending(self) -> Ending | None:
        """Why the gate is closed, None while it is not."""
        if self._ending is None and self._control.stopped:
            self._ending = Ending(FailureKind.STOPPED, self._control.stopped)
        return self._ending

    @property
    def reason(self) -> str:
        """Why questions are held back at the moment, empty if they are not."""
        now = self._clock()
        if self._control.is_paused:
            return "paused"
        if self._held_until > now:
            return f"{self._held_for}: waits {self._held_until - now:.0f} s"
        return next((name for rate, _, name in self._rates if rate.wait(now) > 0), "") if self._queue else ""

    async def enter(self, tokens: float, *, first: bool = False) -> None:
        """Returns when a question of so many tokens may be sent; `leave` has to follow. `first`: before all that wait.

        Raises:
            ClosedError: it may not be sent any more.
        """
        waiting = _Waiting(asyncio.get_running_loop().create_future(), tokens)
        if first:
            self._queue.appendleft(waiting)
        else:
            self._queue.append(waiting)
        self._pump()
        try:
            await waiting.future
        except asyncio.CancelledError:
            if waiting.future.done() and not waiting.future.cancelled() and waiting.future.exception() is None:
                self.leave()  # it had been let through when it was cancelled
            raise

    def leave(self) -> None:
        self.in_flight -= 1
        self._pump()

    def hold(self, seconds: float, why: str) -> None:
        """Send nothing for so long. `why` is shown."""
        until = self._clock() + seconds
        if until > self._held_until:
            self._held_until, self._held_for = until, why

    def held_for(self) -> float:
        """Seconds for which nothing is sent yet."""
        return max(0.0, self._held_until - self._clock())

    def correct(self, tokens: float) -> None:
        """So many tokens more (or fewer) were used than `enter` was told."""
        for rate, of_tokens, _ in self._rates:
            if of_tokens:
                rate.correct(tokens)

    def close(self, ending: Ending) -> None:
        """Nothing is sent any more; what is in flight may still be answered. The first reason stays."""
        self._ending = self._ending or ending
        self._pump()

    def _pump(self) -> None:
        """Let through all that may go now, and come back when the next one may."""
        ending = self.ending
        while self._queue:
            waiting = self._queue[0]
            if waiting.future.done():  # cancelled while it waited
                self._queue.popleft()
                continue
            if ending is not None:
                self._queue.popleft().future.set_exception(ClosedError(ending))
                continue
            wait = self._wait()
            if wait > 0:
                self._come_back(min(wait, _LOOK))
                return
            self._queue.popleft()
            now = self._clock()
            for rate, of_tokens, _ in self._rates:
                rate.take(waiting.tokens if of_tokens else 1, now)
            self.in_flight += 1
            waiting.future.set_result(None)

    def _come_back(self, wait: float) -> None:
        """One timer at most: a sooner one takes the place of a later one."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + wait:
                return
            self._timer.cancel()
        self._timer = loop.call_later(wait, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._pump()

    def _wait(self) -> float:
        """Seconds until the first in the queue may go; `_LOOK` where nobody can tell."""
        now = self._clock()
        if self._control.is_paused:
            return _LOOK
        if self._held_until > now:
            return self._held_until - now
        for rate, _, _ in self._rates:
            if (wait := rate.wait(now)) > 0:
                return wait
        return _LOOK if self.in_flight >= self.window.size else 0.0
