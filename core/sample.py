"""The sample project: where it is found, and a copy of it to work in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from core.errors import ProjectError
from core.project import DATABASE_NAME, STATE_FOLDER, Project, create_project

SAMPLE_NAME = "harbour"


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


def copy_sample(target: Path) -> Project:
    """A working copy of the sample in `target`, made whole or not at all; an existing one is left as it is."""
    if not (target / STATE_FOLDER / DATABASE_NAME).is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Built beside the target and renamed, so that a copy cut off in the middle is never taken for the demo.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sample-") as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(sample_folder(), copy, ignore=shutil.ignore_patterns(STATE_FOLDER, "__pycache__"))
            create_project(copy)
            if target.exists():
                shutil.rmtree(target)
            copy.rename(target)
    return Project(target.resolve())
