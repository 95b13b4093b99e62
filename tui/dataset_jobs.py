"""Runs work on datasets in a process of its own and passes on what it tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Literal

from textual.message import Message

from core.errors import WorkbenchError
from tui.dataset_process import Outcome

What = Literal["build", "preflight", "quality"]
LOG_BYTES = 4000
"""Of what a process that died has written last; goes into the app's log."""


@dataclass(frozen=True, slots=True)
class Job:
    """`arguments`: what `tui.dataset_process` takes beside `do`."""

    what: What
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass
class JobTold(Message):
    """How far it is; 0 of 0 before it knows. A newer message replaces one that waits still."""

    job: Job
    doing: str
    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, JobTold) and message.job is self.job


@dataclass
class JobEnded(Message):
    """`outcome`: None if it failed with `error`, or was stopped."""

    job: Job
    outcome: Outcome | None = None
    error: Exception | None = None


class DatasetWorkError(WorkbenchError):
    """What the process says cannot be done."""

    title: ClassVar[str] = "Dataset"


class DatasetJobs:
    """One at a time. `tell` posts a message and may be called from any thread. Nothing waits but the thread that listens."""

    def __init__(self, tell: Callable[[Message], object]) -> None:
        self._tell = tell
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self.job: Job | None = None
        """The one that runs."""

    def start(self, job: Job) -> None:
        """The caller has seen to it that none is running."""
        assert self.job is None
        self.job, self._stopped = job, False
        threading.Thread(target=self._run, args=(job,), name=f"dataset {job.what}", daemon=True).start()

    def stop(self) -> None:
        """At once: what is half done is never seen, a dataset appears when it is complete."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    # -- in the thread ------------------------------------------------------------------------------------------

    def _run(self, job: Job) -> None:
        ended = JobEnded(job)
        with tempfile.TemporaryFile() as log:
            try:
                ended = self._listen(job, log)
            except (OSError, ValueError) as error:
                ended.error = error
        self._process = self.job = None
        with suppress(RuntimeError):  # the app's loop is closed: nobody is there to be told
            self._tell(ended)

    def _listen(self, job: Job, log: IO[bytes]) -> JobEnded:
        process = self._process = self._launch(json.dumps({"do": job.what, **job.arguments}), log)
        if self._stopped:
            process.kill()
        assert process.stdout is not None
        said: dict[str, Any] = {}
        with process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                if "what" in said:
                    with suppress(RuntimeError):  # as above
                        self._tell(JobTold(job, said["what"], said["done"], said["total"]))
        code = process.wait()
        if "outcome" in said:
            return JobEnded(job, Outcome(**said["outcome"]))
        if self._stopped:
            return JobEnded(job)
        if "error" in said:
            error = said["error"]
            place = f"{error['where']}: " if error["where"] else ""
            return JobEnded(job, error=DatasetWorkError(f"{place}{error['what']}", remedy=error["remedy"]))
        return JobEnded(job, error=_died(code, log))

    def _launch(self, request: str, log: IO[bytes]) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"}
        # -P: a folder `core` where the app was started is not ours. Its own session: a closed window ends it in order.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "tui.dataset_process", request],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True,
            text=True, encoding="utf-8",
        )  # fmt: skip


def _died(code: int, log: IO[bytes]) -> Exception:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    died = RuntimeError(f"its process {how}")
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - LOG_BYTES))
    died.add_note(log.read().decode("utf-8", "replace"))
    return died
