"""The terminal of the app goes away: a window is closed, a connection breaks."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bench.synthetic import make_project
from bench.terminal import Terminal, workbench


@pytest.mark.timeout(90)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_app_ends_when_its_terminal_is_gone_and_nobody_passes_the_hangup_on(tmp_path: Path) -> None:
    project = make_project(tmp_path / "assistant", 100)
    ignoring = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"]
    terminal = Terminal(*ignoring, *workbench("-C", str(project.root), "review"))
    terminal.wait_for(b"session")
    os.close(terminal._fd)
    deadline = time.monotonic() + 60
    while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            os.kill(terminal.pid, 9)
            os.waitpid(terminal.pid, 0)
            pytest.fail("the app goes on without a terminal")
        time.sleep(0.1)
