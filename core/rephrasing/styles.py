"""Styles: which wording of a step is asked for in which register, length and so on, and how a prompt says it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from core.rephrasing.settings import MixSection

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "register": {"neutral": "plain", "casual": "casual, as one writes in a chat", "formal": "formal and polite"},
    "length": {"similar": "", "shorter": "shorter than the original", "longer": "longer, in whole sentences"},
    "typos": {
        "none": "",
        "few": "with one or two typing mistakes",
        "many": "with several typing mistakes and careless punctuation",
    },
    "speech": {
        "none": "",
        "some": "as a speech recogniser writes it down: no punctuation, a filler word, a word that sounds alike",
    },
    "dialect": {"none": ""},
    "language": {"same": ""},
}
_NAMED: Final = {"dialect": "in this dialect: {}", "language": "written in this language: {}"}
_STEPS: Final = {axis: math.modf(math.sqrt(prime))[0] for axis, prime in zip(_WORDS, (5, 2, 3, 7, 11, 13), strict=True)}
"""How far each axis moves on from one wording to the next. Fractional parts of roots of primes are independent of each
other, so that the multiples of all axes together fill the cube evenly (Weyl's criterion): every combination comes up, and
any first k wordings already have about the shares of the mix."""


@dataclass(frozen=True, slots=True)
class Style:
    """`values`: axis to value, without those that ask for nothing special."""

    values: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """As a prompt asks for it."""
        said = (_WORDS[axis].get(value) or _NAMED[axis].format(value) for axis, value in self.values)
        return "; ".join(said) or "as you like"

    @property
    def is_noisy(self) -> bool:
        """It may differ from another wording in its mistakes alone."""
        return any(axis in ("typos", "speech") for axis, _ in self.values)

    def to_json(self, slot: int) -> str:
        """As `generated.style` holds it. `slot`: the number of the wording among those of its step, from 0."""
        return json.dumps({"slot": slot, **dict(self.values)}, ensure_ascii=False, separators=(",", ":"))


class StyleMix:
    """The mix of a project. The style of a wording depends on its step, its number and the seed, on nothing else."""

    def __init__(self, mix: MixSection, seed: int) -> None:
        axes: dict[str, dict[str, float]] = mix.model_dump(by_alias=True)
        self._shares = {axis: _cumulated(axes[axis]) for axis in _WORDS}
        self._seed = seed

    def style(self, step_key: str, slot: int) -> Style:
        chosen = {axis: self._chosen(axis, step_key, slot) for axis in self._shares}
        if chosen["speech"] != "none":
            chosen["typos"] = "none"  # nobody types what a recogniser hears
        return Style(tuple((axis, value) for axis, value in chosen.items() if _WORDS[axis].get(value) != ""))

    def _chosen(self, axis: str, step_key: str, slot: int) -> str:
        shares = self._shares[axis]
        if len(shares) == 1:
            return shares[0][0]
        start = blake2b(f"{self._seed}\x1f{axis}\x1f{step_key}".encode(), digest_size=8).digest()
        at = math.modf(int.from_bytes(start) / 2**64 + slot * _STEPS[axis])[0]
        return next((value for value, end in shares if at < end), shares[-1][0])


def _cumulated(shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Values with a share, each with the end of its part of the interval from 0 to 1."""
    whole, end, ends = sum(shares.values()), 0.0, []
    for value, share in shares.items():
        if share:
            end += share / whole
            ends.append((value, end))
    return tuple(ends)
