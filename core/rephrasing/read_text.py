"""Wordings out of an answer in numbered text, the format that the reference's prompt asks for.

    USER: Show invoices
    1. I want to see my bills.
    2. bills please

    USER: …

Only an enumerator is ever taken off a line: "3pm works" keeps its digit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.rephrasing.words import normalised

_HEADER = re.compile(r"^[\s>#*_-]*(?:USER|User|user)(?:\s*\d+)?[*_\s]*[:\uff1a][*_\s]*(?P<text>.*?)[*_\s]*$")
_NUMBERED = re.compile(r"^[\s>]*(?P<number>\d{1,3})(?:[.)\u3001\uff0e]|\uff09)(?:\s+|(?=\D))(?P<text>.*\S)\s*$")
_BULLET = re.compile(r"^\s*[-*\u2022]\s+(?P<text>.*\S)\s*$")
_FENCE = re.compile(r'^\s*(?:```\w*|"""|\'\'\')\s*$')


@dataclass(slots=True)
class Block:
    """What stands under one repeated message: `texts` by their number, which is their place where none is given."""

    header: str
    lines: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[tuple[int, str]]:
        lines = [line for line in self.lines if line.strip()]
        numbered = [match for line in lines if (match := _NUMBERED.match(line))]
        if numbered and _is_enumeration([int(match["number"]) for match in numbered]):
            return [(place, match["text"]) for place, match in enumerate(numbered, start=1)]
        return [(place, _plain(line)) for place, line in enumerate(lines, start=1)]


def text_wordings(answer: str, messages: Sequence[str]) -> list[list[tuple[int, str]]]:
    """For each message its (number, text) wordings, empty where no block is there for it.

    Blocks belong to messages by the repeated text, whatever its case, punctuation and quotes; of messages with the same
    text the first block is the first one's. Blocks that repeat no message (a model may correct what it repeats) are taken
    in order, if there is one for every message that is left.
    """
    blocks = _blocks(answer, single=len(messages) == 1)
    found: list[Block | None] = [None] * len(messages)
    unmatched = []
    for block in blocks:
        key = normalised(block.header)
        at = next((at for at, text in enumerate(messages) if found[at] is None and normalised(text) == key), None)
        if at is None:
            unmatched.append(block)
        else:
            found[at] = block
    free = [at for at, block in enumerate(found) if block is None]
    if len(free) == len(unmatched):
        for at, block in zip(free, unmatched, strict=True):
            found[at] = block
    return [block.texts if block is not None else [] for block in found]


def _blocks(answer: str, *, single: bool) -> list[Block]:
    """`single`: only one message was asked for, so lines before any header are its wordings if they are numbered."""
    blocks: list[Block] = []
    before = Block("")
    for line in answer.splitlines():
        if _FENCE.match(line):
            continue
        header = _HEADER.match(line)
        if header is not None:
            blocks.append(Block(header["text"]))
        elif blocks:
            blocks[-1].lines.append(line)
        elif _NUMBERED.match(line):
            before.lines.append(line)
    if single and not blocks and before.lines:
        return [before]
    return [block for block in blocks if block.texts]


def _is_enumeration(numbers: Sequence[int]) -> bool:
    """They begin with 1 and never fall; some models write the same number all the time."""
    return numbers[0] == 1 and all(later >= earlier for earlier, later in pairwise(numbers))


def _plain(line: str) -> str:
    match = _BULLET.match(line)
    return match["text"] if match else line.strip()
