"""Peak memory: the parts by hand, and what may only make it greater."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from core.preflight.cost import ModelShape, TrainingRecipe
from core.preflight.cost.ladder import rungs
from core.preflight.cost.memory import adapter_bytes, kept_per_token, lora_parameters, loss_bytes, memory, weight_bytes
from tests.core.preflight.cost.shapes import LLAMA_8B, QWEN_7B, SMOLLM_135M, rows, shape

LLAMA = shape(LLAMA_8B)
TRL = TrainingRecipe(trainer="trl", base="bf16", checkpointing="none", optimizer="adamw")
RECIPES = st.builds(
    TrainingRecipe,
    trainer=st.just("trl"),
    rank=st.sampled_from([4, 16, 64]),
    base=st.sampled_from(["bf16", "8bit", "4bit"]),
    batch=st.integers(1, 16),
    checkpointing=st.sampled_from(["none", "full"]),
    optimizer=st.sampled_from(["adamw", "adamw_8bit"]),
    loss=st.sampled_from(["fused", "full"]),
) | st.builds(TrainingRecipe, batch=st.integers(1, 16), checkpointing=st.sampled_from(["none", "full", "unsloth"]))
SHAPES = st.sampled_from([LLAMA, shape(QWEN_7B), shape(SMOLLM_135M)])


def test_lora_of_rank_16_on_all_linears_of_8b_has_42_million_weights() -> None:
    assert lora_parameters(LLAMA, TRL) == 41_943_040


def test_adapters_are_held_four_times_in_fp32() -> None:
    assert adapter_bytes(LLAMA, TRL) == 41_943_040 * 16
    assert adapter_bytes(LLAMA, replace(TRL, optimizer="adamw_8bit")) == 41_943_040 * 10


def test_only_the_linears_of_the_layers_are_quantised() -> None:
    linears, others = 6_979_321_856, 8_030_261_248 - 6_979_321_856
    assert LLAMA.linear_parameters == linears
    assert weight_bytes(LLAMA, TRL) == 2 * (linears + others)
    assert weight_bytes(LLAMA, replace(TRL, base="8bit")) == linears + 2 * others
    assert weight_bytes(LLAMA, replace(TRL, base="4bit")) == round(linears * (0.5 + 1 / 64 + 1 / 4096)) + 2 * others


def test_what_a_layer_keeps_under_peft_adds_up_by_hand() -> None:
    norms, inputs_of_linears, attention, mlp = 2 * 4 * 4096, 6 * 2 * 4096 + 2 * 14336, 4 * 2 * 4096, 3 * 2 * 14336
    rank_wide = 7 * 2 * 16
    assert kept_per_token(LLAMA, TRL) == norms + inputs_of_linears + attention + mlp + rank_wide


def test_full_logits_take_14_bytes_each() -> None:
    assert loss_bytes(LLAMA, replace(TRL, loss="full"), 1000, 0.1, 1e12) == 14 * 1000 * 128256


def test_the_loss_of_unsloth_goes_in_pieces_that_shrink_with_the_free_memory() -> None:
    recipe = TrainingRecipe()
    few, many = (loss_bytes(LLAMA, recipe, tokens, 1.0, 80e9) for tokens in (2000, 8000))
    assert few == 6 * 128256 * 512
    assert many == 6 * 128256 * 1000
    assert loss_bytes(LLAMA, recipe, 8000, 1.0, 1e9) < few


@given(SHAPES, RECIPES, st.integers(64, 4096))
def test_more_of_anything_takes_more_memory(model: ModelShape, recipe: TrainingRecipe, length: int) -> None:
    peak = memory(model, rows(length), recipe).peak
    assert memory(model, rows(length), replace(recipe, batch=recipe.batch + 1)).peak > peak
    assert memory(model, rows(length), replace(recipe, rank=recipe.rank * 2)).peak > peak
    assert memory(model, rows(length + 64), recipe).peak > peak


@given(SHAPES, st.sampled_from(["trl", "unsloth"]), st.integers(1, 16), st.integers(64, 4096))
def test_each_way_of_saving_memory_saves_some(
    model: ModelShape, trainer: Literal["trl", "unsloth"], batch: int, length: int
) -> None:
    recipe = TrainingRecipe(trainer=trainer, base="bf16", batch=batch, checkpointing="none", optimizer="adamw")
    peaks = [memory(model, rows(length), one).peak for one in (recipe, *(changed for _, changed in rungs(recipe)))]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == len(peaks)


def test_accumulation_and_epochs_cost_no_memory() -> None:
    data = rows(900, 1000)
    assert memory(LLAMA, data, TRL) == memory(LLAMA, data, replace(TRL, accumulation=16, epochs=9.0))


def test_the_peak_is_that_of_the_batch_with_the_longest_row() -> None:
    assert memory(LLAMA, rows(100, 100, 1000), TRL).activations == memory(LLAMA, rows(1000), TRL).activations
