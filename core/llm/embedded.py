"""`provider = "embedded"`: a small model that Workbench serves itself, so that every stage runs with no key and no network.

One server for each model of a process, shared by its users, on loopback; it ends with the last of them, or with the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import core
from core.errors import Location, ProjectError
from core.llm.model_file import Narrate, model_file
from core.llm.roles import RoleSettings
from core.project import Project

LOG_NAME: Final = "embedded-server.log"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


SLOTS: Final = min(4, max(1, _cores()))
"""Questions at a time. Each reads its prompt from the start the first time, and together they share the cores."""
CONTEXT: Final = 8192
"""Tokens of one question and its answer, unless `context_length` is set: SmolLM2's own limit. 1 GB of memory at 4 slots."""
_START_TIMEOUT: Final = 120.0
"""Seconds; SmolLM2 takes one. A machine that is busy with other things may take a hundred times that."""
_LOG_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. `base_url` with `/v1`; `process_id` and `log` are for whoever looks into it."""

    base_url: str
    model: str
    process_id: int
    log: Path


@dataclass(slots=True)
class _Shared:
    """The server of one model, and how many use it. `lock` is held while it starts or ends."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    process: subprocess.Popen[bytes] | None = None
    server: EmbeddedServer | None = None


_servers: dict[tuple[Path, int], _Shared] = {}
_servers_lock = threading.Lock()


@asynccontextmanager
async def embedded_server(
    project: Project, settings: RoleSettings, *, narrate: Narrate = lambda text: None
) -> AsyncIterator[EmbeddedServer]:
    """The server of the role's model, ready to answer. Its log is `embedded-server.log` in the project's state folder.

    Raises:
        ProjectError: xllamacpp is not installed, the model cannot be had or is damaged, the server does not start; or, when
            it is left, that the server has ended meanwhile by itself.
    """
    given_up = threading.Event()
    starting = asyncio.create_task(asyncio.to_thread(_take, project, settings, narrate, given_up))
    try:
        shared, server = await asyncio.shield(starting)
    except asyncio.CancelledError:
        given_up.set()
        with suppress(ProjectError):  # the thread is waited for: no server stays behind that nobody ends
            _release((await starting)[0])
        raise
    try:
        yield server
    finally:
        code = await asyncio.shield(asyncio.to_thread(_release, shared))
    if code is not None:
        raise _ended(f"the embedded model's server ended while it was in use ({_reason(code)})", server.log)


@contextmanager
def kept_running(project: Project, settings: RoleSettings, *, narrate: Narrate = lambda text: None) -> Iterator[None]:
    """For several runs one after the other: the server stays between them, with the prompts that it remembers.

    Raises:
        ProjectError: as `embedded_server`, when it is entered.
    """
    shared, _ = _take(project, settings, narrate, threading.Event())
    try:
        yield
    finally:
        _release(shared)


def _take(
    project: Project, settings: RoleSettings, narrate: Narrate, given_up: threading.Event
) -> tuple[_Shared, EmbeddedServer]:
    if find_spec("xllamacpp") is None:
        raise ProjectError(
            'a role has `provider = "embedded"`, and the package `xllamacpp` is not installed',
            where=Location(str(project.config_path)),
            remedy="pip install 'finetune-workbench[local]'",
        )
    path = model_file(project, settings, narrate=narrate, given_up=given_up).resolve()
    context = settings.context_length or CONTEXT
    with _servers_lock:
        shared = _servers.setdefault((path, context), _Shared())
    with shared.lock:
        if shared.process is not None and shared.process.poll() is not None:  # died; its pipes are still open
            _end(shared.process)
            shared.process = shared.server = None
        if shared.server is None:
            shared.process, shared.server = _start(path, context, project.state_folder / LOG_NAME, given_up)
        shared.users += 1
        return shared, shared.server


def _release(shared: _Shared) -> int | None:
    """The exit code of a server that has ended by itself, None as it should be."""
    with shared.lock:
        shared.users -= 1
        code = shared.process.poll() if shared.process is not None else None
        if shared.users == 0 and shared.process is not None:
            _end(shared.process)
            shared.process = shared.server = None
        return code


def _start(path: Path, context: int, log: Path, given_up: threading.Event) -> tuple[subprocess.Popen[bytes], EmbeddedServer]:
    """`-P` keeps the current folder, which is the user's, out of the module search of the child."""
    arguments = [str(path), path.stem, str(SLOTS), str(context), str(_threads())]
    with _log_file(log) as (output, start_of_log):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "core.llm.embedded_server", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env={**os.environ, "PYTHONPATH": _with_this_code(os.environ.get("PYTHONPATH"))},
            start_new_session=True,  # Ctrl-C is for Workbench, which still wants answers while it ends
        )
    try:
        base_url = _wait_for(process, given_up)
    except BaseException:
        _end(process)
        raise
    if base_url is None:
        code = _end(process)
        raise _ended(f"the embedded model's server did not start with {path} ({_reason(code)})", log, start_of_log)
    return process, EmbeddedServer(base_url, path.stem, process.pid, log)


def _wait_for(process: subprocess.Popen[bytes], given_up: threading.Event) -> str | None:
    """The address once `/health` says yes, None if the process ended or takes too long."""
    lines: list[bytes] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda out: lines.append(out.readline()), args=(process.stdout,), daemon=True)
    reader.start()
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if given_up.is_set():
            raise ProjectError("the start of the embedded model was given up")
        reader.join(0.05)
        if reader.is_alive():
            continue
        if not lines[0]:
            return None
        base_url: str = json.loads(lines[0])["base_url"]
        if _is_healthy(base_url):
            return base_url
        if process.poll() is not None:
            return None
        time.sleep(0.05)
    return None


def _is_healthy(base_url: str) -> bool:
    """Past any proxy of the environment: it could not reach this machine's loopback."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{base_url.removesuffix('/v1')}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. Closing its standard input is the wish, the signal comes if that does not help."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        code = process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    process.stdout.close()  # not before: a thread may be reading it
    return code


def _ended(what: str, log: Path, start_of_log: int = 0) -> ProjectError:
    said = "\n  ".join(_last_lines(log, start_of_log)) or "(nothing)"
    return ProjectError(
        f"{what}; it said last:\n  {said}",
        where=Location(str(log)),
        remedy="A damaged model is to be fetched again; with too little memory, set a smaller `context_length` for the role.",
    )


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _threads() -> int:
    """One core stays free: with both cores of two busy, two threads were ten times slower than one."""
    return max(1, _cores() - 1)


def _with_this_code(path: str | None) -> str:
    here = str(Path(core.__file__).resolve().parent.parent)
    return os.pathsep.join([here, *([path] if path else [])])


@contextmanager
def _log_file(log: Path) -> Iterator[tuple[int, int]]:
    """A descriptor to append to, and the length so far. A log that became long starts anew."""
    try:
        log.parent.mkdir(exist_ok=True)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise ProjectError(
            f"cannot be written: {error.strerror}", where=Location(str(log)), remedy="Check the disk's space and permissions."
        ) from error
    try:
        if os.fstat(descriptor).st_size > _LOG_LIMIT:
            os.truncate(descriptor, 0)
        yield descriptor, os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _last_lines(log: Path, start: int) -> list[str]:
    with suppress(OSError):
        return log.read_bytes()[start:].decode("utf-8", "replace").strip().splitlines()[-4:]
    return []
