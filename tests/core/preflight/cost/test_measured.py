"""The model beside real runs. The limits are what the documentation states."""

from __future__ import annotations

import pytest

from core.preflight.cost import DataShape, GpuEstimate, estimate_training, gpu_named, read_recipe
from core.preflight.cost.measured import comparisons, error
from tests.core.preflight.cost.shapes import LLAMA_8B, shape

RUNS = comparisons()


def test_there_are_runs_that_no_constant_was_fitted_to() -> None:
    assert sum(run.held_out for run in RUNS) == 7
    assert len(RUNS) == 29


@pytest.mark.parametrize(("held_out", "mean", "most"), [(False, 0.015, 0.05), (True, 0.011, 0.038)])
def test_memory_comes_out_as_measured(held_out: bool, mean: float, most: float) -> None:
    found = error(run.memory_error for run in RUNS if run.held_out == held_out)
    assert found[0] < mean
    assert found[1] < most


@pytest.mark.parametrize(("held_out", "mean", "most"), [(False, 0.11, 0.39), (True, 0.14, 0.22)])
def test_seconds_come_out_near_what_was_measured(held_out: bool, mean: float, most: float) -> None:
    found = error(run.time_error for run in RUNS if run.held_out == held_out)
    assert found[0] < mean
    assert found[1] < most


@pytest.mark.parametrize(
    ("recipe", "seconds"),
    [
        ("unsloth base=bf16 epochs=3 optimizer=adamw", 227),
        ("unsloth base=bf16 epochs=3 optimizer=adamw batch=8 accumulation=1 checkpointing=none", 141),
    ],
)
def test_the_whole_job_of_the_recipe_takes_as_long_as_measured(recipe: str, seconds: float) -> None:
    lengths = {(int(982 * (0.85 + 0.3 * step / 99)), 20): 5 for step in range(100)}
    [estimate] = estimate_training(
        shape(LLAMA_8B), DataShape.from_pairs(lengths), read_recipe(recipe), [gpu_named("H100 80GB")]
    )
    assert isinstance(estimate, GpuEstimate)
    assert estimate.minutes * 60 == pytest.approx(seconds, rel=0.2)
