"""Starting and ending the processes of the stack: each by its id, none outlives the tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

END_SECONDS = 10.0


def start(command: Sequence[str | Path], log: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Runs it with its output appended to `log`. On Linux it ends with the process that started it, however that ends."""
    # A killed test run executes no `finally`; the kernel then sends the signal.
    bound = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    with log.open("a") as output:
        return subprocess.Popen(
            [*bound, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, text=True
        )


def end(process: subprocess.Popen[str], *, kill: bool = False) -> None:
    """`kill`: without a chance to finish anything, as a power cut would."""
    if process.poll() is None:
        process.kill() if kill else process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_SECONDS)


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[str], log: Path, seconds: float) -> None:
    """Raises RuntimeError with the end of the log when the process dies or is not ready in time."""
    until = time.monotonic() + seconds
    while not ready():
        died = process.poll() is not None
        if died or time.monotonic() > until:
            what = f"ended with code {process.returncode}" if died else f"was not ready in {seconds:.0f} s"
            raise RuntimeError(f"{process.args!r} {what}:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def listening(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0
