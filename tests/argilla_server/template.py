"""The server's database as it is after installation: migrated, with people and a workspace. Made once and copied."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.argilla_server.people import PEOPLE, WORKSPACE
from tests.environments import ROOT, built_environment

VERSION = "2.8.0"
PINS = (f"argilla-server=={VERSION}", "click<8.2")  # with a newer click every command of the server fails

# Run by the server's interpreter: one process for all commands, each of which takes seconds to import.
COMMANDS = """
import sys
from argilla_server.cli import app
for line in sys.stdin:
    app(line.split(), standalone_mode=False)
"""


def server_python() -> Path:
    """The interpreter that has the server: in an environment of its own, for it pins what the project does not."""
    return built_environment("argilla", *PINS)


def fresh_database(home: Path, environment: dict[str, str]) -> None:
    """Puts a database into `home`. The first call on a machine makes it (about 20 s)."""
    commands = ["database migrate", *map(_create_command, range(len(PEOPLE)))]
    key = hashlib.sha256("\n".join([VERSION, COMMANDS, *commands]).encode()).hexdigest()[:12]
    kept = ROOT / ".cache" / "argilla" / f"template-{key}.db"
    python = server_python()
    with (ROOT / ".cache" / "argilla" / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            made = subprocess.run(
                [python, "-c", COMMANDS], input="\n".join(commands), env=environment, capture_output=True, text=True
            )
            if made.returncode:
                raise RuntimeError(f"the server's database could not be made:\n{made.stdout}\n{made.stderr}")
            shutil.copy(home / "argilla.db", kept.with_suffix(".part"))
            kept.with_suffix(".part").replace(kept)
    shutil.copy(kept, home / "argilla.db")


def _create_command(number: int) -> str:
    person = PEOPLE[number]
    given = {
        "username": person.name,
        "first-name": person.name,
        "role": person.role,
        "password": person.password,
        "api-key": person.api_key,
        "workspace": WORKSPACE,
    }
    return "database users create " + " ".join(f"--{name} {value}" for name, value in given.items())
