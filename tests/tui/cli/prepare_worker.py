"""`workbench prepare-data` in a process of its own, to be killed at any moment."""

from __future__ import annotations

import sys
from pathlib import Path

import core.annotation.stage  # here, so that a forked process need not load them
import core.dataset.build
import core.export.export
import core.llm.client
import core.rephrasing.stage
import core.validation.stage  # noqa: F401
from tui.cli.main import run as run_command


def run(folder: str) -> None:
    out = str(Path(folder) / "output")
    sys.argv = ["workbench", "-C", folder, "prepare-data", "-n", "3", "--train-frac", "1", "--out", out, "--yes"]
    run_command()
