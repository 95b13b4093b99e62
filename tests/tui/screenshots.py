"""Render a screen of the app to SVG, the same bytes each time: for the documentation and for looking at.

python -m tests.tui.screenshots PROJECT SCREEN OUT.svg [--size 80x24] [--theme textual-light] [KEY ...]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from core.doctor import Check
from core.project import Project, find_project
from core.user import User
from tui.team_live import Link
from tui.team_work import NOT_SET_UP

if TYPE_CHECKING:
    from tui.app import ScreenName, WorkbenchApp
    from tui.app_team import TeamApp

SCREENS = ("overview", "conversations", "review", "settings", "coverage", "stages", "dataset", "team")
_UNIQUE = re.compile(r"terminal-\d+")


async def render(
    project: Project,
    screen: ScreenName,
    *,
    size: tuple[int, int] = (120, 40),
    theme: str = "textual-dark",
    keys: Sequence[str] = (),
    reviewer: str = "maria",
    arrange: Callable[[WorkbenchApp], None] = lambda app: None,
) -> str:
    """The SVG of a screen after these keys, when all its workers are done. `arrange` is called before the keys."""
    from tui.app import WorkbenchApp

    with _same_everywhere(reviewer):
        app = WorkbenchApp(project, User(reviewer, theme=theme), start=screen)
        return await _render(app, size, keys, arrange)


@contextmanager
def _same_everywhere(reviewer: str) -> Iterator[None]:
    """Nothing of this machine or this hour: no disk space, no paths of Python, no server, no configuration of who runs it."""
    checks = [
        Check("terminal", "warn", "xterm-256color, 72×24, 256 colours", "Make the window at least 80×24."),
        Check("python", "ok", "3.12.8"),
        Check("sqlite", "ok", "3.45.1"),
        Check("yaml", "ok", "PyYAML 6.0.3 with libyaml"),
        Check("locale", "ok", "UTF-8"),
        Check("configuration", "ok", "workbench.toml"),
        Check("disk space", "ok", "42.0 GB free"),
        Check("file system", "ok", "ext4, write-ahead log works"),
        Check("database", "ok", "1.2 MB, no damage found"),
        Check("prompt template", "ok", "Workbench's own, dialect v2"),
    ]
    environment = {"WORKBENCH_CONFIG": "/home/maria/.config/finetune-workbench/config.toml", "WORKBENCH_REVIEWER": reviewer}
    with (
        patch("tui.screens.settings.run_checks", lambda project: checks),
        patch("tui.app_team.TeamApp.check_team", _found_connected),
        patch("tui.app_team.FIRST_PULL_AFTER", 180.0),
        patch.dict(os.environ, environment),
    ):
        yield


def _found_connected(app: TeamApp) -> None:
    """As if a server had answered, where one is set up."""
    url = app.project.raw_config.get("argilla", {}).get("url", "")
    app.link = Link("connected", url, "workbench", "maria (owner)", "2.8.0", "09:30") if url else NOT_SET_UP
    app._tell_team()


async def _render(
    app: WorkbenchApp, size: tuple[int, int], keys: Sequence[str], arrange: Callable[[WorkbenchApp], None]
) -> str:
    async with app.run_test(size=size) as pilot:
        await settle(app)
        arrange(app)
        for key in keys:
            await pilot.press(key)
            await settle(app)
        await pilot.pause()
        return stable(app.export_screenshot(title=""))


async def settle(app: WorkbenchApp) -> None:
    """Wait until no worker runs and everything they told is shown."""
    await _until_idle(app)
    await asyncio.sleep(0.05)
    await _until_idle(app)


async def _until_idle(app: WorkbenchApp) -> None:
    """A worker that fails has ended too: what the app makes of it is what tests look at."""
    while unfinished := [worker for worker in app.workers if not worker.is_finished]:
        await asyncio.gather(*(worker.wait() for worker in unfinished), return_exceptions=True)
        await asyncio.sleep(0)


def stable(svg: str) -> str:
    """Without the number that makes the classes of every rendering unique."""
    return _UNIQUE.sub("terminal", svg)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("screen", choices=SCREENS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--theme", default="textual-dark")
    parser.add_argument("keys", nargs="*")
    chosen = parser.parse_intermixed_args()
    columns, lines = map(int, chosen.size.split("x"))
    svg = asyncio.run(
        render(find_project(chosen.project), chosen.screen, size=(columns, lines), theme=chosen.theme, keys=chosen.keys)
    )
    chosen.out.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
