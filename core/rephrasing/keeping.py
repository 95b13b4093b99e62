"""The stage's database work in one thread of its own: conversations are read and results stored while others are asked for."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from core.project import Project
from core.rephrasing.checks import Dropped, Kept
from core.rephrasing.rounds import ConversationResult, StepResult
from core.store.connection import transaction
from core.store.generated import NewRephrasing, NotTaken, StepWordings, StoredCounts, store_wordings

_T = TypeVar("_T")
_BATCH = 50
_SECONDS = 1.0


class Keeper:
    """`add` stores what has gathered once it is a batch, or a second old; the end stores the rest, however it comes.

    A conversation's results are stored together. What a killed run had not stored is made again from the stored answers.
    """

    def __init__(self, project: Project, run_id: int) -> None:
        self._project, self._run_id = project, run_id
        self._pending: list[ConversationResult] = []
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rephrasings")
        self._connection: sqlite3.Connection | None = None
        self.counts = StoredCounts()

    async def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._opened()))

    async def add(self, result: ConversationResult) -> None:
        """Raises StoreError if the disk is full or the database stays locked."""
        self._pending.append(result)
        if len(self._pending) >= _BATCH or time.monotonic() - self._last > _SECONDS:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._pending = self._pending, []
        self._last = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store, batch)

    def _store(self, batch: list[ConversationResult]) -> None:
        connection = self._opened()
        with transaction(connection):
            for result in batch:
                store_wordings(connection, self._run_id, [_as_stored(step) for step in result.steps], self.counts)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._project.open()
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def __aenter__(self) -> Keeper:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._pending:
                await self._flush()
        finally:
            self._thread.submit(self._close)
            self._thread.shutdown()


def _as_stored(step: StepResult) -> StepWordings:
    places = {id(kept): at for at, kept in enumerate(step.kept)}
    taken = [NewRephrasing(kept.text, kept.style.to_json(kept.slot), kept.call) for kept in step.kept]
    return StepWordings(step.need.step_id, step.need.key, taken, [_not_taken(one, places) for one in step.dropped])


def _not_taken(one: Dropped, places: dict[int, int]) -> NotTaken:
    twin = one.twin
    at = places[id(twin)] if isinstance(twin, Kept) else None
    twin_id = twin if isinstance(twin, int) else None
    return NotTaken(one.text, one.reason.value, one.call, twin_id, at, one.similarity)
