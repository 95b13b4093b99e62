"""An app on a small project, for tests with Pilot."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from typing import Any, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from bench import synthetic
from core.project import Project
from core.store.connection import transaction
from core.user import User
from tests.tui.screenshots import settle
from tui.app import ScreenName, WorkbenchApp

S = TypeVar("S", bound=Screen[Any])


def fill(project: Project, rephrasings: int = 100) -> None:
    """Conversations of five steps with ten rephrasings each."""
    with closing(project.open()) as connection, transaction(connection):
        synthetic.fill(connection, rephrasings)


def say(connection: sqlite3.Connection, conversation_id: int, turns: Iterable[tuple[str, str]]) -> None:
    """Replace the texts of a conversation; its user steps keep their ids."""
    turns = list(turns)
    transcript = json.dumps([{"kind": kind, "text": text, "line": 3} for kind, text in turns])
    connection.execute("UPDATE conversation SET transcript = ? WHERE id = ?", (transcript, conversation_id))
    for index, (kind, text) in enumerate(turns):
        if kind == "user":
            connection.execute(
                "UPDATE user_step SET text = ? WHERE conversation_id = ? AND turn_index = ?", (text, conversation_id, index)
            )


@asynccontextmanager
async def running(
    project: Project, start: ScreenName = "overview", *, user: User | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[None]]]:
    """The app when it has read and counted what it shows first."""
    app = WorkbenchApp(project, user or User("tester"), start=start)
    async with app.run_test(size=size, notifications=True) as pilot:
        await calm(app, pilot)
        yield app, pilot


async def calm(app: WorkbenchApp, pilot: Pilot[None]) -> None:
    await settle(app)
    await pilot.pause()


async def press(app: WorkbenchApp, pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait until all they started is done."""
    await pilot.press(*keys)
    await calm(app, pilot)


async def until(condition: Callable[[], object], pilot: Pilot[None], seconds: float = 5.0) -> None:
    """Wait for a condition that something outside the app's own workers brings about."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
        await pilot.pause()
    raise AssertionError(f"not within {seconds} s")


def shown(app: WorkbenchApp) -> str:
    """The text on the screen, line by line."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


def toasts(app: WorkbenchApp) -> list[tuple[str, str]]:
    """Title and text of every toast so far that is still up."""
    return [(one.title, one.message) for one in app._notifications]


def screen_of(app: WorkbenchApp, kind: type[S]) -> S:
    assert isinstance(app.screen, kind)
    return app.screen
