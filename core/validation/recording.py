"""Stores verdicts while others are still being asked for: in modest batches, in a thread with a connection of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from core.project import Project
from core.store.connection import transaction
from core.store.verdicts import NewVerdict, append_verdicts

_BATCH = 100
_SECONDS = 1.0


class Recorder:
    """`add` stores what has gathered once it is a batch, or a second old; the end stores the rest, however it comes."""

    def __init__(self, project: Project, run_id: int) -> None:
        self._project, self._run_id = project, run_id
        self._pending: list[NewVerdict] = []
        self._last = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="verdicts")
        self._connection: sqlite3.Connection | None = None

    async def add(self, verdict: NewVerdict) -> None:
        """Raises StoreError if the disk is full or the database stays locked."""
        self._pending.append(verdict)
        if len(self._pending) >= _BATCH or time.monotonic() - self._last > _SECONDS:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._pending = self._pending, []
        self._last = time.monotonic()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store, batch)

    def _store(self, batch: list[NewVerdict]) -> None:
        if self._connection is None:
            self._connection = self._project.open()
        with transaction(self._connection):
            append_verdicts(self._connection, self._run_id, batch)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def __aenter__(self) -> Recorder:
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
