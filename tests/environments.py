"""Environments that single tests need, built once and kept in `.cache` of the repository."""

from __future__ import annotations

import fcntl
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def built_environment(name: str, *pins: str) -> Path:
    """The interpreter of an environment with these packages, installed by plain pip."""
    folder = ROOT / ".cache" / name
    folder.mkdir(parents=True, exist_ok=True)
    python, stamp = folder / "env/bin/python", folder / "installed"
    wanted = "\n".join(pins)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted or not python.exists():
            stamp.unlink(missing_ok=True)
            venv.create(folder / "env", with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *pins], check=True)
            stamp.write_text(wanted)
    return python
