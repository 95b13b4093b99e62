"""The wordings in an answer, by message: JSON where there is some, else the reference's numbered text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.rephrasing.prompt import Wanted
from core.rephrasing.read_json import json_wordings
from core.rephrasing.read_text import text_wordings

LONGEST: Final = 1_000_000
"""Characters that are read: 500 wordings of the greatest length have 210,000."""


def read_answer(answer: str, wanted: Sequence[Wanted]) -> Mapping[str, list[tuple[int, str]]]:
    """(number, text) by the id of the message, in the answer's order; numbers from 1. A message without any is missing."""
    answer = answer[:LONGEST]
    found: dict[str, list[tuple[int, str]]] = {}
    for id_, number, text in json_wordings(answer, [one.id for one in wanted]):
        found.setdefault(id_, []).append((number, text))
    if found:
        return found
    blocks = text_wordings(answer, [one.step.text for one in wanted])
    return {one.id: block for one, block in zip(wanted, blocks, strict=True) if block}
