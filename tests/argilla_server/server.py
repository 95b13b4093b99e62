"""The stack: Redis, the search stand-in and the Argilla server, each a process on a loopback port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError

from tests.argilla_server.annotator import Annotator
from tests.argilla_server.people import OWNER, WORKSPACE, Person
from tests.argilla_server.processes import end, free_port, listening, start, wait_for
from tests.argilla_server.programs import REDIS, program
from tests.argilla_server.template import fresh_database, server_python
from tests.environments import ROOT

START_SECONDS = 120.0  # a cold disk and a busy machine take a minute


class LocalArgilla:
    """The server's process. It keeps its port and its data when it is killed and started again."""

    workspace = WORKSPACE
    api_key = OWNER.api_key

    def __init__(self, port: int, home: Path, environment: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = home / "server.log"
        self._port = port
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it answers. Does nothing when it runs."""
        if self._process is not None:
            return
        told = ("--host", "127.0.0.1", "--port", str(self._port), "--no-access-log")
        self._process = start([*_command(), "start", *told], self.log, self._environment)
        wait_for(self._answers, self._process, self.log, START_SECONDS)

    def stop(self) -> None:
        """Ends it in good order."""
        self._end(kill=False)

    def kill(self) -> None:
        """Ends it in the middle of whatever it does (SIGKILL)."""
        self._end(kill=True)

    def annotator(self, person: Person) -> Annotator:
        """That person at the server, over HTTP."""
        return Annotator(self.url, person)

    def _end(self, *, kill: bool) -> None:
        if self._process is not None:
            end(self._process, kill=kill)
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/version", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def argilla_server() -> Iterator[LocalArgilla]:
    """A server with nothing in it but people and a workspace, gone with all its files at the end.

    Raises MissingProgramError without Redis.
    """
    redis = program(REDIS)
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="argilla-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        redis_port, search_port = free_port(), free_port()
        environment = _environment(home, redis_port, search_port)
        fresh_database(home, environment)
        redis_command = [redis, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
        search_command = [sys.executable, "-m", "tests.argilla_server.search", str(search_port)]
        for name, command, port in (("redis", redis_command, redis_port), ("search", search_command, search_port)):
            log = home / f"{name}.log"
            process = start(command, log, {**os.environ, "PYTHONPATH": str(ROOT)})
            stack.callback(end, process)
            wait_for(lambda port=port: listening(port), process, log, START_SECONDS)  # type: ignore[misc]
        server = LocalArgilla(free_port(), home, environment)
        stack.callback(server.stop)
        server.start()
        yield server


def _command() -> list[str]:
    return [str(server_python()), "-m", "argilla_server"]


def _environment(home: Path, redis_port: int, search_port: int) -> dict[str, str]:
    """Nothing of the user's: the server must not find their tokens, nor write into their home."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),  # the server copies its web pages there at each start and never removes them
        "ARGILLA_HOME_PATH": str(home),
        "ARGILLA_ELASTICSEARCH": f"http://127.0.0.1:{search_port}",
        "ARGILLA_SEARCH_ENGINE": "opensearch",
        "ARGILLA_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "ARGILLA_AUTH_SECRET_KEY": "of-the-tests-and-of-no-one-else-",  # sessions outlive a restart
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
    }
