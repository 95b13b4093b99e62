"""What is trained how. The defaults are those of the recipe's notebook; each field says where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from core.errors import UsageError

ALL_LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """A LoRA fine-tuning with completion-only loss and without packing.

    The defaults are one coherent set, that of the recipe's first notebook: Unsloth, rank 16 on all seven linears, base weights
    in 4 bits, batches of 2 accumulated 4 times, 2 epochs, 8-bit AdamW, at most 2,048 tokens, an evaluation every 50 steps.
    (Its second notebook: TRL, 3 epochs, at most 4,096 tokens, evaluation every 200 steps.)

    `checkpointing`: `none`; `full`, each layer computed again in the backward pass; `unsloth`, that with the layers' inputs
    kept in the memory of the host. `loss`: `fused` computes logits in pieces (TRL from 1.15, only where a label is; Unsloth;
    Liger), `full` holds those of the whole batch (TRL before 1.15, transformers). `liger`: Liger's kernels in TRL.
    `eval_rows`: rows of an evaluation.
    """

    trainer: Literal["trl", "unsloth"] = "unsloth"
    rank: int = 16
    targets: tuple[str, ...] = ALL_LINEARS
    base: Literal["bf16", "8bit", "4bit"] = "4bit"
    batch: int = 2
    accumulation: int = 4
    epochs: float = 2.0
    checkpointing: Literal["none", "full", "unsloth"] = "unsloth"
    optimizer: Literal["adamw", "adamw_8bit"] = "adamw_8bit"
    loss: Literal["fused", "full"] = "fused"
    liger: bool = False
    max_length: int | None = 2048
    eval_rows: int = 0
    eval_steps: int = 50

    def __post_init__(self) -> None:
        unknown = sorted(set(self.targets) - set(ALL_LINEARS))
        if unknown or not self.targets:
            named = ", ".join(unknown) or "none"
            raise UsageError(f"LoRA on {named} is not modelled.", remedy=f"Choose of {', '.join(ALL_LINEARS)}.")
        sizes = {name: getattr(self, name) for name in ("rank", "batch", "accumulation", "epochs", "eval_steps")}
        wrong = next((name for name, value in sizes.items() if value <= 0), None)
        if wrong:
            raise UsageError(f"{wrong} is {sizes[wrong]}; it must be above 0.", remedy=f"Give the recipe a positive {wrong}.")
        if self.trainer == "trl" and self.checkpointing == "unsloth":
            raise UsageError(
                "TRL has no checkpointing of Unsloth.", remedy="Set checkpointing to full, or the trainer to unsloth."
            )
        if self.trainer == "unsloth" and (self.loss == "full" or self.liger):
            raise UsageError("Unsloth has kernels of its own.", remedy="Leave out liger and loss, or set the trainer to trl.")


RECIPES: Final[Mapping[str, TrainingRecipe]] = {
    "unsloth": TrainingRecipe(),
    "trl": TrainingRecipe(
        trainer="trl", base="bf16", epochs=3.0, checkpointing="full", optimizer="adamw", max_length=4096, eval_steps=200
    ),
}
"""By trainer: the recipe's first and second notebook (the second says nothing of batches; those of the first are taken)."""


def read_recipe(text: str) -> TrainingRecipe:
    """A recipe's name, and fields that differ: `trl batch=4 checkpointing=none epochs=1`. UsageError names what is not
    known."""
    name, *changes = text.split() or ["unsloth"]
    if name not in RECIPES:
        raise UsageError(f"There is no recipe {name}.", remedy=f"Start with one of {', '.join(RECIPES)}, then field=value.")
    recipe = RECIPES[name]
    known: dict[str, Any] = {
        field.name: getattr(recipe, field.name) for field in fields(TrainingRecipe) if field.name != "targets"
    }
    for change in changes:
        key, _, value = change.partition("=")
        if key not in known or not value:
            raise UsageError(f"`{change}` is no field of a recipe.", remedy=f"Write field=value, of {', '.join(known)}.")
        known[key] = _read(key, value, known[key])
    return replace(recipe, **known)


def _read(key: str, value: str, default: object) -> object:
    choices = _CHOICES.get(key)
    try:
        if choices is not None and value in choices:
            return value
        if isinstance(default, bool):
            return {"true": True, "false": False}[value]
        if choices is None:
            return float(value) if isinstance(default, float) else int(value)
    except (KeyError, ValueError):
        pass
    wanted = ", ".join(choices) if choices else "true or false" if isinstance(default, bool) else "a number"
    raise UsageError(f"`{key}={value}` cannot be read.", remedy=f"Give {key} as {wanted}.")


_CHOICES: Final = {
    "trainer": ("trl", "unsloth"),
    "base": ("bf16", "8bit", "4bit"),
    "checkpointing": ("none", "full", "unsloth"),
    "optimizer": ("adamw", "adamw_8bit"),
    "loss": ("fused", "full"),
}
