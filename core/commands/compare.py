"""Whether two lists of commands mean the same.

Both lists are multisets: order never matters, number does. Clarify compares as a set of flows, and an expected Clarify
without flows matches any Clarify (Rasa, "Dialogue understanding tests"). Two modes:

- STRICT: slot values count, normalised by the slot's kind (`normalise`).
- DOCUMENTED: SetSlot by slot name only, the rule by which the Rasa fine-tuning guide validates rephrasings. It lets a
  rephrasing change a value, so a label taken from the original would then contradict the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.commands.models import Clarify, Command, SetSlot
from core.commands.printing import describe
from core.commands.values import strip_quotes


class Mode(StrEnum):
    """How closely slot values are looked at."""

    STRICT = "strict"
    DOCUMENTED = "documented"


class SlotKind(StrEnum):
    """The slot types of a domain (Rasa slots reference), as far as comparing values goes."""

    TEXT = "text"
    BOOL = "bool"
    CATEGORICAL = "categorical"
    FLOAT = "float"
    LIST = "list"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected and did not come, and what came unexpected. False when there is no difference."""

    missing: tuple[Command, ...] = ()
    unexpected: tuple[Command, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)

    def lines(self) -> list[str]:
        """For people: `- start flow pay` is missing, `+ cancel flow` is unexpected."""
        return [f"- {describe(c)}" for c in self.missing] + [f"+ {describe(c)}" for c in self.unexpected]

    def __str__(self) -> str:
        return "\n".join(self.lines())


_NO_KINDS: Final[Mapping[str, SlotKind]] = {}
_TRUTH_WORDS: Final = frozenset({"true", "false"})
# "4,000" is four thousand only with whole groups of three; "4,5" and "4,00" stay text. No currency, no units, no words.
_NUMBER: Final = re.compile(r"[+-]?(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# In a slot of unknown kind "007" and "1e5" may be codes: only what cannot be one counts as a number.
_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def same_commands(
    expected: Iterable[Command],
    got: Iterable[Command],
    mode: Mode = Mode.STRICT,
    slot_types: Mapping[str, SlotKind] | None = None,
) -> bool:
    """Whether `got` is what was expected. The sides can be exchanged, except for an empty Clarify in `expected`."""
    return not difference(expected, got, mode, slot_types)


def difference(
    expected: Iterable[Command],
    got: Iterable[Command],
    mode: Mode = Mode.STRICT,
    slot_types: Mapping[str, SlotKind] | None = None,
) -> Difference:
    """The commands of either side without a partner on the other, each side in its own order."""
    kinds = _NO_KINDS if slot_types is None else slot_types
    wanted, given = list(expected), list(got)
    wanted_keys = [_key(command, mode, kinds) for command in wanted]
    given_keys = [_key(command, mode, kinds) for command in given]
    missing = _without(wanted, wanted_keys, given_keys)
    unexpected = _without(given, given_keys, wanted_keys)
    for wildcard in [command for command in missing if command == Clarify()]:
        partner = next((command for command in unexpected if isinstance(command, Clarify)), None)
        if partner is not None:
            missing.remove(wildcard)
            unexpected.remove(partner)
    return Difference(tuple(missing), tuple(unexpected))


def normalise(value: str | None, kind: SlotKind | None = None) -> Hashable:
    """What of a value counts for equality.

    | kind        | equal                                                                     |
    | ----------- | ------------------------------------------------------------------------- |
    | any kind    | without surrounding blanks and quotes; `None` only equals `None`            |
    | bool        | true/false in any case; nothing else is a boolean ("yes" is what the user says, not a value) |
    | float       | as numbers: `4`, `4.0`, `+4`, `4e0`; `4,000` = `4000`                       |
    | categorical | in any case, runs of blanks count as one                                  |
    | text, list  | true/false in any case, else exactly                                      |
    | any, unknown | true/false in any case; `4` = `4.0`, but not `007` = `7` nor `4,000` = `4000` |
    """
    if value is None:
        return None
    text = strip_quotes(value)
    folded = text.casefold()
    if kind is SlotKind.CATEGORICAL:
        return " ".join(folded.split())
    if kind is SlotKind.FLOAT:
        return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else text
    if folded in _TRUTH_WORDS:
        return folded
    if kind in (None, SlotKind.ANY) and _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    return text


def _key(command: Command, mode: Mode, kinds: Mapping[str, SlotKind]) -> Hashable:
    if isinstance(command, SetSlot):
        if mode is Mode.DOCUMENTED:
            return (SetSlot, command.name)
        return (SetSlot, command.name, normalise(command.value, kinds.get(command.name)))
    if isinstance(command, Clarify):
        return (Clarify, frozenset(command.flows))
    return command


def _without(commands: Sequence[Command], keys: Sequence[Hashable], others: Iterable[Hashable]) -> list[Command]:
    left = Counter(others)
    alone: list[Command] = []
    for command, key in zip(commands, keys, strict=True):
        if left[key]:
            left[key] -= 1
        else:
            alone.append(command)
    return alone
