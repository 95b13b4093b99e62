"""What an export is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OutputFormat = Literal["instruction", "conversational"]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`train_frac`: 0 < x ≤ 1, the share of data points for train; 1 writes no val file.

    `full_tree`: write the recipe's folders 1 to 3 too: annotations, rephrasings, and every row a second time.
    """

    out: Path
    format: OutputFormat = "instruction"
    train_frac: float = 0.8
    seed: int = 42
    rephrasings: Literal["validated", "accepted", "none"] = "validated"
    full_tree: bool = False
