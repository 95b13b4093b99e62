"""GPU types for the training of a dataset: memory, minutes and cost by the model of `core.preflight.cost`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import InputError
from core.preflight.cost import DataShape, ModelShape, TrainingRecipe, estimate_training, read_recipe
from core.preflight.lengths import Pairs
from core.preflight.options import PreflightOptions
from core.preflight.target import Target

Estimates = tuple[tuple[Mapping[str, Any], ...], str]
"""Estimates as plain data, and why there are none."""


def recipe_of(options: PreflightOptions) -> tuple[TrainingRecipe, int | None]:
    """The recipe, and the length at which it cuts rows if options or recipe name one.

    Raises:
        UsageError: there is no such recipe.
    """
    text = options.recipe or ""
    recipe = read_recipe(text)
    named = recipe.max_length if "max_length=" in text else None
    return recipe, options.max_length or named


def gpu_estimates(
    target: Target, train: Pairs, val_rows: int, recipe: TrainingRecipe, max_length: int, prices: Mapping[str, float]
) -> Estimates:
    """`train`: how many rows of train have how many prompt and completion tokens; val is what is evaluated on."""
    if not train:
        return (), "no estimate: there is no row to train on"
    if target.config_file is None:
        return (), f"no estimate: {target.model} has no config.json"
    try:
        shape = ModelShape.from_config(target.config_file)
    except InputError as error:
        return (), f"no estimate: {error.what}"
    run = replace(recipe, max_length=max_length, eval_rows=recipe.eval_rows or val_rows)
    found = estimate_training(shape, DataShape.from_pairs(train), run, prices=prices)
    return tuple(json.loads(json.dumps(one.as_data())) for one in found), ""
