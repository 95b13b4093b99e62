"""GPU types: memory, speed, bandwidth. Facts of the makers' datasheets; prices are the user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import UsageError


@dataclass(frozen=True, slots=True)
class GpuType:
    """`memory_gib`: what the driver reports, less than the name says where ECC takes a part. `tflops`: dense matrix products
    in bf16 with fp32 accumulation, without sparsity (fp16 where `bf16` is False). `gb_per_s`: memory bandwidth, in 1e9
    bytes."""

    name: str
    memory_gib: float
    tflops: float
    gb_per_s: float
    bf16: bool = True


ALL_GPUS: Final = (
    GpuType("T4 16GB", 15.0, 65, 320, bf16=False),
    GpuType("V100 16GB", 16.0, 125, 900, bf16=False),
    GpuType("A10 24GB", 22.5, 125, 600),
    GpuType("L4 24GB", 22.5, 121, 300),
    GpuType("RTX 4090 24GB", 24.0, 165, 1008),
    GpuType("A100 40GB", 40.0, 312, 1555),
    GpuType("L40S 48GB", 45.0, 362, 864),
    GpuType("A100 80GB", 80.0, 312, 2039),
    GpuType("H100 80GB", 79.6, 989, 3350),
    GpuType("H200 141GB", 140.4, 989, 4800),
)


MEASURED_ON: Final = "H100 80GB"
"""The GPU that the model was fitted and checked on; times on others are scaled by the datasheets' figures."""


def gpu_named(name: str) -> GpuType:
    """The GPU type of that name, case, spaces and hyphens aside; the beginning of a name will do where only one has it.

    Whole words go first: `A10` is the A10 and not one of the A100s. UsageError, naming those that are meant or all there are.
    """
    wanted = short_name(name)
    fits = [
        [gpu for gpu in ALL_GPUS if short_name(gpu.name) == wanted],
        [gpu for gpu in ALL_GPUS if wanted in _beginnings(gpu.name)],
        [gpu for gpu in ALL_GPUS if wanted and short_name(gpu.name).startswith(wanted)],
    ]
    found = next(filter(None, fits), [])
    if len(found) == 1:
        return found[0]
    names = ", ".join(gpu.name for gpu in found or ALL_GPUS)
    if found:
        raise UsageError(f"`{name}` begins the name of {len(found)} GPU types.", remedy=f"Write one of them: {names}.")
    raise UsageError(f"No GPU type {name} is known.", remedy=f"Known: {names}.")


def _beginnings(name: str) -> list[str]:
    """The name's first word, its first two, …"""
    words = name.split()
    return [short_name("".join(words[:count])) for count in range(1, len(words) + 1)]


def short_name(name: str) -> str:
    """How GPU types are compared by name."""
    return name.replace(" ", "").replace("-", "").lower()
