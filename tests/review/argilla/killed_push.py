"""A push that dies: `python -m tests.review.argilla.killed_push FOLDER WHERE COUNT`; the key is in the environment.

WHERE: `noted` (after the COUNT-th batch was sent and noted), `sent` (sent and not noted), or the name of a method of
`ArgillaServer` after whose COUNT-th call it dies.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from core.project import Project
from review.argilla.connection import connect
from review.argilla.push import push
from review.argilla.server import ArgillaServer


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, where: str, count: int) -> None:
    project = Project(Path(folder))
    server = connect(project)
    if where == "noted":
        batch = project.settings.argilla.batch

        def progress(what: str, done: int, total: int) -> None:
            if what == "sending records" and done == count * batch:
                die()

        push(project, server, progress=progress)
        return
    name = "put_records" if where == "sent" else where
    method, calls = getattr(ArgillaServer, name), iter(range(1, 1000))

    def dying(*given: Any) -> Any:
        found = method(*given)
        if next(calls) == count:
            die()
        return found

    setattr(ArgillaServer, name, dying)
    push(project, server)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
