"""How long a LoRA training takes: a roofline with a floor, its shares fitted to measured runs (`measured_runs.json`).

A batch costs the GPU matrix products (FLOPs over a share of the datasheet's peak), attention (the same, at a lower share),
and element-wise work (bytes over the bandwidth); and the host the launching of kernels, layer by layer, which goes on beside
it. The greater of the two decides; where they are near, both count a little: (gpu⁴ + host⁴)^¼.

FLOPs: a linear costs 2 per weight and token forward, and 2 backward for the gradient of its input. A frozen base needs no
gradient of its weights, so a step is 4·N per token in place of the 6·N of full fine-tuning; checkpointing computes the
forward pass again: 6·N. LoRA's own weights cost all three. Attention: 4·length·width forward, 2.5 times that backward
(FlashAttention computes it again).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.preflight.cost.data import DataShape
from core.preflight.cost.gpus import GpuType
from core.preflight.cost.memory import FULL_LOGITS, kept_per_token, lora_parameters
from core.preflight.cost.recipe import TrainingRecipe
from core.preflight.cost.shape import ModelShape


@dataclass(frozen=True, slots=True)
class TrainerSpeed:
    """`matmul`, `attention`: share of the peak reached. `traffic`: bytes moved per byte that a layer keeps
    (`kept_per_token`). `unpack`: bytes moved per byte of 4-bit weights turned into bf16. `launch`: seconds of the host per
    layer, forward and backward; `launch_4bit`: share more with a quantised base. `start`: seconds of imports and compilation
    before the second step."""

    matmul: float
    attention: float
    traffic: float
    unpack: float
    launch: float
    launch_4bit: float
    start: float


SPEED: Final[Mapping[str, TrainerSpeed]] = {
    "trl": TrainerSpeed(0.37, 0.084, 13.6, 3.0, 0.0148, 0.37, 30.0),
    "unsloth": TrainerSpeed(0.65, 0.204, 3.4, 2.7, 0.0066, 0.52, 40.0),
}
"""Fitted in November 2026 on an H100 to 20 runs (TRL 1.15, Unsloth 2026.10); 7 runs of other shapes came out 14 % off on
average, 21 % at most."""
_LOGIT_PASSES: Final = 6
"""How often the full logits are read or written, in multiples of what they take at the peak."""
_LOAD_BYTES_PER_SECOND: Final = 2e9
_FORWARD_OF_TRAFFIC: Final = 1 / 3


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds. `steps`: optimizer steps. `total`: with loading, compilation and evaluations; without a download of the
    model."""

    seconds_per_step: float
    steps: int
    training: float
    evaluations: float
    start: float

    @property
    def total(self) -> float:
        return self.training + self.evaluations + self.start


def duration(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> Duration:
    """Of the whole training. Batches are padded to the longest of the rows drawn for them."""
    length = data.padded_length(recipe.batch)
    step = recipe.accumulation * batch_seconds(shape, recipe, gpu, length, data.supervised_share)
    steps = math.ceil(math.ceil(data.rows / (recipe.batch * recipe.accumulation)) * recipe.epochs)
    evaluation = 0.0
    if recipe.eval_rows:
        batches = math.ceil(recipe.eval_rows / recipe.batch)
        evaluation = (
            batches
            * batch_seconds(shape, recipe, gpu, length, data.supervised_share, learn=False)
            * (steps // recipe.eval_steps)
        )
    loading = 2 * shape.parameters / _LOAD_BYTES_PER_SECOND
    return Duration(step, steps, step * steps, evaluation, SPEED[recipe.trainer].start + loading)


def batch_seconds(
    shape: ModelShape, recipe: TrainingRecipe, gpu: GpuType, length: float, supervised: float, *, learn: bool = True
) -> float:
    """Seconds of one batch of `recipe.batch` rows padded to `length`; `supervised`: share of its tokens that are learned."""
    speed = SPEED[recipe.trainer]
    again = 1 if learn and recipe.checkpointing != "none" else 0
    forward = 1 + again
    tokens = recipe.batch * length
    quantised = recipe.base != "bf16"

    linear = 2 * shape.linear_parameters * (forward + learn) * tokens
    linear += 2 * lora_parameters(shape, recipe) * (forward + 2 * learn) * tokens
    scored = tokens if recipe.loss == "full" else tokens * supervised
    linear += 2 * shape.vocab * shape.hidden * (1 + learn) * scored
    attention = 4 * length * shape.query_width * shape.layers * tokens * (forward + 2.5 * learn)

    share = 1 + again * _FORWARD_OF_TRAFFIC if learn else _FORWARD_OF_TRAFFIC
    moved = speed.traffic * kept_per_token(shape, recipe) * shape.layers * tokens * share
    if quantised:
        moved += speed.unpack * shape.linear_parameters * 2.5 * (forward + learn)
    if recipe.loss == "full":
        moved += _LOGIT_PASSES * FULL_LOGITS * tokens * shape.vocab * (1 if learn else _FORWARD_OF_TRAFFIC)

    peak = gpu.tflops * 1e12
    on_gpu = linear / (peak * speed.matmul) + attention / (peak * speed.attention) + moved / (gpu.gb_per_s * 1e9)
    on_host = speed.launch * shape.layers * share * (1 + speed.launch_4bit * quantised)
    return float((on_gpu**4 + on_host**4) ** 0.25)
