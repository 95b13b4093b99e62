"""Open the app, if there is a terminal to open it in."""

from __future__ import annotations

import sys
from typing import Literal

from core.errors import UsageError
from core.project import Project


def has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_app(project: Project, *, start: Literal["overview", "review", "conversations", "settings"]) -> None:
    """Raises UsageError without a terminal: everything the app can do has a headless command."""
    if not has_terminal():
        raise UsageError(
            "the app needs a terminal, and none is attached",
            remedy="Use `workbench status`, `workbench conversations`, `workbench review next|decide|log`, `workbench export`.",
        )
    from core.user import current_user
    from tui.app import WorkbenchApp

    app = WorkbenchApp(project, current_user(), start=start)
    app.run()
    if app.return_code:
        sys.exit(app.return_code)
