"""Conditions of flows, branches, rejections and response variations: the pypred subset the reference documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; equal if its text is equal."""

    text: str

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        """Whether it is true of these slot values and, in patterns, of the pattern's context. Never raises."""
        raise NotImplementedError
