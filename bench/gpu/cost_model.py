"""The cost model beside its measured runs, as a results file: `python -m bench.gpu.cost_model`. Needs no GPU."""

from __future__ import annotations

import json
from dataclasses import asdict

from bench.measure import RESULTS, Figure
from core.preflight.cost.measured import FILE, comparisons, error


def main() -> None:
    """Writes bench/results/cost_model.json. Limits: 15 % of memory, 25 % of time, on the runs held out."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    runs = [run for run in comparisons() if run.held_out]
    figures = []
    for name, amounts, limit in (
        ("peak memory", [run.memory_error for run in runs], 15.0),
        ("seconds per step", [run.time_error for run in runs], 25.0),
    ):
        mean, most = error(amounts)
        figures.append(Figure(f"{name} of {len(runs)} held-out runs, mean error", round(100 * mean, 1), "%", limit, "measured"))
        figures.append(
            Figure(f"{name} of {len(runs)} held-out runs, greatest error", round(100 * most, 1), "%", limit, "measured")
        )
    for run in runs:
        figures.append(
            Figure(f"{run.name}: peak", round(run.predicted_gib, 2), "GiB", None, f"measured {run.measured_gib:.2f}")
        )
        seconds = f"measured {run.measured_seconds:.2f}"
        figures.append(Figure(f"{run.name}: a step", round(run.predicted_seconds, 2), "s", None, seconds))
    hardware = stored["hardware"]
    data = {
        "bench": "cost model of fine-tunings",
        "date": hardware["date"],
        "machine": {name: value for name, value in hardware.items() if name != "date"}
        | {"script": "bench/gpu/training_runs.sh"},
        "figures": [{**asdict(figure), "ok": figure.ok} for figure in figures],
    }
    (RESULTS / "cost_model.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
