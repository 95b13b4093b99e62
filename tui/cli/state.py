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


@contextmanager
def opened(context: typer.Context) -> Iterator[sqlite3.Connection]:
    """The database of the call's project, closed at the end."""
    with closing(project_of(context).open()) as connection:
        yield connection
