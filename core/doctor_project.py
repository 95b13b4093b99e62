"""Checks of one project: its configuration, its folder and file system, its database, its prompt template."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from core.doctor import Check
from core.llm.secrets import read_variable
from core.project import Project

NETWORK_FILE_SYSTEMS = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "9p", "afs",
    "ceph", "fuse.glusterfs", "glusterfs", "lustre", "gpfs", "beegfs", "vboxsf", "virtiofs",
)  # fmt: skip
"""WAL keeps its index in shared memory: on these, processes of two machines would not see each other's."""

LITTLE_SPACE, HARDLY_ANY_SPACE = 1_000_000_000, 50_000_000


def configuration(project: Project) -> Check:
    assert project.settings is not None  # raises what is wrong, with file and line
    return Check("configuration", "ok", str(project.config_path))


def write_access(project: Project) -> Check:
    folder = project.state_folder
    if not folder.is_dir():
        return Check("write access", "warn", f"{folder} does not exist yet", "Run `workbench init`.")
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix="doctor-"):
            pass
    except OSError as error:
        return Check(
            "write access", "fail", f"{folder}: {error.strerror}", "Change its owner or permissions (`chown`, `chmod`)."
        )
    return Check("write access", "ok", str(folder))


def disk_space(project: Project) -> Check:
    free = shutil.disk_usage(project.root).free
    finding = f"{_size(free)} free"
    if free < HARDLY_ANY_SPACE:
        return Check("disk space", "fail", finding, "Free some: decisions cannot be stored on a full disk.")
    if free < LITTLE_SPACE:
        return Check("disk space", "warn", finding, "Free some before a large ingest or export.")
    return Check("disk space", "ok", finding)


def file_system(project: Project) -> Check:
    kind = file_system_of(project.root)
    if kind in NETWORK_FILE_SYSTEMS:
        return Check(
            "file system", "warn", f"{kind} is a network file system",
            "Use the project from one machine at a time, or keep it on a local disk.",
        )  # fmt: skip
    if not os.access(project.state_folder, os.W_OK):  # not there, or not to be tried: `write access` says so
        return Check("file system", "ok", kind)
    with (
        tempfile.TemporaryDirectory(dir=project.state_folder, prefix="doctor-") as folder,
        closing(sqlite3.connect(Path(folder) / "try.db", isolation_level=None)) as connection,
    ):
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
        connection.execute("INSERT INTO one VALUES (1, 'x')")
    if mode != "wal":
        return Check(
            "file system", "warn", f"{kind}: SQLite uses `{mode}` instead of WAL here",
            "Two processes will wait for each other more; a local disk does better.",
        )  # fmt: skip
    return Check("file system", "ok", f"{kind}, write-ahead log works")


def file_system_of(path: Path) -> str:
    """The type of the file system that holds `path`, `unknown` where it cannot be told."""
    if sys.platform == "linux":
        mounts = [line.split(" ") for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
        pairs = [(re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), words[1]), words[2]) for words in mounts]
    else:  # macOS: `//me@host/share on /Volumes/share (smbfs, nodev)`
        shown = subprocess.run(["mount"], capture_output=True, text=True, timeout=5, check=False).stdout
        pairs = [(found[1], found[2]) for found in re.finditer(r" on (.+) \((\w+)", shown)]
    holding = [(len(point), kind) for point, kind in pairs if path.resolve().is_relative_to(point)]
    return max(holding, default=(0, "unknown"))[1]


def database(project: Project) -> Check:
    path = project.database_path
    if not path.is_file():
        return Check(
            "database", "warn", "none yet", "`workbench ingest PATH...` makes it; if there was one, put it back from a copy."
        )
    with closing(project.open()) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        return Check(
            "database", "fail", f"{path}: {found}",
            f"Stop Workbench, keep a copy, and rescue it with `sqlite3 {path.name} .recover | sqlite3 new.db`.",
        )  # fmt: skip
    return Check("database", "ok", f"{_size(path.stat().st_size)}, no damage found")


def prompt_template(project: Project) -> Check | None:
    from core.pipeline.known_prompts import project_dialect, project_template

    if not project.database_path.is_file():  # its own check says so
        return None
    with closing(project.open()) as connection:
        dialect = project_dialect(project, connection)
        prompts = connection.execute("SELECT EXISTS (SELECT 1 FROM prompt WHERE stored IS NOT NULL)").fetchone()[0]
    template = project_template(project, dialect)
    if project.settings.project.prompt_template is not None:
        return Check("prompt template", "ok", f"{template.name}, dialect {dialect.value}")
    if prompts:
        return Check(
            "prompt template", "warn", f"Workbench's own ({dialect.value}), though prompts were ingested",
            "Name the template they were made with: `prompt_template` in workbench.toml.",
        )  # fmt: skip
    return Check("prompt template", "ok", f"Workbench's own, dialect {dialect.value}")


def team_server(project: Project) -> Check | None:
    """Whether the key for it is there; whether it answers is not asked: a check must not wait for a network."""
    section = project.settings.argilla
    if not section.url:
        return None
    if not read_variable(project, section.api_key_env):
        return Check(
            "team server", "warn", f"{section.url}, but no key: {section.api_key_env} is not set",
            f"export {section.api_key_env}=..., or write it as a line of .env; `workbench argilla status` tries it.",
        )  # fmt: skip
    return Check("team server", "ok", f"{section.url}, key in {section.api_key_env}")


def version_control(project: Project) -> Check | None:
    if shutil.which("git") is None or not any((folder / ".git").exists() for folder in (project.root, *project.root.parents)):
        return None
    state = os.path.relpath(project.database_path, project.root)
    ignored = subprocess.run(
        ["git", "-C", str(project.root), "check-ignore", "-q", state], capture_output=True, timeout=5, check=False
    )
    if ignored.returncode == 1:
        return Check(
            "version control", "warn", f"git does not ignore {project.state_folder.name}/",
            f"Run `workbench init` again: it writes {project.state_folder.name}/.gitignore.",
        )  # fmt: skip
    return Check("version control", "ok", f"git ignores {project.state_folder.name}/")


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit in ("B", "KB") else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


CHECKS = (
    configuration, write_access, disk_space, file_system, database, prompt_template, team_server, version_control,
)  # fmt: skip
