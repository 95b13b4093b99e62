"""The server as a process of its own, so that it takes no time from the client's interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Running:
    base_url: str

    def counts(self) -> dict[str, int]:
        """`requests` so far, those `refused` by its rate limit, `repeated` ones with a body seen before, `most_in_flight`."""
        with urllib.request.urlopen(self.base_url + "/counts", timeout=10) as answer:
            found: dict[str, int] = json.load(answer)
            return found


@contextmanager
def server_process(*, latency_ms: float = 0.0, per_minute: int = 0, text: str = "") -> Iterator[Running]:
    """`per_minute`: more requests than that are answered 429; 0: no limit. `text`: every answer."""
    command = [sys.executable, "-m", "tests.llm_server", "--latency-ms", str(latency_ms), "--per-minute", str(per_minute)]
    if text:
        command += ["--text", text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Running(process.stdout.readline().strip())
        finally:
            process.terminate()
