"""Colour themes: which come next, how NO_COLOR stays readable, and keeping a choice in the user's configuration."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ProjectError

if TYPE_CHECKING:
    from textual.app import App

DEFAULT_THEME = "textual-dark"
CYCLE = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")
"""What ctrl+t goes through; Settings and the palette offer the rest of Textual's themes."""

_ENTRY = re.compile(r"^theme\s*=.*$", re.MULTILINE)
_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def next_theme(current: str) -> str:
    return CYCLE[(CYCLE.index(current) + 1) % len(CYCLE)] if current in CYCLE else CYCLE[0]


def settle_colours(app: App[None]) -> None:
    """Make NO_COLOR fit the current theme; Textual 8.2.8 decides it once, for the theme it starts with.

    With an ANSI theme set later its filter prints black on black: ANSI themes need the filter that drops colours, the
    others the one that turns them grey.
    """
    if not app.no_color:
        return
    from textual.filter import Monochrome, NoColor

    wanted = NoColor if app.native_ansi_color else Monochrome
    app._filters[:] = [wanted() if isinstance(one, NoColor | Monochrome) else one for one in app._filters]


def save_theme(path: Path, theme: str) -> None:
    """Set `theme` in the user's config.toml, leaving all else in it as it is.

    Raises:
        ProjectError: the file cannot be read, is not TOML, or cannot be written.
    """
    line = f'theme = "{theme}"'
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        first_table = found.start() if (found := _TABLE.search(text)) else len(text)
        head, tail = text[:first_table], text[first_table:]
        head = _ENTRY.sub(line, head) if _ENTRY.search(head) else f"{line}\n{head}"
        if tomllib.loads(head + tail).get("theme") != theme:
            raise ProjectError(f"cannot set the theme in {path}", remedy=f"Write `{line}` into it by hand.")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(head + tail)
        os.replace(file.name, path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(
            f"cannot keep the theme in {path}: {error}", remedy="Check the file; nothing was changed."
        ) from error
