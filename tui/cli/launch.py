"""Open the app, if there is a terminal to open it in."""

from __future__ import annotations

import sys
from typing import Literal

from core.errors import UsageError
from core.project import Project


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
    from core.user import current_user
    from tui.app import WorkbenchApp

    app = WorkbenchApp(project, current_user(), start=start)
    app.run()
    if app.return_code:
        sys.exit(app.return_code)
