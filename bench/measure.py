"""Taking and keeping figures: medians of several runs, ratios against a peer in the same run."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `limit` is the most it may be, None for a figure that is only told. `peer`: against what."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    peer: str = ""

    @property
    def ok(self) -> bool:
        return self.limit is None or self.value <= self.limit


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def median_seconds(action: Callable[[], object], runs: int) -> float:
    return statistics.median(seconds(action) for _ in range(runs))


def interleaved(first: Callable[[], object], second: Callable[[], object], runs: int) -> tuple[float, float]:
    """Medians of both, run in turns so that a busy moment of the machine hits both alike."""
    one, other = [], []
    for _ in range(runs):
        one.append(seconds(first))
        other.append(seconds(second))
    return statistics.median(one), statistics.median(other)


def run_python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def peak_memory_mib() -> float:
    """Peak resident memory of this process, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux ru_maxrss is not this process's alone: the peak of the one that started it is carried over exec.
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def keep(bench: str, figures: Sequence[Figure]) -> Path:
    """Write `bench/results/<bench>.json`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{bench}.json"
    data = {
        "bench": bench,
        "date": time.strftime("%Y-%m-%d"),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "load": round(os.getloadavg()[0], 1),
        "figures": [{**asdict(figure), "ok": figure.ok} for figure in figures],
    }
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return path


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
