"""Estimates per GPU type, and what to change where a training does not fit."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import UsageError
from core.preflight.cost import ALL_GPUS, GpuEstimate, GpuType, TrainingRecipe, estimate_training, gpu_named, read_recipe
from core.preflight.cost.duration import duration
from tests.core.preflight.cost.shapes import LLAMA_8B, SMOLLM_135M, rows, shape

LLAMA = shape(LLAMA_8B)
DATA = rows(*[1000] * 80, *[1200] * 20)
LARGE = read_recipe("trl batch=8 checkpointing=none")


def on(gpu: str | GpuType, recipe: TrainingRecipe = LARGE, **more: object) -> GpuEstimate:
    chosen = gpu_named(gpu) if isinstance(gpu, str) else gpu
    [estimate] = estimate_training(LLAMA, DATA, recipe, [chosen], **more)  # type: ignore[arg-type]
    return estimate


def test_there_is_one_estimate_per_gpu_type_in_their_order() -> None:
    estimates = estimate_training(LLAMA, DATA, TrainingRecipe())
    assert [estimate.gpu for estimate in estimates] == [gpu.name for gpu in ALL_GPUS]
    assert all(estimate.fits and not estimate.changes for estimate in estimates)


def test_the_parts_add_up_to_the_peak_and_the_headroom() -> None:
    estimate = on("A100 80GB", TrainingRecipe())
    parts = estimate.parts
    assert estimate.peak_gib == pytest.approx(sum(parts[name] for name in parts if name != "loss"))
    assert estimate.headroom_gib == pytest.approx(80 - estimate.peak_gib)


def test_cost_is_told_only_with_a_price_of_the_user() -> None:
    without, priced = on("A100 80GB"), on("A100 80GB", prices={"a100 80gb": 2.0})
    assert (without.cost, without.cost_text) == (None, "no price set")
    assert priced.cost == pytest.approx(priced.minutes / 60 * 2.0)
    assert priced.cost_text == f"{priced.cost:.2f}"
    assert on("H100 80GB", prices={"H100": 2.0}).cost is not None, "by the beginning of its name"


def test_a_price_for_a_gpu_type_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="No GPU type TPU is known"):
        on("H100 80GB", prices={"TPU": 2.0})
    assert on("H100 80GB", prices={"A100 80GB": 2.0}).cost is None


def test_changes_are_tried_in_turn_until_it_fits() -> None:
    estimate = on("A10 24GB")
    assert not estimate.fits
    assert [change.what for change in estimate.changes] == [
        "batch 4, accumulated 8 times",
        "batch 2, accumulated 16 times",
        "batch 1, accumulated 32 times",
        "gradient checkpointing",
    ]
    assert [change.fits for change in estimate.changes] == [False, False, False, True]
    assert estimate.changes[-1].peak_gib < 22.5


def test_four_bits_are_the_last_before_rows_are_cut() -> None:
    assert on("T4 16GB").changes[-1].what == "base weights in 4 bits"


def test_rows_are_cut_when_nothing_else_is_left_and_it_says_how_many() -> None:
    last = on(GpuType("small", 6.85, 65, 320), TrainingRecipe()).changes[-1]
    assert last.fits
    assert last.what == "rows cut at 1088 tokens, which 20 rows are longer than"


def test_when_nothing_makes_it_fit_it_says_why() -> None:
    estimate = on(GpuType("tiny", 4.0, 65, 320))
    assert not any(change.fits for change in estimate.changes)
    assert estimate.notes[-1].startswith("nothing makes it fit: the weights alone take 5.3 of 4 GiB in 4 bits")


def test_a_training_without_any_change_left_still_says_why() -> None:
    recipe = read_recipe("unsloth batch=1 accumulation=8")
    estimate = on(GpuType("tiny", 4.0, 65, 320), recipe)
    assert estimate.changes == ()
    assert "nothing makes it fit" in estimate.notes[-1]


def test_what_was_not_measured_is_said() -> None:
    assert on("H100 80GB", TrainingRecipe()).notes == ()
    assert "scaled by datasheets" in on("L4 24GB", TrainingRecipe()).notes[0]
    assert "fp16" in on("T4 16GB", TrainingRecipe()).notes[1]
    assert "8-bit base weights were not measured" in on("H100 80GB", TrainingRecipe(base="8bit")).notes[0]


def test_a_peak_within_the_model_s_error_of_the_memory_is_called_tight() -> None:
    peak = on("H100 80GB", TrainingRecipe()).peak_gib
    estimate = on(GpuType("just", peak * 1.02, 989, 3350), TrainingRecipe())
    assert estimate.fits
    assert "tight" in estimate.notes[-1]


def test_a_max_length_cuts_rows_before_anything_is_estimated() -> None:
    short, long = on("H100 80GB", read_recipe("trl max_length=512")), on("H100 80GB", read_recipe("trl"))
    assert short.peak_gib < long.peak_gib
    assert short.minutes < long.minutes


def test_more_rows_epochs_and_evaluations_take_longer() -> None:
    gpu = gpu_named("H100 80GB")
    base = duration(LLAMA, DATA, LARGE, gpu)
    assert (base.steps, base.evaluations) == (3 * -(-100 // 32), 0)
    assert duration(LLAMA, rows(*[1100] * 200), LARGE, gpu).training > base.training
    evaluated = duration(LLAMA, DATA, read_recipe("trl eval_rows=40 eval_steps=5"), gpu)
    assert 0 < evaluated.evaluations < evaluated.training


def test_checkpointing_takes_longer_and_a_faster_gpu_less_long() -> None:
    h100, l4 = gpu_named("H100 80GB"), gpu_named("L4 24GB")
    checkpointed = read_recipe("trl batch=8 checkpointing=full")
    assert duration(LLAMA, DATA, checkpointed, h100).seconds_per_step > duration(LLAMA, DATA, LARGE, h100).seconds_per_step
    assert duration(LLAMA, DATA, LARGE, l4).seconds_per_step > 4 * duration(LLAMA, DATA, LARGE, h100).seconds_per_step


def test_a_small_model_is_held_up_by_its_host_not_by_the_gpu() -> None:
    small, recipe = shape(SMOLLM_135M), read_recipe("trl batch=1")
    fast, faster = (duration(small, rows(128), recipe, gpu_named(name)).seconds_per_step for name in ("A100 40GB", "H100 80GB"))
    assert fast == pytest.approx(faster, rel=0.01)


def test_an_estimate_is_plain_data_for_the_report() -> None:
    data = on("A10 24GB").as_data()
    assert data["changes"][0]["what"] == "batch 4, accumulated 8 times"
    assert data["cost_text"] == "no price set"


def test_estimating_imports_no_torch() -> None:
    code = "import sys, core.preflight.cost; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
