"""A run for a process of its own, to be killed at any moment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import core.llm.client  # noqa: F401  here, so that a forked process need not load it
from core.llm.models import Role
from core.llm.session import llm_session
from core.project import Project
from tests.core.llm.asking import question


def run(root: str, first: int, count: int) -> None:
    """Ask `count` questions from number `first` on."""

    async def ask() -> None:
        async with llm_session(Project(Path(root))) as session:
            asker = session(Role.ANNOTATOR)
            await asyncio.gather(*(asker.ask(question(str(number))) for number in range(first, first + count)))

    asyncio.run(ask())


def interrupted(root: str, first: int, count: int) -> None:
    """The same, to be ended by Ctrl-C as a command is: with exit code 130."""
    try:
        run(root, first, count)
    except KeyboardInterrupt:
        sys.exit(130)
