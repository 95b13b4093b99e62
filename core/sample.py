"""The sample project: where it is found, and a copy of it to work in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from core.errors import ProjectError
from core.project import STATE_FOLDER, Project, create_project

SAMPLE_NAME = "harbour"
_MARK = "sample"
"""A file in the state folder of a copy: such a folder may be replaced."""


def sample_folder() -> Path:
    """The sample as shipped: in the installed package, or in `examples/` of a checkout.

    Raises:
        ProjectError: neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "tui" / "demo_project", package / "examples" / SAMPLE_NAME):
        if (candidate / "e2e_tests").is_dir():
            return candidate
    raise ProjectError("the sample project is not installed", remedy="Reinstall Workbench, or use a checkout of it.")


def is_sample_copy(folder: Path) -> bool:
    return (folder / STATE_FOLDER / _MARK).is_file()


def copy_sample(target: Path, *, fresh: bool = False) -> Project:
    """A working copy of the sample in `target`, made whole or not at all; an existing one is left as it is.

    `fresh`: replace an existing copy, with the decisions in it.

    Raises:
        ProjectError: `target` holds something else, which is never touched.
    """
    exists = is_sample_copy(target)
    if exists and not fresh:
        return Project(target.resolve())
    if not exists and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProjectError(
            f"{target} is not a copy of the sample project", remedy="Name an empty or a new folder; nothing was changed."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    # Built beside the target and renamed, so that a copy cut off in the middle is never taken for the demo.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sample-") as scratch:
        copy = Path(scratch) / "copy"
        shutil.copytree(sample_folder(), copy, ignore=shutil.ignore_patterns(STATE_FOLDER, "__pycache__"))
        create_project(copy)
        (copy / STATE_FOLDER / _MARK).touch()
        if target.exists():
            shutil.rmtree(target)
        copy.rename(target)
    return Project(target.resolve())
