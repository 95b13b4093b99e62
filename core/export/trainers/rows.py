"""What a configuration must know of the rows beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.dataset.models import Part
from core.export.folder import SPLITS
from core.export.options import ExportFormat, ExportOptions
from core.export.source import Source
from core.export.trainers.length import Target

PLAIN_FORMATS = (ExportFormat.INSTRUCTION, ExportFormat.PROMPT_COMPLETION)
MESSAGE_FORMATS = (ExportFormat.CONVERSATIONAL, ExportFormat.MESSAGES)


@dataclass(frozen=True, slots=True)
class Rows:
    """`folder`: of the row files, relative to the export. Configurations are run from the export's folder, `out_name`.

    What a trainer writes goes beside that folder: one with other files in it is not replaced by the next export.
    """

    name: str
    out_name: str
    format: ExportFormat
    seed: int
    has_val: bool
    target: Target

    @classmethod
    def of(cls, source: Source, options: ExportOptions, target: Target) -> Rows:
        version = source.version
        out_name = Path(os.path.realpath(options.out)).name
        return cls(version.name, out_name, options.format, int(version.parameters["seed"]), Part.VAL in source.parts, target)

    @property
    def folder(self) -> str:
        return SPLITS if self.format.is_tree else "."

    def file(self, part: Part) -> str:
        return f"{SPLITS}/{part.value}.jsonl" if self.format.is_tree else f"{part.value}.jsonl"


EPOCHS, BATCH, ACCUMULATION, WARMUP_STEPS = 3, 2, 4, 5
LEARNING_RATE = "2.0e-4"  # a YAML 1.1 loader reads it as a number only with the point
"""Batch 2 x 4, learning rate 2e-4, 5 warm-up steps, a linear schedule, LoRA r = alpha = 16 on all linear layers: the
notebook of the reference recipe (Unsloth, Llama 3.1 8B). Three epochs: its later notebook."""
LORA_RANK = 16
