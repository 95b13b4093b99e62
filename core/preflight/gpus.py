"""GPU types for the run: memory, minutes and cost by the model of `core.preflight.cost`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.preflight.lengths import Pairs
from core.preflight.target import Target


def gpu_estimates(target: Target, pairs: Pairs, max_length: int, recipe: str | None) -> tuple[list[Mapping[str, Any]], str]:
    return [], "no estimate"
