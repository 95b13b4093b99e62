"""Checks that need no project: Python, libraries, locale, terminal."""

from __future__ import annotations

import locale
import os
import shutil
import sqlite3
import subprocess
import sys
from importlib.util import find_spec

from core.doctor import Check

OLDEST_SQLITE = (3, 38, 0)
"""`->>` came with 3.38; STRICT tables and RETURNING are older."""

EXTRAS = {
    "hf": ("datasets", "pyarrow"),
    "argilla": ("argilla", "requests"),
    "plots": ("plotext",),
    "local": ("xllamacpp",),
}


def python() -> Check:
    """Older ones cannot even import this; what helps is which Python runs, and from where."""
    return Check("python", "ok", f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})")


def sqlite() -> Check:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        return Check("sqlite", "fail", f"{version}, needed: {needed}", "Use a newer Python build; `uv python install` has one.")
    return Check("sqlite", "ok", version)


def yaml() -> Check:
    import yaml as pyyaml

    if not pyyaml.__with_libyaml__:
        return Check(
            "yaml", "warn", f"PyYAML {pyyaml.__version__} without libyaml: ingest is several times slower",
            "Reinstall PyYAML from a wheel: `pip install --force-reinstall --only-binary :all: PyYAML`.",
        )  # fmt: skip
    return Check("yaml", "ok", f"PyYAML {pyyaml.__version__} with libyaml")


def extras() -> Check:
    there = [name for name, modules in EXTRAS.items() if all(find_spec(module) is not None for module in modules)]
    missing = [name for name in EXTRAS if name not in there]
    finding = f"installed: {', '.join(there) or 'none'}"
    if missing:
        finding += f"; not installed: {', '.join(missing)} (add one with `pip install 'finetune-workbench[{missing[0]}]'`)"
    return Check("extras", "ok", finding)


def user_configuration() -> Check:
    from core.settings import load_user_settings, user_config_path

    path = user_config_path()
    load_user_settings()
    return Check("user configuration", "ok", str(path) if path.is_file() else f"none (would be {path})")


def text_encoding() -> Check:
    encoding = locale.getpreferredencoding(False)
    if encoding.upper().replace("-", "") != "UTF8":
        return Check("locale", "warn", f"text encoding is {encoding}", "Set `LANG=C.UTF-8` (or your language's UTF-8 locale).")
    return Check("locale", "ok", "UTF-8")


def terminal() -> Check:
    if not sys.__stdout__ or not sys.__stdout__.isatty():
        return Check("terminal", "ok", "none attached: headless commands only")
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return Check("terminal", "fail", f"TERM is `{term}`", "Use a real terminal, or set TERM=xterm-256color.")
    size = shutil.get_terminal_size()
    finding = f"{term}, {size.columns}×{size.lines}, {_colours(term)}"
    if size.columns < 80 or size.lines < 24:
        return Check("terminal", "warn", finding, "Make the window at least 80×24; 120×40 is comfortable.")
    return Check("terminal", "ok", finding)


def _colours(term: str) -> str:
    if "NO_COLOR" in os.environ:
        return "no colours (NO_COLOR)"
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "direct" in term:
        return "16 million colours"
    return "256 colours" if "256" in term or "kitty" in term or "alacritty" in term else "16 colours"


def tmux_clipboard() -> Check | None:
    if not os.environ.get("TMUX") or shutil.which("tmux") is None:
        return None
    shown = subprocess.run(
        ["tmux", "show-options", "-gv", "set-clipboard"], capture_output=True, text=True, timeout=2, check=False
    )
    value = shown.stdout.strip() or "unknown"
    if value != "on":
        return Check(
            "tmux clipboard", "warn", f"set-clipboard is {value}: copying with `y` stays inside the app",
            "Run `tmux set -g set-clipboard on`, and put it into ~/.tmux.conf.",
        )  # fmt: skip
    return Check("tmux clipboard", "ok", "set-clipboard is on")


CHECKS = (python, sqlite, yaml, extras, user_configuration, text_encoding, terminal, tmux_clipboard)
