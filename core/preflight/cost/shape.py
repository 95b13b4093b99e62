"""The shape of a decoder model, read from its `config.json`: what its weights, activations and matrix products come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import InputError, Location, Problem

EXPERT_KEYS: Final = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")


@dataclass(frozen=True, slots=True)
class _Family:
    """What the modeling code of a `model_type` fixes and its config.json need not say."""

    tied: bool = False
    qkv_bias: bool = False
    qk_norm: bool = False
    norms: int = 2


# transformers' modeling_*.py of each type: which linears have a bias, which norms a layer has, what tying defaults to.
FAMILIES: Final[Mapping[str, _Family]] = {
    "llama": _Family(),
    "mistral": _Family(),
    "granite": _Family(),
    "smollm3": _Family(tied=True),
    "qwen2": _Family(qkv_bias=True),
    "qwen3": _Family(qk_norm=True),
    "gemma": _Family(tied=True),
    "gemma2": _Family(tied=True, norms=4),
    "gemma3_text": _Family(tied=True, norms=4, qk_norm=True),
}


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A dense decoder with grouped-query attention and a gated MLP. Sizes in elements; `norms`: vectors of one layer."""

    family: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    tied: bool = False
    qkv_bias: bool = False
    output_bias: bool = False
    mlp_bias: bool = False
    qk_norm: bool = False
    norms: int = 2

    @property
    def query_width(self) -> int:
        """Width of the queries, and of what the attention gives."""
        return self.heads * self.head_dim

    @property
    def key_width(self) -> int:
        return self.kv_heads * self.head_dim

    @property
    def linears(self) -> dict[str, tuple[int, int]]:
        """The linears of one layer, as (width in, width out) by the names LoRA targets."""
        return {
            "q_proj": (self.hidden, self.query_width),
            "k_proj": (self.hidden, self.key_width),
            "v_proj": (self.hidden, self.key_width),
            "o_proj": (self.query_width, self.hidden),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }

    @property
    def linear_parameters(self) -> int:
        """Weights of the layers' linears: the ones that are quantised, and that every token is multiplied with."""
        return self.layers * sum(wide * out for wide, out in self.linears.values())

    @property
    def embedding_parameters(self) -> int:
        """The embedding and, where it is not the same matrix, the output head."""
        return self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def small_parameters(self) -> int:
        """Norms and biases."""
        per_layer = self.norms * self.hidden + (2 * self.head_dim if self.qk_norm else 0)
        per_layer += (self.query_width + 2 * self.key_width) if self.qkv_bias else 0
        per_layer += self.hidden if self.output_bias else 0
        per_layer += (2 * self.intermediate + self.hidden) if self.mlp_bias else 0
        return self.layers * per_layer + self.hidden

    @property
    def parameters(self) -> int:
        return self.linear_parameters + self.embedding_parameters + self.small_parameters

    @staticmethod
    def from_config(path: Path) -> ModelShape:
        """The shape that a model's folder, or its `config.json`, tells.

        InputError names the file and the key: no JSON, a key missing, a type unknown, a mixture of experts.
        """
        file = path / "config.json" if path.is_dir() else path
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                f"{file} cannot be read ({error.strerror}).", remedy="Name a folder with a model's config.json."
            ) from error
        except ValueError as error:
            raise _wrong(file, f"not JSON ({error})", "Take the config.json that the model was published with") from error
        if not isinstance(config, dict):
            raise _wrong(file, "no JSON object", "Take the config.json that the model was published with")
        return shape_of(config, file)


def shape_of(config: Mapping[str, Any], file: Path) -> ModelShape:
    """The shape that a configuration tells; `file` is where it stands, for errors (InputError, as `ModelShape.from_config`)."""
    kind = str(config.get("model_type"))
    experts = next((key for key in EXPERT_KEYS if (config.get(key) or 1) > 1), None)
    if experts:
        raise _wrong(
            file,
            f"a mixture of {config[experts]} experts",
            "Memory and time are modelled for dense models only; measure a few steps instead",
            experts,
        )
    if kind not in FAMILIES:
        nested = (
            "; `text_config` inside it is not read: models of images and text are not modelled"
            if "text_config" in config
            else ""
        )
        raise _wrong(
            file, f"model_type {kind} is not known to the cost model{nested}", f"Known: {', '.join(FAMILIES)}", "model_type"
        )
    family = FAMILIES[kind]

    def size(key: str, default: int | None = None) -> int:
        value = config.get(key) if config.get(key) is not None else default
        if not isinstance(value, int) or value < 1:
            found = "is missing" if value is None else f"is {value!r}, no positive whole number"
            raise _wrong(file, f"`{key}` {found}", "Take the config.json that the model was published with", key)
        return value

    hidden, heads = size("hidden_size"), size("num_attention_heads")
    bias = bool(config.get("attention_bias", False))
    return ModelShape(
        kind,
        size("num_hidden_layers"),
        hidden,
        size("intermediate_size"),
        heads,
        size("num_key_value_heads", heads),
        size("head_dim", hidden // heads),
        size("vocab_size"),
        tied=bool(config.get("tie_word_embeddings", family.tied)),
        qkv_bias=family.qkv_bias or bias,
        output_bias=bias,
        mlp_bias=bool(config.get("mlp_bias", False)),
        qk_norm=family.qk_norm,
        norms=family.norms,
    )


def _wrong(file: Path, what: str, fix: str, key: str = "") -> InputError:
    return InputError(
        f"The cost model cannot use {file.name}: {what}.", (Problem(Location(str(file)), what, fix, key),), remedy=f"{fix}."
    )
