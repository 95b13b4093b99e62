"""Memory, minutes and cost of a training on each GPU type, and what to change where it does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.preflight.cost.data import DataShape
from core.preflight.cost.duration import duration
from core.preflight.cost.gpus import ALL_GPUS, MEASURED_ON, GpuType, gpu_named, short_name
from core.preflight.cost.ladder import fits, longest_that_fits, peak_gib, rungs
from core.preflight.cost.memory import GIB, MemoryParts, memory
from core.preflight.cost.recipe import TrainingRecipe
from core.preflight.cost.shape import ModelShape

TIGHT = 0.05
"""Held-out runs took up to 4 % more or less memory than the model said."""


@dataclass(frozen=True, slots=True)
class Change:
    """One rung: what changes, on top of the changes before it, and what the training needs then."""

    what: str
    peak_gib: float
    minutes: float
    fits: bool


@dataclass(frozen=True, slots=True)
class GpuEstimate:
    """`parts`: GiB by part of the peak (`MemoryParts`). `cost`: None without a price for this GPU. `minutes`: from the start
    of the program to its last step. `changes`: empty where it fits; otherwise the rungs up to the first that fits, or all of
    them, and then `notes` say why none does."""

    gpu: str
    memory_gib: float
    fits: bool
    peak_gib: float
    parts: Mapping[str, float]
    headroom_gib: float
    seconds_per_step: float
    steps: int
    minutes: float
    cost: float | None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cost_text(self) -> str:
        return "no price set" if self.cost is None else f"{self.cost:.2f}"

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"cost_text": self.cost_text}


def estimate_training(
    shape: ModelShape,
    data: DataShape,
    recipe: TrainingRecipe,
    gpus: Iterable[GpuType] = ALL_GPUS,
    prices: Mapping[str, float] | None = None,
) -> list[GpuEstimate]:
    """One estimate per GPU type, in their order. `prices`: per hour, by the GPU's name (as `gpu_named` takes it).

    Rows are cut at `recipe.max_length` first. Nothing of it imports torch or looks for a GPU.
    UsageError: a price for a GPU type that there is not.
    """
    if recipe.max_length is not None:
        data = data.cut_at(recipe.max_length)
    gpus = tuple(gpus)
    known = {short_name(gpu.name) for gpu in gpus}
    hourly = {
        short_name(name if short_name(name) in known else gpu_named(name).name): price for name, price in (prices or {}).items()
    }
    return [_estimate(shape, data, recipe, gpu, hourly.get(short_name(gpu.name))) for gpu in gpus]


def _estimate(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType, price: float | None) -> GpuEstimate:
    parts = memory(shape, data, recipe, gpu.memory_gib * GIB)
    time = duration(shape, data, recipe, gpu)
    peak = parts.peak / GIB
    notes = list(_notes(recipe, gpu, peak))
    changes: tuple[Change, ...] = ()
    if peak > gpu.memory_gib:
        changes = tuple(_changes(shape, data, recipe, gpu))
        if not changes or not changes[-1].fits:
            notes.append(_why_not(shape, gpu))
    return GpuEstimate(
        gpu.name, gpu.memory_gib, peak <= gpu.memory_gib, peak, _gib(parts), gpu.memory_gib - peak, time.seconds_per_step,
        time.steps, time.total / 60, None if price is None else price * time.total / 3600, changes, tuple(notes),
    )  # fmt: skip


def _changes(shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> Iterator[Change]:
    last = recipe
    for what, changed in rungs(recipe):
        last = changed
        change = _change(what, shape, data, changed, gpu)
        yield change
        if change.fits:
            return
    length = longest_that_fits(shape, data, last, gpu)
    if length is not None:
        cut = sum(rows for one, rows in data.lengths if one > length)
        yield _change(f"rows cut at {length} tokens, which {cut:,} rows are longer than", shape, data.cut_at(length), last, gpu)


def _change(what: str, shape: ModelShape, data: DataShape, recipe: TrainingRecipe, gpu: GpuType) -> Change:
    minutes = duration(shape, data, recipe, gpu).total / 60
    return Change(what, peak_gib(shape, data, recipe, gpu), minutes, fits(shape, data, recipe, gpu))


def _notes(recipe: TrainingRecipe, gpu: GpuType, peak: float) -> Iterator[str]:
    if gpu.name != MEASURED_ON:
        yield f"time scaled by datasheets from an {MEASURED_ON}; no run was measured on this GPU"
    if not gpu.bf16:
        yield "no bf16: the training must run in fp16"
    if recipe.base == "8bit":
        yield "8-bit base weights were not measured; time is that of 4 bits"
    if 0 <= gpu.memory_gib - peak < TIGHT * gpu.memory_gib:
        yield "tight: the estimate's own error is as large as the headroom"


def _why_not(shape: ModelShape, gpu: GpuType) -> str:
    smallest = TrainingRecipe(rank=1, targets=("q_proj",), batch=1, base="4bit")
    weights = memory(shape, DataShape(((1, 1),), 1), smallest).weights / GIB
    return (
        f"nothing makes it fit: the weights alone take {weights:.1f} of {gpu.memory_gib:g} GiB in 4 bits; take a smaller model"
    )


def _gib(parts: MemoryParts) -> dict[str, float]:
    return {name: value / GIB for name, value in asdict(parts).items()}
