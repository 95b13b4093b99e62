"""Estimates of what a fine-tuning takes: peak GPU memory, minutes, cost. No torch, no GPU."""

from core.preflight.cost.data import DataShape
from core.preflight.cost.estimate import Change, GpuEstimate, estimate_training
from core.preflight.cost.gpus import ALL_GPUS, GpuType, gpu_named
from core.preflight.cost.recipe import RECIPES, TrainingRecipe, read_recipe
from core.preflight.cost.shape import ModelShape

__all__ = [
    "ALL_GPUS", "RECIPES", "Change", "DataShape", "GpuEstimate", "GpuType", "ModelShape", "TrainingRecipe", "estimate_training",
    "gpu_named", "read_recipe",
]  # fmt: skip
