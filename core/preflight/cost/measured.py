"""Runs that were measured on a real GPU, and what the model says of them (`measured_runs.json`; bench/gpu/training_runs.sh)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.preflight.cost.data import DataShape
from core.preflight.cost.duration import batch_seconds
from core.preflight.cost.gpus import MEASURED_ON, gpu_named
from core.preflight.cost.memory import GIB, memory
from core.preflight.cost.recipe import TrainingRecipe
from core.preflight.cost.shape import ModelShape, shape_of

FILE: Final = Path(__file__).with_name("measured_runs.json")
_FIELDS: Final = ("trainer", "batch", "checkpointing", "base", "rank", "optimizer", "liger", "loss")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measured run beside its prediction: peak GiB that the allocator handed out, and seconds per batch; None: not measured.

    `held_out`: the run was predicted before it was looked at, and no constant was fitted to it.
    """

    name: str
    held_out: bool
    predicted_gib: float
    measured_gib: float | None
    predicted_seconds: float
    measured_seconds: float | None

    @property
    def memory_error(self) -> float | None:
        """Share by which the prediction is too high."""
        return None if self.measured_gib is None else self.predicted_gib / self.measured_gib - 1

    @property
    def time_error(self) -> float | None:
        return None if self.measured_seconds is None else self.predicted_seconds / self.measured_seconds - 1


def comparisons() -> list[Comparison]:
    """Every measured run, calibration first."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    shapes = {name: shape_of(config, FILE) for name, config in stored["shapes"].items()}
    return [_compared(run, shapes[run["shape"]]) for run in stored["runs"]]


def error(values: Iterable[float | None]) -> tuple[float, float]:
    """Mean and greatest of the errors' amounts."""
    amounts = [abs(value) for value in values if value is not None]
    return sum(amounts) / len(amounts), max(amounts)


def _compared(run: dict[str, Any], shape: ModelShape) -> Comparison:
    recipe = TrainingRecipe(accumulation=1, **{name: run[name] for name in _FIELDS})
    gpu = gpu_named(MEASURED_ON)
    longest = DataShape(((run["longest"], 1),), round(run["longest"] * run["labelled"]))
    parts = memory(shape, longest, recipe, gpu.memory_gib * GIB)
    seconds = batch_seconds(shape, recipe, gpu, run["padded_length"], run["labelled"])
    marks = [run["base"]] * (run["base"] != "bf16") + ["Liger"] * run["liger"] + ["full logits"] * (run["loss"] == "full")
    name = ", ".join(
        [f"{run['trainer']} {run['shape']}", f"batch {run['batch']} x {run['longest']}", run["checkpointing"], *marks]
    )
    return Comparison(
        name, run["role"] == "held-out", parts.allocated / GIB, run["allocated_gib"], seconds, run["seconds_per_batch"]
    )
