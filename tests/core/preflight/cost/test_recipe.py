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
    assert gpu_named("A100-80GB").name == "A100 80GB"
    with pytest.raises(UsageError, match=r"No GPU type TPU.*H100 80GB"):
        gpu_named("TPU")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("A10", "A10 24GB"), ("h100", "H100 80GB"), ("rtx 4090", "RTX 4090 24GB"), ("L40", "L40S 48GB"), ("a100 4", "A100 40GB")],
)
def test_the_beginning_of_a_gpu_types_name_is_enough_where_only_one_has_it(name: str, meant: str) -> None:
    assert gpu_named(name).name == meant


@pytest.mark.parametrize(("name", "told"), [("A100", "A100 40GB, A100 80GB"), ("H", "H100 80GB, H200 141GB")])
def test_a_beginning_that_several_have_names_them(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=f"begins the name of 2 GPU types.*{told}"):
        gpu_named(name)
