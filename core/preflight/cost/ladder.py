"""What to change when a training does not fit, least loss first, until it fits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from core.preflight.cost.data import DataShape
from core.preflight.cost.gpus import GpuType
from core.preflight.cost.memory import GIB, memory
from core.preflight.cost.recipe import TrainingRecipe
from core.preflight.cost.shape import ModelShape

SHORTEST = 64


def fits(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> bool:
    return peak_gib(shape, data, recipe, gpu) <= gpu.memory_gib


def peak_gib(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> float:
    return memory(shape, data, recipe, gpu.memory_gib * GIB).peak / GIB


def rungs(recipe: TrainingRecipe) -> Iterator[tuple[str, TrainingRecipe]]:
    """(what changes, the recipe with this and all changes before): smaller batches accumulated more often, which train the
    same; checkpointing, which costs a third of the time; 8-bit optimizer states; 4-bit base weights."""
    while recipe.batch > 1:
        batch = recipe.batch // 2
        accumulation = math.ceil(recipe.batch * recipe.accumulation / batch)
        recipe = replace(recipe, batch=batch, accumulation=accumulation)
        yield f"batch {batch}, accumulated {accumulation} times", recipe
    if recipe.checkpointing == "none":
        recipe = replace(recipe, checkpointing="unsloth" if recipe.trainer == "unsloth" else "full")
        yield "gradient checkpointing", recipe
    if recipe.optimizer == "adamw":
        recipe = replace(recipe, optimizer="adamw_8bit")
        yield "8-bit AdamW", recipe
    if recipe.base != "4bit":
        recipe = replace(recipe, base="4bit")
        yield "base weights in 4 bits", recipe


def longest_that_fits(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> int | None:
    """The greatest multiple of 64 tokens to which rows can be cut so that the training fits; None when none does."""
    low, high = 0, data.longest // SHORTEST
    while low < high:
        middle = (low + high + 1) // 2
        if fits(shape, data.cut_at(middle * SHORTEST), recipe, gpu):
            low = middle
        else:
            high = middle - 1
    return low * SHORTEST or None
