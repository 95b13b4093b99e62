"""What all screens but Review share: title and key line, a connection of their own, failures that become toasts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, cast

from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from core.errors import ProjectError, WorkbenchError
from core.project import Project
from core.store.connection import check_in_place
from core.user import User
from tui.widgets.key_line import KeyLine
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.app import WorkbenchApp


class WorkbenchScreen(Screen[None]):
    """`NAME` is the scope of its actions in the registry; `DISPENSABLE` those keys that the footer can do without."""

    NAME: ClassVar[str]
    DISPENSABLE: ClassVar[Sequence[str]] = ()
    AUTO_FOCUS = ""

    def __init__(self, project: Project, user: User) -> None:
        super().__init__()
        self.project = project
        self.user = user
        self._connection: sqlite3.Connection | None = None

    @property
    def workbench(self) -> WorkbenchApp:
        return cast("WorkbenchApp", self.app)

    @property
    def connection(self) -> sqlite3.Connection:
        """The UI thread's connection; workers open their own.

        Raises:
            StoreError: the database cannot be opened, or is no longer the one that was.
        """
        if self._connection is None:
            self._connection = self.project.open()
        check_in_place(self._connection)
        return self._connection

    def compose(self) -> ComposeResult:
        yield TitleBar(name_of(self.project), self.NAME)
        yield from self.compose_body()
        yield KeyLine(self.DISPENSABLE)

    def compose_body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def say_connection(self, text: str) -> None:
        self.query_one(TitleBar).show_connection(text)

    @contextmanager
    def reporting(self, doing: str) -> Iterator[None]:
        """What fails inside is told and not raised. For handlers; actions and workers are covered by the app."""
        try:
            yield
        except (WorkbenchError, sqlite3.Error) as error:
            self.say_connection("local ✗")
            self.workbench.report(error, doing)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A failed worker becomes a toast and a line in the log; its `description` says what it was doing."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.say_connection("local ✗")
            self.workbench.report(event.worker.error, event.worker.description or event.worker.name)

    def on_unmount(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def name_of(project: Project) -> str:
    """The project's name, even where its workbench.toml cannot be read (the app says so after its first paint)."""
    try:
        return project.name
    except ProjectError:
        return project.root.name
