"""One stage at a time in a project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from core.errors import UsageError
from core.project import Project
from core.stages.lock import stage_lock

_HOLD = """
import sys, time
from pathlib import Path
from core.project import Project
from core.stages.lock import stage_lock
with stage_lock(Project(Path(sys.argv[1])), "validate"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def ready(project: Project) -> Project:
    project.open(create=True).close()
    return project


def _holder(project: Project) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(project.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_stage_is_told_who_runs_the_first(ready: Project) -> None:
    process = _holder(ready)
    try:
        with (
            pytest.raises(UsageError, match=f"already: validate, process {process.pid}, since 20"),
            stage_lock(ready, "annotate"),
        ):
            pass
    finally:
        process.kill()
        process.communicate()


def test_a_killed_holder_leaves_the_project_free(ready: Project) -> None:
    process = _holder(ready)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with stage_lock(ready, "annotate"):
        pass


def test_a_stage_that_ended_leaves_the_project_free(ready: Project) -> None:
    for _ in range(2):
        with stage_lock(ready, "annotate"):
            pass
