"""Programs from the system's packages that the tests need: found, installed where that is allowed, or told as missing."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TypeVar

import pytest

from tests.environments import ROOT

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Program:
    """`names`: what the command may be called; `packages`: what brings it on Debian and Ubuntu."""

    names: tuple[str, ...]
    packages: tuple[str, ...]


REDIS = Program(("redis-server", "valkey-server"), ("redis-server",))
CHROMIUM = Program(("chromium", "chromium-browser", "google-chrome"), ("chromium", "chromium-driver"))
CHROMEDRIVER = Program(("chromedriver",), ("chromium-driver",))


class MissingProgramError(Exception):
    """None of its names is on PATH, and it could not be installed; the message says how to."""


def program(wanted: Program) -> str:
    """Its path. As root on Debian or Ubuntu it is installed first when missing, once for all test workers."""
    found = _on_path(wanted)
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        found = _installed(wanted)
    if not found:
        raise MissingProgramError(
            f"{' or '.join(wanted.names)} is not on PATH (Debian, Ubuntu: apt-get install {' '.join(wanted.packages)})"
        )
    return found


def entered_or_skipped(stack: ExitStack, context: AbstractContextManager[T]) -> T:
    """What `context` gives; the test is skipped where a program is missing."""
    try:
        return stack.enter_context(context)
    except MissingProgramError as missing:
        pytest.skip(str(missing))


def _on_path(wanted: Program) -> str | None:
    return next((path for name in wanted.names if (path := shutil.which(name))), None)


def _installed(wanted: Program) -> str | None:
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := _on_path(wanted):
            return found
        # RUNLEVEL=1: the package's own service is not started; the tests start theirs on a port of their own.
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted.packages]
        for command in (["apt-get", "update", "-qq"], install):
            done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode:
                raise MissingProgramError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
        return _on_path(wanted)
