"""Recipes as they are named on a command line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import UsageError
from core.preflight.cost import RECIPES, TrainingRecipe, gpu_named, read_recipe


def test_without_a_name_it_is_that_of_the_first_notebook() -> None:
    recipe = read_recipe("")
    assert recipe == TrainingRecipe() == RECIPES["unsloth"]
    assert (recipe.batch * recipe.accumulation, recipe.epochs, recipe.base, recipe.rank) == (8, 2.0, "4bit", 16)


def test_fields_that_differ_are_named_after_it() -> None:
    changed = read_recipe("trl batch=4 epochs=1.5 liger=true checkpointing=none max_length=1024")
    wanted = replace(RECIPES["trl"], batch=4, epochs=1.5, liger=True, checkpointing="none", max_length=1024)
    assert changed == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("axolotl", "no recipe axolotl.*unsloth, trl"),
        ("trl colour=red", "`colour=red` is no field"),
        ("trl batch", "`batch` is no field"),
        ("trl batch=many", "`batch=many` cannot be read.*a number"),
        ("trl base=fp32", "`base=fp32` cannot be read.*bf16, 8bit, 4bit"),
        ("trl liger=1", "`liger=1` cannot be read.*true or false"),
        ("trl batch=0", "batch is 0; it must be above 0"),
        ("trl checkpointing=unsloth", "TRL has no checkpointing of Unsloth"),
        ("unsloth loss=full", "kernels of its own"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_recipe(text)
    assert raised.match(message)


def test_lora_on_other_modules_is_not_modelled() -> None:
    with pytest.raises(UsageError, match="LoRA on lm_head"):
        TrainingRecipe(targets=("q_proj", "lm_head"))


def test_gpu_types_are_found_by_name_whatever_its_case_and_spaces() -> None:
    assert gpu_named("a100 40gb").name == gpu_named("A10040GB").name == "A100 40GB"
    with pytest.raises(UsageError, match=r"No GPU type TPU.*H100 80GB"):
        gpu_named("TPU")
