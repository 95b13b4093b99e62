"""What a stage stores while it goes on asking: in modest batches, in one thread with a connection of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from core.project import Project
from core.store.connection import transaction

Item = TypeVar("Item")
Result = TypeVar("Result")
Store = Callable[[sqlite3.Connection, Sequence[Item]], None]

_SECONDS: Final = 1.0


class BatchedStore(Generic[Item]):
    """`add` stores what has gathered once it is a batch, or a second old; the end stores the rest, however it comes."""

    def __init__(self, project: Project, store: Store[Item], *, at_once: int) -> None:
        """`store`: called in the thread, within a transaction. `at_once`: items of a batch."""
        self._project, self._store, self._at_once = project, store, at_once
        self._pending: list[Item] = []
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stage-store")
        self._connection: sqlite3.Connection | None = None

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `work` gives for the thread's connection."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._opened()))

    async def add(self, item: Item) -> None:
        """Raises StoreError if the disk is full or the database stays locked."""
        self._pending.append(item)
        if len(self._pending) >= self._at_once or time.monotonic() - self._last > _SECONDS:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._pending = self._pending, []
        self._last = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)

    def _write(self, batch: list[Item]) -> None:
        connection = self._opened()
        with transaction(connection):
            self._store(connection, batch)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._project.open()
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def __aenter__(self) -> Self:
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
