"""The help of every command says what was written for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from rich.text import Text

from tui.cli.main import app


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for sub_name, sub in getattr(command, "commands", {}).items():
        yield from _commands(sub, f"{name} {sub_name}")


COMMANDS = dict(_commands(typer.main.get_command(app), "workbench"))


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_in_a_help_text_is_taken_for_markup(name: str) -> None:
    command = COMMANDS[name]
    for text in (command.help, *(getattr(parameter, "help", None) for parameter in command.params)):
        if text:
            assert Text.from_markup(text).plain == text
