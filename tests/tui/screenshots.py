"""Render a screen of the app to SVG, the same bytes each time: for the documentation and for looking at.

python -m tests.tui.screenshots PROJECT SCREEN OUT.svg [--size 80x24] [--theme textual-light] [KEY ...]
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.project import Project, find_project
from core.user import User

if TYPE_CHECKING:
    from tui.app import ScreenName, WorkbenchApp

_UNIQUE = re.compile(r"terminal-\d+")


async def render(
    project: Project,
    screen: ScreenName,
    *,
    size: tuple[int, int] = (120, 40),
    theme: str = "textual-dark",
    keys: Sequence[str] = (),
    reviewer: str = "maria",
) -> str:
    """The SVG of a screen after these keys, when all its workers are done."""
    from tui.app import WorkbenchApp

    app = WorkbenchApp(project, User(reviewer, theme=theme), start=screen)
    async with app.run_test(size=size) as pilot:
        await settle(app)
        for key in keys:
            await pilot.press(key)
            await settle(app)
        await pilot.pause()
        return stable(app.export_screenshot(title=""))


async def settle(app: WorkbenchApp) -> None:
    """Wait until no worker runs and everything they told is shown."""
    await app.workers.wait_for_complete()
    await asyncio.sleep(0.05)
    await app.workers.wait_for_complete()


def stable(svg: str) -> str:
    """Without the number that makes the classes of every rendering unique."""
    return _UNIQUE.sub("terminal", svg)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("screen", choices=("overview", "conversations", "review", "settings"))
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
