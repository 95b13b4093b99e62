"""The review loop in a real pty: key to last byte, first paint, memory, at a thousand to a million rephrasings; the orders."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.measure import Figure, median_seconds, percentile, run_python
from bench.synthetic import make_project
from bench.terminal import Terminal, workbench
from core.project import Project
from core.store.connection import transaction
from review import accepted_set, queue
from review.orders import Order

MINIMAL = """
from textual.app import App, ComposeResult
from textual.widgets import Static

class Minimal(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("minimal application")

Minimal().run()
"""
FIRST_ROW = b"1-1-1"
"""Part of the first rephrasing of the synthetic project: it is on screen when the first page of the queue is."""


def run(*, quick: bool) -> list[Figure]:
    """Medians and percentiles over many keys; first paints interleaved with those of a minimal app."""
    sizes = (1_000, 20_000) if quick else (1_000, 100_000, 1_000_000)
    keys = 20 if quick else 120
    figures: list[Figure] = []
    p95: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            project = make_project(Path(folder) / str(size), size)
            environment = {"WORKBENCH_CONFIG": str(Path(folder) / "none.toml"), "WORKBENCH_REVIEWER": "bench"}
            with Terminal(*workbench("-C", str(project.root), "review"), environment=environment) as app:
                app.wait_for(FIRST_ROW)
                app.settle(1.5)
                memory = app.memory_mib()
                times = {}
                for name, key in (("j", b"j"), ("a", b"a")):
                    app.press(key)
                    times[name] = [app.press(key)[0] for _ in range(keys)]
            both = times["a"] + times["j"]
            p95[size] = percentile(both, 0.95)
            figures += _orders(project, size, 1 if size > 100_000 else 3)
            for name, measured in times.items():
                figures.append(Figure(f"key {name} → last byte, p50 at {size:,}", statistics.median(measured) * 1000, "ms"))
            limit = 20.0 if size == sizes[-1] else None
            figures.append(Figure(f"key → last byte, p95 at {size:,}", p95[size] * 1000, "ms", limit))
            figures.append(Figure(f"memory at {size:,}", memory, "MiB", 150 if size == sizes[-1] else None))
        figures.append(Figure(f"p95 at {sizes[-1]:,}", p95[sizes[-1]] / p95[sizes[0]], "×", 1.3, f"p95 at {sizes[0]:,}"))
        figures += _first_paint(Path(folder) / str(sizes[-1]), environment, 3 if quick else 9, sizes[-1])
    return figures


def _orders(project: Project, size: int, runs: int) -> list[Figure]:
    """How long the whole queue takes in each order, and what the bound is counted from. Nine in ten have a score."""
    chance = random.Random(size)
    with closing(project.open()) as connection:
        with transaction(connection):
            connection.executemany(
                "INSERT INTO ambiguity (rephrasing_id, score, fingerprint) VALUES (?, ?, '')",
                ((id_, round(chance.random(), 3)) for id_ in range(1, size + 1) if id_ % 10),
            )
        connection.execute("ANALYZE")
        figures = [
            Figure(f"queue by {order} at {size:,}", median_seconds(partial(queue.load, connection, order=order), runs), "s", 10)
            for order in Order
        ]
        read = median_seconds(partial(accepted_set.load, connection), runs)
        accepted = accepted_set.load(connection)
    plan = median_seconds(lambda: run_python(*workbench("-C", str(project.root), "review", "plan")[1:]), runs)
    return [
        *figures,
        Figure(f"what the bound is counted from, at {size:,}", read, "s", 10),
        Figure(f"one bound at {size:,}", median_seconds(lambda: accepted.standing().bound(), 21) * 1000, "ms", 1),
        Figure(f"workbench review plan at {size:,}", plan, "s", 1 if size <= 100_000 else None),
    ]


def _first_paint(project: Path, environment: dict[str, str], runs: int, size: int) -> list[Figure]:
    ours, minimal = [], []
    for _ in range(runs):
        with Terminal(sys.executable, "-c", MINIMAL) as app:
            minimal.append(app.wait_for(b"minimal application"))
        with Terminal(*workbench("-C", str(project), "review"), environment=environment) as app:
            ours.append(app.wait_for(FIRST_ROW))
    middle, peer = statistics.median(ours), statistics.median(minimal)
    return [
        Figure(f"first paint at {size:,}", middle / peer, "×", 2.0, "a minimal Textual app"),
        Figure(f"first paint at {size:,}, absolute", middle * 1000, "ms"),
        Figure("first paint of a minimal Textual app", peer * 1000, "ms"),
    ]
