"""A program in a real pseudo-terminal: type keys, time what comes back, read its memory."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from types import TracebackType

QUIET_SECONDS = 0.12
"""Silence after which an answer counts as complete."""


class Terminal:
    """Runs `arguments` in a pty of the given size. Use as a context manager; the program is killed at the end."""

    def __init__(
        self, *arguments: str, columns: int = 120, rows: int = 40, environment: Mapping[str, str] | None = None
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"})
            os.environ.update(environment or {})
            os.execvp(arguments[0], arguments)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def kill(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._fd)
            self.pid = 0

    def read(self, timeout: float) -> bytes:
        """What arrives within `timeout` seconds, at once when something does; b'' if nothing."""
        ready, _, _ = select.select([self._fd], [], [], timeout)
        if not ready:
            return b""
        try:
            return os.read(self._fd, 1 << 16)
        except OSError as error:  # the program has ended
            raise EOFError("the program ended") from error

    def wait_for(self, text: bytes, timeout: float = 60.0) -> float:
        """Seconds from the start of the program until `text` was on the wire."""
        seen = b""
        deadline = time.perf_counter() + timeout
        while text not in seen:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{text!r} did not appear within {timeout} s; last: {seen[-2000:]!r}")
            seen = seen[-(1 << 20) :] + self.read(0.05)
        return time.perf_counter() - self.started

    def settle(self, quiet: float = 0.5, limit: float = 30.0) -> None:
        """Read until nothing has come for `quiet` seconds."""
        deadline = time.perf_counter() + limit
        while time.perf_counter() < deadline and self.read(quiet):
            pass

    def send(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def press(self, keys: bytes) -> tuple[float, int]:
        """Seconds from the key to the last byte of its answer, and the bytes that came."""
        start = last = time.perf_counter()
        self.send(keys)
        received = 0
        quiet = 0.5  # patience for the first byte
        while chunk := self.read(quiet):
            last = time.perf_counter()
            received += len(chunk)
            quiet = QUIET_SECONDS
        return last - start, received

    def memory_mib(self) -> float:
        """Resident memory of the program now, in MiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def workbench(*arguments: str) -> tuple[str, ...]:
    """The command line of this checkout."""
    call = f"import sys; sys.argv = ['workbench', *{list(arguments)!r}]\nfrom tui.cli.main import run\nrun()"
    return (sys.executable, "-c", call)
