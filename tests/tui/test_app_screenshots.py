"""Every screen at every size in every theme: drawn whole, readable, the same each time."""

from __future__ import annotations

import re

import pytest

from core.project import Project
from tests.tui.apps import fill
from tests.tui.screenshots import render
from tui.app import SCREEN_NAMES, ScreenName
from tui.themes import CYCLE


@pytest.mark.parametrize("screen", SCREEN_NAMES)
async def test_the_same_bytes_each_time(project: Project, screen: ScreenName) -> None:
    fill(project)
    first, second = [await render(project, screen, size=(80, 24)) for _ in range(2)]
    assert first == second


@pytest.mark.parametrize("theme", CYCLE)
@pytest.mark.parametrize("screen", SCREEN_NAMES)
async def test_every_screen_in_every_theme(project: Project, screen: ScreenName, theme: str) -> None:
    fill(project)
    text = re.sub(r"<[^>]+>", " ", await render(project, screen, size=(120, 40), theme=theme))
    for word in ("Overview", "Conversations", "Review", "Settings", "Coverage", "Team", "Quit"):
        assert word in text
