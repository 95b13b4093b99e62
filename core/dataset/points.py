"""What a build knows of every composed data point, in arrays: a million of them take some 30 MB, and nothing else grows."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from core.dataset.models import LeftOutPoint

KEPT = 0
_REASONS = tuple(LeftOutPoint)
NO_TWIN = 0xFFFF_FFFF


def fate_of(reason: LeftOutPoint) -> int:
    return _REASONS.index(reason) + 1


def reason_of(fate: int) -> LeftOutPoint:
    return _REASONS[fate - 1]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a data point shows: flows of its step, names of its commands, slots it sets, flows it starts."""

    flows: tuple[str, ...]
    commands: tuple[str, ...]
    slots: tuple[str, ...]
    starts: tuple[str, ...]


@dataclass(slots=True)
class Points:
    """By number, in the order of composing. `unit`: place of the conversation in `conversations`; `kind`: place in `kinds`;
    `key`: the same for the same or nearly the same words in the same state; `twin`: number of the point it repeats;
    `rephrasing`: id of what its message is said with, 0 for the original text."""

    unit: array[int] = field(default_factory=lambda: array("I"))
    kind: array[int] = field(default_factory=lambda: array("I"))
    key: array[int] = field(default_factory=lambda: array("I"))
    twin: array[int] = field(default_factory=lambda: array("I"))
    step: array[int] = field(default_factory=lambda: array("q"))
    variant: array[int] = field(default_factory=lambda: array("I"))
    rephrasing: array[int] = field(default_factory=lambda: array("I"))
    fate: bytearray = field(default_factory=bytearray)
    conversations: array[int] = field(default_factory=lambda: array("q"))
    languages: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    contradictions: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.fate)

    def leave_out(self, number: int, reason: LeftOutPoint) -> None:
        self.fate[number] = fate_of(reason)
