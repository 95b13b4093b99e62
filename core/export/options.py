"""What an export is asked for. What the dataset is to be is asked of the build (`core.dataset.models.DatasetOptions`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ExportFormat(StrEnum):
    """`instruction` and `conversational`: the recipe's tree. The others: one file for each part, at the top of the folder."""

    INSTRUCTION = "instruction"
    CONVERSATIONAL = "conversational"
    PROMPT_COMPLETION = "prompt-completion"
    CHAT = "chat"
    MESSAGES = "messages"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    OPENAI = "openai"
    DU = "du"
    PARQUET = "parquet"
    HF = "hf"

    @property
    def is_tree(self) -> bool:
        return self in (ExportFormat.INSTRUCTION, ExportFormat.CONVERSATIONAL)


class Trainer(StrEnum):
    TRL = "trl"
    UNSLOTH = "unsloth"
    AXOLOTL = "axolotl"
    LLAMAFACTORY = "llamafactory"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`full_tree`: write the recipe's folders 1 to 3 too: annotations, rephrasings, and every row a second time.

    `trainers`: whose configuration is written beside the rows. `holdout_purpose`: write the sealed part too; the purpose is
    recorded with the reviewer's name.
    """

    out: Path
    format: ExportFormat = ExportFormat.INSTRUCTION
    full_tree: bool = False
    trainers: tuple[Trainer, ...] = ()
    holdout_purpose: str | None = None
