"""A reviewer without an app, in a process of its own: `python -m tests.review.worker PROJECT REVIEWER`.

It says `ready` once it is loaded and opens the project at the first line. Each line is a key and ids, and is
acknowledged with the id of the action once it is on disk: `a 5`, `x 5,6,7`, `s 3`, `f 3`, `u` (undo), `U` (redo).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.project import Project
from review.decisions import DecisionLog
from review.models import Decision

ROOT = Path(__file__).parents[2]
KEYS = {"a": Decision.ACCEPT, "x": Decision.REJECT, "s": Decision.SKIP, "f": Decision.FLAG}


def main(folder: str, reviewer: str) -> None:
    print("ready", flush=True)
    lines = iter(sys.stdin.readline, "")
    first = next(lines, None)
    if first is None:
        return
    connection = Project(Path(folder)).open(create=True)
    log = DecisionLog(connection, reviewer, "worker")
    print("open", flush=True)
    for line in lines:
        key, _, ids = line.strip().partition(" ")
        if key in KEYS:
            print(log.decide([int(id_) for id_ in ids.split(",")], KEYS[key]).group_id, flush=True)
        else:
            turned = log.undo() if key == "u" else log.redo()
            print("none" if turned is None else turned.group_id, flush=True)
    connection.close()


class Processes:
    """Those of one test; none outlives it."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Python with these arguments."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._started.append(process)
        return process

    def worker(self, project: Project, reviewer: str) -> subprocess.Popen[str]:
        """Loaded, but not at the database yet: write a line to make it open the project."""
        process = self.start("-m", "tests.review.worker", str(project.root), reviewer)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def workbench(self, project: Project, *arguments: str) -> subprocess.Popen[str]:
        return self.start("-c", "from tui.cli.main import run; run()", "-C", str(project.root), *arguments)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def send(process: subprocess.Popen[str], *lines: str) -> None:
    """All it will get."""
    assert process.stdin is not None
    process.stdin.write("".join(f"{line}\n" for line in lines))
    process.stdin.close()
    process.stdin = None


if __name__ == "__main__":
    main(*sys.argv[1:])
