"""Open the app, if there is a terminal to open it in."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from core.errors import UsageError, WorkbenchError
from core.project import Project

if TYPE_CHECKING:
    from core.user import User


def has_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))  # None: closed by the caller


def open_app(project: Project, *, start: Literal["overview", "review", "conversations", "settings", "coverage"]) -> None:
    """Show the app until it is left.

    Raises:
        UsageError: there is no terminal; everything the app can do has a headless command.
        StoreError: there is no database to show.
    """
    if not has_terminal():
        raise UsageError(
            "the app needs a terminal, and none is attached",
            remedy="Use `workbench status`, `workbench conversations`, `workbench review next|decide|log`, `workbench export`.",
        )
    if not project.database_path.is_file():  # before the screen is taken over; an existing one is opened when shown
        project.open()
    from tui.app import WorkbenchApp

    app = WorkbenchApp(project, _user_in(project), start=start)
    app.run()
    if app.return_code:
        sys.exit(app.return_code)


def _user_in(project: Project) -> User:
    """With the name that counts in this project. What is wrong with the database the app says itself."""
    from core.store.pack_here import reviewer_in
    from core.user import current_user

    user = current_user()
    with suppress(WorkbenchError, sqlite3.Error), closing(project.open()) as connection:
        return replace(user, reviewer=reviewer_in(connection, user))
    return user
