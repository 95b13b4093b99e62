"""How long rows are in tokens: an estimate from their characters, of rows taken evenly from the whole dataset."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

from core.dataset.folder import read_rows
from core.dataset.models import DatasetVersion, Part
from core.dataset.quality.models import Lengths
from core.prompts.tokens import estimate

LIMITS = {512: "Axolotl's default", 1024: "TRL's default", 2048: "LLaMA-Factory's default"}
"""Of prompt and completion together, in the trainers' own configuration when nothing is set."""
MEASURED = 20_000
PROMPT_WIDTH, COMPLETION_WIDTH = 32, 2


def row_lengths(version: DatasetVersion, measured: Callable[[int], None]) -> tuple[int, Lengths, Lengths]:
    """How many rows were measured, and the lengths of rows (prompt and completion) and of completions.

    `measured` is told after every thousandth row how many were read.
    """
    parts = (Part.TRAIN, Part.VAL)
    every = max(1, -(-sum(version.points.get(part, 0) for part in parts) // MEASURED))
    rows: list[int] = []
    completions: list[int] = []
    read = 0
    for part in parts:
        for row in read_rows(version, part):
            if read % every == 0:
                completion = estimate(row.completion).count
                completions.append(completion)
                rows.append(estimate(row.prompt).count + completion)
            read += 1
            if read % 1000 == 0:
                measured(read)
    return len(rows), _lengths(rows, PROMPT_WIDTH), _lengths(completions, COMPLETION_WIDTH)


def _lengths(counts: list[int], width: int) -> Lengths:
    counts.sort()
    bins = Counter(count // width * width for count in counts)
    over = {limit: len(counts) - bisect_left(counts, limit + 1) for limit in LIMITS}
    return Lengths(width, sorted(bins.items()), counts[len(counts) // 2] if counts else 0, counts[-1] if counts else 0, over)
