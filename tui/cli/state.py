"""What the global options say, handed to every command as `context.obj`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from core.project import Project


@dataclass(frozen=True, slots=True)
class State:
    folder: Path
    debug: bool

    def project(self) -> Project:
        """The project of the folder. Raises ProjectError if there is none."""
        from core.project import find_project

        return find_project(self.folder)


def project_of(context: typer.Context) -> Project:
    state = context.obj
    assert isinstance(state, State)
    return state.project()


def project_if_any(context: typer.Context) -> Project | None:
    """The project of the call, None if there is none: some commands work without.

    Raises:
        ProjectError: there is one, and something is wrong with it.
    """
    from core.errors import ProjectError
    from core.project import CONFIG_NAME, find_project

    state = context.obj
    assert isinstance(state, State)
    try:
        return find_project(state.folder)
    except ProjectError:
        if any((folder / CONFIG_NAME).is_file() for folder in (state.folder, *state.folder.resolve().parents)):
            raise
        return None


@contextmanager
def opened(context: typer.Context) -> Iterator[sqlite3.Connection]:
    """The database of the call's project, closed at the end.

    Raises:
        UsageError: a number of the call is larger than any in a database.
    """
    from core.errors import UsageError

    with closing(project_of(context).open()) as connection:
        try:
            yield connection
        except OverflowError as error:
            raise UsageError("a number is too large", remedy="Ids are those that `--json` prints.") from error
