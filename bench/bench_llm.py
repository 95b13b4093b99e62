"""The client of the models against a local server with a fixed latency: its rate beside the bare SDK's, memory, limits."""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time

from bench.llm_load import bare_rate, client_rate
from bench.measure import Figure
from tests.llm_server import server_process

LATENCY_MS = 50
PER_MINUTE = 600
CALLS = 20_000


def run(*, quick: bool) -> list[Figure]:
    """Ratios are medians of interleaved runs; the server is a process of its own."""
    figures: list[Figure] = []
    with server_process(latency_ms=LATENCY_MS) as server:
        for at_once, least in ((64, 0.95), (256, 1.2)):
            figures += _rates(server.base_url, at_once, least, quick=quick)
        figures += _memory(server.base_url, quick=quick)
    return figures + _limit(quick=quick)


def _rates(base_url: str, at_once: int, least: float, *, quick: bool) -> list[Figure]:
    calls, runs = (8 * at_once, 1) if quick else (3000, 3)
    bare, ours = [], []
    for _ in range(runs):
        bare.append(asyncio.run(bare_rate(base_url, at_once, calls)))
        ours.append(asyncio.run(client_rate(base_url, at_once, calls)))
    ratio = statistics.median(bare) / statistics.median(ours)
    told = f"{at_once} in flight, {LATENCY_MS} ms each"
    return [
        Figure(f"the bare SDK's requests/s as a share of ours, {told}", ratio, "×", 1 / least, "asyncio.gather over the SDK"),
        Figure(f"our requests/s, every answer on disk, {told}", statistics.median(ours), "/s"),
        Figure(f"the bare SDK's requests/s, {told}", statistics.median(bare), "/s"),
    ]


def _memory(base_url: str, *, quick: bool) -> list[Figure]:
    """In a process of its own: what it holds after a quarter of the calls, and after all of them."""
    calls = 2000 if quick else CALLS
    command = [sys.executable, "-m", "bench.llm_load", base_url, str(calls)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after_quarter, at_end, seconds = map(float, re.findall(r"[\d.]+", done.stdout))
    return [
        Figure(f"memory after {calls:,} calls", at_end / after_quarter, "×", 1.1, f"after {calls // 4:,} calls"),
        Figure(f"memory after {calls:,} calls, absolute", at_end, "MiB"),
        Figure(f"{calls:,} calls, 256 in flight", seconds, "s"),
    ]


def _limit(*, quick: bool) -> list[Figure]:
    calls = PER_MINUTE // 20 if quick else PER_MINUTE
    with server_process(latency_ms=LATENCY_MS, per_minute=PER_MINUTE) as server:
        start = time.perf_counter()
        asyncio.run(client_rate(server.base_url, 64, calls, requests_per_minute=PER_MINUTE))
        achieved = calls / (time.perf_counter() - start) * 60
        refused = server.counts()["refused"]
    return [
        Figure(f"a limit of {PER_MINUTE} requests/min as a share of what is reached", PER_MINUTE / achieved, "×", 1 / 0.97),
        Figure(f"answers 429 among {calls} requests at that limit", refused, "", 0),
    ]
