"""What was said against how it is said now, word by word, with marks besides colour.

    [I want to renew] my library book  →  {Could you extend the loan for} my library book{?}

Words and numbers are compared whole, CJK characters and punctuation one by one. Removed text stands struck out in
square brackets, added text underlined in braces: readable without colour, and where a terminal cannot strike out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from textual.content import Content

from tui.styles import MUTED
from tui.widgets.plain import printable

_CJK: Final = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3040-\u30ff\u3100-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd"
)
_LETTER: Final = rf"[^\W{_CJK}]"
_TOKEN: Final = re.compile(rf"\s+|[{_CJK}]|{_LETTER}+(?:['’.,:/@-]{_LETTER}+)*|.", re.DOTALL)
_SINGLE_CJK: Final = re.compile(f"[{_CJK}]")

MOST_TOKENS: Final = 600
"""Longer texts are compared only outside their common beginning and end: matching costs the square of the length."""

REMOVED: Final = "strike $text-error"
ADDED: Final = "underline $text-success"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    changed: bool


Pieces = tuple[Piece, ...]


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


@lru_cache(maxsize=512)
def diff(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces; joining the pieces of one gives its text back."""
    a, b = tokens(old), tokens(new)
    same = _without_islands(_matching(a, b), a, b)
    return _pieces(a, [(i, n) for i, _, n in same]), _pieces(b, [(j, n) for _, j, n in same])


def diff_content(old: str, new: str) -> tuple[Content, Content]:
    """Both texts, ready to show."""
    left, right = diff(printable(old), printable(new))
    return _content(left, "[]", REMOVED), _content(right, "{}", ADDED)


def _matching(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    blocks = [(0, 0, start)] if start else []
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    if middle_a and middle_b and len(middle_a) + len(middle_b) <= MOST_TOKENS:
        matcher = SequenceMatcher(str.isspace, middle_a, middle_b, autojunk=False)
        blocks += [(start + i, start + j, n) for i, j, n in matcher.get_matching_blocks() if n]
    if end:
        blocks.append((len(a) - end, len(b) - end, end))
    return blocks


def _without_islands(blocks: list[tuple[int, int, int]], a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    """Leave out matches that are a coincidence amid changes: blanks, a comma, one CJK character."""

    def is_inner(i: int, j: int, n: int) -> bool:
        return not (i == j == 0 or (i + n == len(a) and j + n == len(b)))

    return [(i, j, n) for i, j, n in blocks if not (is_inner(i, j, n) and _is_coincidence(a[i : i + n]))]


def _is_coincidence(words: list[str]) -> bool:
    solid = [word for word in words if not word.isspace() and (len(word) > 1 or word.isalnum())]
    return not solid or (len(solid) == 1 and _SINGLE_CJK.fullmatch(solid[0]) is not None)


def _pieces(words: list[str], same: list[tuple[int, int]]) -> Pieces:
    pieces: list[Piece] = []
    done = 0

    def add(start: int, end: int, changed: bool) -> None:
        text = "".join(words[start:end])
        if not text:
            return
        if changed and text.strip() != text and text.strip():  # blanks at the edges stay outside the brackets
            head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            pieces.extend(Piece(part, mark) for part, mark in ((head, False), (text.strip(), True), (tail, False)) if part)
        else:
            pieces.append(Piece(text, changed and not text.isspace()))

    for start, length in same:
        add(done, start, True)
        add(start, start + length, False)
        done = start + length
    add(done, len(words), True)
    merged: list[Piece] = []
    for piece in pieces:
        if merged and merged[-1].changed == piece.changed:
            merged[-1] = Piece(merged[-1].text + piece.text, piece.changed)
        else:
            merged.append(piece)
    return tuple(merged)


def _content(pieces: Pieces, brackets: str, style: str) -> Content:
    parts: list[str | tuple[str, str]] = []
    for piece in pieces:
        if piece.changed:
            parts += [(brackets[0], MUTED), (piece.text, style), (brackets[1], MUTED)]
        else:
            parts.append(piece.text)
    return Content.assemble(*parts)
