"""Who is at the keyboard and what they prefer, read without pydantic so that the app's first paint need not wait.

`core.settings.load_user_settings` checks the same file in full.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Location, ProjectError
from core.project import read_toml

TEAM = "team"
"""The reviewer under whose name the team's outcomes are recorded (review/team/resolving.py). Nobody else may have it."""


@dataclass(frozen=True, slots=True)
class User:
    """`reviewer` is the name decisions are recorded under. `is_login`: nobody gave one, so it is that of the login."""

    reviewer: str
    theme: str = "textual-dark"
    keymap: dict[str, str] = field(default_factory=dict)
    is_login: bool = False


def user_config_path() -> Path:
    """`config.toml` in the user's configuration folder, or the file `WORKBENCH_CONFIG` names."""
    override = os.environ.get("WORKBENCH_CONFIG")
    if override:
        return Path(override).expanduser()
    from platformdirs import user_config_path as platform_path

    return platform_path("finetune-workbench", appauthor=False) / "config.toml"


def current_user() -> User:
    """The person at the keyboard: environment first, then the user's configuration, then the login name.

    Raises:
        ProjectError: the configuration file is not TOML, `reviewer` or `theme` in it is no text, or the name is `team`.
    """
    path = user_config_path()
    raw: dict[str, Any] = read_toml(path) if path.is_file() else {}
    keymap = raw.get("keymap")
    given = os.environ.get("WORKBENCH_REVIEWER") or _text(raw, "reviewer", path)
    reviewer = given or login_name()
    if reviewer.strip().casefold() == TEAM:
        raise ProjectError(
            f"the reviewer's name `{reviewer}` is kept for what the team's answers come to",
            remedy=f"Set another `reviewer` in {path}, or WORKBENCH_REVIEWER.",
        )
    return User(
        reviewer=reviewer,
        theme=os.environ.get("WORKBENCH_THEME") or _text(raw, "theme", path) or "textual-dark",
        keymap={str(key): str(value) for key, value in keymap.items()} if isinstance(keymap, dict) else {},
        is_login=not given,
    )


def _text(raw: dict[str, Any], key: str, path: Path) -> str:
    """Decisions must not be recorded under a name that the checked settings refuse."""
    value = raw.get(key, "")
    if not isinstance(value, str):
        raise ProjectError(
            f"`{key}` must be text, found {value!r}", where=Location(str(path)), remedy="Put it in double quotes."
        )
    return value


def login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a passwd entry
        return f"uid-{os.getuid()}"
