"""The options that choose and run tests: the same for every command that does."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli.state import State

if TYPE_CHECKING:
    from core.project import Project


class ActionsChoice(StrEnum):
    AUTO = "auto"
    STUBS = "stubs"
    SERVER = "server"
    TEST_LED = "test-led"


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH...]", help="Files, folders, `file::test name`; default: the assistant's tests."),
]
Commands = Annotated[
    list[str] | None,
    typer.Option(
        help="Where commands come from: `recorded` (the project, and the tests themselves), a file of commands, or `llm`;"
        " may be repeated, the first that knows a step wins."
    ),
]
Keyword = Annotated[str, typer.Option("-k", metavar="EXPRESSION", help="Only tests whose `file::name` holds this.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Conversations at a time; default: 1, with an action server 8.")]
Actions = Annotated[ActionsChoice, typer.Option(help="Who runs custom actions.")]
AssistantFolder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The assistant's folder; default: the project's, or the tests'.")
]


def project_of_tests(state: State, paths: list[str]) -> Project | None:
    """The project that the tests lie in, or else that of the call; tests run without one too."""
    from core.project import CONFIG_NAME, find_project
    from core.testing.selection import parse_selector

    if state.folder == Path.cwd():
        for path in paths:
            first = parse_selector(path).path.resolve()
            for folder in (first, *first.parents):
                if (folder / CONFIG_NAME).is_file():
                    return find_project(folder)
    folder = state.folder.resolve()
    is_in_one = any((above / CONFIG_NAME).is_file() for above in (folder, *folder.parents))
    return find_project(state.folder) if is_in_one or not folder.is_dir() else None
