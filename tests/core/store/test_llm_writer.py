from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from core.errors import StoreError
from core.project import Project
from core.store.llm_writer import CallWriter
from tests.core.store.test_llm_calls import ROW


def _count(project: Project) -> int:
    connection = project.open()
    (count,) = connection.execute("SELECT count(*) FROM llm_call").fetchone()
    connection.close()
    return int(count)


async def test_what_is_kept_is_on_disk_when_keep_returns(project: Project) -> None:
    writer = CallWriter(project.open)
    await writer.keep(ROW)
    assert _count(project) == 1
    await writer.close()


async def test_many_rows_share_a_commit(project: Project) -> None:
    commits: list[str] = []

    def traced() -> sqlite3.Connection:
        connection = project.open()
        connection.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
        return connection

    writer = CallWriter(traced)
    await asyncio.gather(*(writer.keep(replace(ROW, key=str(number))) for number in range(400)))
    await writer.close()
    assert _count(project) == 400
    assert len(commits) < 40


async def test_a_row_is_stored_although_who_gave_it_was_cancelled(project: Project) -> None:
    writer = CallWriter(project.open)
    task = asyncio.create_task(writer.keep(ROW))
    await asyncio.sleep(0)
    task.cancel()
    await writer.close()
    assert _count(project) == 1


async def test_a_full_disk_keeps_what_was_stored_and_refuses_the_rest(project: Project) -> None:
    def small() -> sqlite3.Connection:
        connection = project.open()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        return connection

    writer = CallWriter(small)
    stored: list[str] = []

    async def fill() -> None:
        for number in range(200):
            stored.append((await writer.keep(replace(ROW, key=str(number), answer=str(number) * 1000))).key)

    with pytest.raises(StoreError, match="full") as caught:
        await fill()
    assert "disk's space" in caught.value.remedy
    with pytest.raises(StoreError, match="full"):
        writer.check()
    with pytest.raises(StoreError, match="full"):
        await writer.keep(ROW)
    await writer.close()
    assert _count(project) == len(stored) > 0


async def test_a_database_that_does_not_open_is_told_to_all(project: Project) -> None:
    def missing() -> sqlite3.Connection:
        raise StoreError("no database")

    writer = CallWriter(missing)
    results = await asyncio.gather(*(writer.keep(replace(ROW, key=str(number))) for number in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["no database"] * 3
    await writer.close()


async def test_what_cannot_be_stored_is_told_whatever_it_is(project: Project) -> None:
    writer = CallWriter(project.open)
    with pytest.raises(StoreError, match="UnicodeEncodeError"):
        await writer.keep(replace(ROW, answer="half \ud83d"))
    await writer.close()
