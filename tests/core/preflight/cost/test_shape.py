"""Shapes read from config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.preflight.cost import ModelShape
from tests.core.preflight.cost.shapes import GEMMA2_2B, LLAMA_8B, MISTRAL_7B, QWEN3_8B, QWEN_7B, SMOLLM_135M, shape


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (LLAMA_8B, 8_030_261_248),
        (QWEN_7B, 7_615_616_512),
        (SMOLLM_135M, 134_515_008),
        (MISTRAL_7B, 7_241_732_096),
        (GEMMA2_2B, 2_614_341_888),
        (QWEN3_8B, 8_190_735_360),
    ],
    ids=lambda value: value["model_type"] if isinstance(value, dict) else "",
)
def test_parameters_are_those_of_the_published_weights(config: dict[str, Any], parameters: int) -> None:
    assert shape(config).parameters == parameters


def test_a_folder_or_its_config_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_8B))
    assert ModelShape.from_config(tmp_path) == ModelShape.from_config(tmp_path / "config.json") == shape(LLAMA_8B)


def test_without_key_value_heads_every_head_has_its_own() -> None:
    config = {key: value for key, value in LLAMA_8B.items() if key != "num_key_value_heads"}
    assert shape(config).kv_heads == 32


@pytest.mark.parametrize("key", ["hidden_size", "vocab_size", "num_hidden_layers", "intermediate_size"])
def test_a_missing_key_is_named_with_its_file(tmp_path: Path, key: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({name: value for name, value in LLAMA_8B.items() if name != key}))
    with pytest.raises(InputError, match=f"`{key}` is missing") as raised:
        ModelShape.from_config(tmp_path)
    assert str(raised.value.where) == str(file)


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="`hidden_size` is '4096', no positive whole number"):
        shape({**LLAMA_8B, "hidden_size": "4096"})


def test_an_unknown_architecture_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"model_type mamba is not known.*Known: llama"):
        shape({**LLAMA_8B, "model_type": "mamba"})


@pytest.mark.parametrize("key", ["num_local_experts", "num_experts", "n_routed_experts"])
def test_a_mixture_of_experts_is_refused(key: str) -> None:
    with pytest.raises(InputError, match=r"a mixture of 8 experts.*dense models only"):
        shape({**LLAMA_8B, key: 8})


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="published with"):
        ModelShape.from_config(tmp_path)


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.json cannot be read"):
        ModelShape.from_config(tmp_path)
