"""python -m tests.argilla_server: a server to try things on; it says where it is and stays until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import sys

from tests.argilla_server.people import PEOPLE
from tests.argilla_server.server import argilla_server


def main() -> None:
    # Ended by `kill`, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    with argilla_server() as server, contextlib.suppress(KeyboardInterrupt):
        print(f"{server.url}  workspace {server.workspace}  log {server.log}")
        for person in PEOPLE:
            print(f"{person.role:<10} {person.name:<6} password {person.password}  api key {person.api_key}")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
