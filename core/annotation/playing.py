"""Plays many tests at once, each in a thread of its own, while a model answers on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from core.annotation.outcome import Annotated
from core.testing.cases import LoadedTest

MOST_THREADS: Final = 512
"""Conversations at once. Each waits for its own answers, one after the other, so there must be more of them than calls that
may be in flight: where one ends, calls of the others fill its place."""

Annotate = Callable[[LoadedTest], Annotated]
"""Plays one test; called in threads."""


class Plays:
    """Tests under way, on one event loop. Closing it waits for no thread: what they wait for must be given up before."""

    def __init__(self, annotate: Annotate, tests: Sequence[LoadedTest], weight: Callable[[LoadedTest], int]) -> None:
        """`weight`: how long a test takes, in whatever unit. The longest begin first, or the last of them would end alone."""
        self._annotate = annotate
        self._waiting = sorted(tests, key=weight)
        self._ended: asyncio.Queue[Annotated | Exception | None] = asyncio.Queue()
        self._running = min(len(tests), MOST_THREADS)
        self._pool = ThreadPoolExecutor(max(self._running, 1), thread_name_prefix="annotate")
        self._players = [asyncio.create_task(self._play()) for _ in range(self._running)]

    async def next(self) -> list[Annotated]:
        """All that have ended since the last time, at least one; none once all have.

        Raises:
            WorkbenchError: what is no result of one test, such as a role that is not configured.
        """
        while self._running:
            ended = [await self._ended.get()]
            while not self._ended.empty():
                ended.append(self._ended.get_nowait())
            self._running -= ended.count(None)
            if (error := next((one for one in ended if isinstance(one, Exception)), None)) is not None:
                raise error
            if done := [one for one in ended if isinstance(one, Annotated)]:
                return done
        return []

    def stop(self) -> None:
        """Begins no further test."""
        self._waiting.clear()

    def close(self) -> None:
        self.stop()
        for player in self._players:
            player.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _play(self) -> None:
        """Begins no further test after a failed call that no other one will fare better than."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            test = self._waiting.pop()
            try:
                ended = await loop.run_in_executor(self._pool, self._annotate, test)
            except Exception as error:
                self._ended.put_nowait(error)
                break
            if ended.call is not None and ended.call.ends_run:
                self.stop()
            self._ended.put_nowait(ended)
        self._ended.put_nowait(None)
