"""Peak memory of a LoRA training, in bytes, part by part.

Peak = weights + adapters + what the layers keep for the backward pass + the greater of two passing needs: the loss (at the
end of the forward pass, when all that is kept is there) and the backward pass of one layer. Overhead comes on top. Each
number below is bytes per element: 2 for bf16, 4 for fp32. T is the number of tokens of a padded batch: batch x longest row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.preflight.cost.data import DataShape
from core.preflight.cost.recipe import TrainingRecipe
from core.preflight.cost.shape import ModelShape

GIB: Final = 2**30
CONTEXT_BYTES: Final = round(0.55 * GIB)
"""What a process holds of the GPU before it holds a tensor: 0.51 GiB measured on an H100, and the kernels loaded later."""
FRAGMENTS: Final = 0.05
"""Share of what is allocated that lies unusable between blocks of changing size."""
FULL_LOGITS: Final = 14
"""Bytes per logit: bf16 (2), the fp32 copy's log-softmax (4) and its two gradients (4 + 4)."""
PIECE_LOGITS: Final = 6
"""Bytes per logit of a piece: bf16, its gradient in bf16 or fp32."""
_UNSLOTH_ROWS: Final = 512
"""Unsloth's loss goes through labelled tokens in eighths, of at least so many, of at most 2 GiB at 8 bytes a logit."""
_UNSLOTH_PIECE: Final = 2 * GIB / 8
_TRL_TILE: Final = (4096, 32768)
"""TRL's loss: at most so many tokens times so many entries of the vocabulary at a time."""


@dataclass(frozen=True, slots=True)
class MemoryParts:
    """Bytes at the peak. `adapters`: LoRA weights, their gradients, optimizer states. `passing`: the greater of `loss` and the
    backward pass of one layer. `overhead`: CUDA context and fragmentation."""

    weights: int
    adapters: int
    activations: int
    loss: int
    passing: int
    overhead: int

    @property
    def allocated(self) -> int:
        """What PyTorch's allocator has handed out at the peak (`torch.cuda.max_memory_allocated`)."""
        return self.weights + self.adapters + self.activations + self.passing

    @property
    def peak(self) -> int:
        return self.allocated + self.overhead


def memory(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu_bytes: float = math.inf) -> MemoryParts:
    """The peak of the batch with the longest row, which a long enough training meets. `gpu_bytes`: Unsloth sizes its loss by
    it."""
    tokens = recipe.batch * data.longest
    weights, adapters = weight_bytes(shape, recipe), adapter_bytes(shape, recipe)
    kept = kept_bytes(shape, recipe, tokens)
    loss = loss_bytes(shape, recipe, tokens, data.supervised_share, gpu_bytes - weights - adapters)
    passing = max(loss, _layer_backward(shape, recipe, tokens))
    overhead = CONTEXT_BYTES + round(FRAGMENTS * (weights + adapters + kept + passing))
    return MemoryParts(weights, adapters, kept, loss, passing, overhead)


def weight_bytes(shape: ModelShape, recipe: TrainingRecipe) -> int:
    """Frozen base weights. Quantised are the layers' linears only; embedding, head and norms stay in 16 bits.

    4 bits: NF4 with double quantisation: half a byte, one byte of scale per 64 weights, 4 bytes per 256 of those scales.
    """
    per_weight = {"bf16": 2.0, "8bit": 1.0, "4bit": 0.5 + 1 / 64 + 4 / (64 * 256)}[recipe.base]
    return round(shape.linear_parameters * per_weight) + 2 * (shape.embedding_parameters + shape.small_parameters)


def lora_parameters(shape: ModelShape, recipe: TrainingRecipe) -> int:
    """rank x (width in + width out) for each targeted linear of each layer (Hu et al. 2021)."""
    return shape.layers * recipe.rank * sum(sum(shape.linears[name]) for name in recipe.targets)


def adapter_bytes(shape: ModelShape, recipe: TrainingRecipe) -> int:
    """fp32 weights, fp32 gradients and Adam's two moments (fp32, or a byte each in 8 bits). TRL casts adapters of a quantised
    base to bf16."""
    element = 2 if recipe.trainer == "trl" and recipe.base != "bf16" else 4
    moments = 2 if recipe.optimizer == "adamw_8bit" else 2 * element
    return lora_parameters(shape, recipe) * (2 * element + moments)


def kept_per_token(shape: ModelShape, recipe: TrainingRecipe) -> int:
    """Bytes that one layer keeps for its backward pass, per token, without checkpointing.

    The base is frozen, so its linears keep nothing. PEFT under autocast: each norm keeps its input in fp32, each targeted
    linear its own bf16 copy of its input and the rank-wide product; attention keeps q, k and v repeated to all heads, and its
    output; the MLP keeps gate, activation and up. Liger: norms in bf16, the activation computed again. Unsloth: inputs shared
    between the linears that read them, k and v not repeated, the activation computed again.
    """
    hidden, wide, queries, keys = shape.hidden, shape.intermediate, shape.query_width, shape.key_width
    unsloth = recipe.trainer == "unsloth"
    lean = unsloth or recipe.liger
    kept = shape.norms * (2 if lean else 4) * hidden + (4 if lean else 6) * wide
    kept += (4 if shape.qk_norm else 0) * (queries + keys)
    if unsloth:
        return kept + 3 * 2 * hidden + 2 * (2 * queries + 2 * keys)
    inputs = sum(2 * shape.linears[name][0] + 2 * recipe.rank for name in recipe.targets)
    return kept + inputs + 2 * 4 * queries


def kept_bytes(shape: ModelShape, recipe: TrainingRecipe, tokens: int) -> int:
    """What all layers keep until the backward pass: everything, or with checkpointing the layers' inputs (bf16), which
    Unsloth's keeps in the host's memory but for the last and two staging buffers."""
    if recipe.checkpointing == "none":
        return shape.layers * kept_per_token(shape, recipe) * tokens
    inputs = 3 if recipe.checkpointing == "unsloth" else shape.layers + 1
    return inputs * 2 * shape.hidden * tokens


def loss_bytes(shape: ModelShape, recipe: TrainingRecipe, tokens: int, supervised: float, free: float) -> int:
    """Logits and their gradients: of the whole batch, of a piece (Unsloth), or of the supervised tokens only (TRL from
    1.15)."""
    if recipe.loss == "full":
        return FULL_LOGITS * tokens * shape.vocab
    labelled = max(1, round(tokens * supervised))
    if recipe.trainer == "trl":
        return PIECE_LOGITS * min(labelled, _TRL_TILE[0]) * min(shape.vocab, _TRL_TILE[1])
    most = max(2, int(min(_UNSLOTH_PIECE, free / 16) / shape.vocab))
    return PIECE_LOGITS * shape.vocab * min(labelled, most, max(_UNSLOTH_ROWS, math.ceil(labelled / 8)))


def _layer_backward(shape: ModelShape, recipe: TrainingRecipe, tokens: int) -> int:
    """What passes while one layer goes backward: the MLP's gradients (PEFT casts the input of a LoRA to fp32 and back, both
    ways), and with checkpointing all that the layer keeps, computed again."""
    gradients = (10 if recipe.trainer == "unsloth" else 8) * shape.intermediate
    again = kept_per_token(shape, recipe) if recipe.checkpointing != "none" else 0
    return (gradients + again) * tokens
