"""What a row teaches, in words, and the values that labels give to slots."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from core.commands import SetSlot, from_json
from core.coverage.command_types import name_of
from core.dataset.quality.models import SlotValues

MOST_VALUES = 2000
"""Different values of a slot that are told apart."""


@lru_cache(maxsize=65536)
def kind_of(flows: tuple[str, ...], commands: str) -> str:
    """`renew_loan: start flow, set slot book`: flows of the step, names of the commands, slots; without any values."""
    names: dict[str, None] = {}
    for command in from_json(commands):
        names[f"{name_of(command)} {command.name}" if isinstance(command, SetSlot) else name_of(command)] = None
    return f"{', '.join(flows) or 'no flow'}: {', '.join(sorted(names)) or 'nothing'}"


@lru_cache(maxsize=65536)
def _values(commands: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.value or "") for one in from_json(commands) if isinstance(one, SetSlot))


class SlotCounts:
    """Rows of train and val by the values their labels give to each slot."""

    def __init__(self) -> None:
        self._train: dict[str, Counter[str]] = {}
        self._val: dict[str, Counter[str]] = {}
        self._capped: set[str] = set()

    def add(self, commands: str, *, train: bool) -> None:
        side = self._train if train else self._val
        for slot, value in _values(commands):
            counts = side.setdefault(slot, Counter())
            if value in counts or len(counts) < MOST_VALUES:
                counts[value] += 1
            else:
                self._capped.add(slot)

    def found(self) -> list[SlotValues]:
        """Slots in alphabetical order."""
        return [self._slot(slot) for slot in sorted(self._train.keys() | self._val.keys())]

    def _slot(self, slot: str) -> SlotValues:
        train, val = self._train.get(slot, Counter()), self._val.get(slot, Counter())
        rows = train.total()
        commonest, most = train.most_common(1)[0] if train else ("", 0)
        only_val = len(val.keys() - train.keys())
        return SlotValues(slot, rows, len(train), commonest, most / rows if rows else 0.0, only_val, slot in self._capped)
