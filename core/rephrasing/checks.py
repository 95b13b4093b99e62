"""Which of the texts that came back are taken: none that cannot be used, and none that is there already."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.rephrasing.styles import Style
from core.rephrasing.words import normalised, words_of

LONGEST: Final = 420
"""Characters. The assistant answers longer messages with an error."""

_PAIRS: Final = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "\u300c": "\u300d", "`": "`"}
_SPEAKER: Final = re.compile(r"^(?:USER|User)\s*(?:\(m?\d+\)\s*)?[:\uff1a]\s*")
_PLACEHOLDER: Final = re.compile(r"\[[^\]\n]{1,40}\]|<[^>\n]{1,40}>|\{[^}\n]{1,40}\}|_{3,}|\.\.\.\s*\.\.\.")
_DIGITS: Final = re.compile(r"\d+")


class DropReason(StrEnum):
    """Why a text was not taken; `dropped.reason`."""

    ORIGINAL = "repeats the original"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near-duplicate"
    EMPTY = "no text"
    TOO_LONG = "too long"
    PLACEHOLDER = "placeholder"
    PAYLOAD = "payload"
    INSTRUCTION = "repeats the instruction"
    ASSISTANT = "repeats the assistant"
    UNREADABLE = "unreadable answer"  # in which there is nothing for the step; it has no text


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that was taken. `slot`: its number among the step's wordings, from 0. `call`: key of the answer it is from."""

    text: str
    slot: int
    style: Style
    call: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A text that was not. `twin`: the stored rephrasing (its id) or the new one it repeats; None: the original, or none."""

    text: str
    reason: DropReason
    call: str
    twin: int | Kept | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    text: str
    plain: str
    digits: tuple[str, ...]
    marks: tuple[str, ...]
    """Symbols, and marks that combine with letters: validation compares words without them."""
    twin: int | Kept | None


class Sieve:
    """The wordings of one user step. `stored`: (id, text) of the rephrasings it has.

    `instructions`, `answers`: what the prompt asks for in words, and what the assistant says; `longest`: a text of that
    many characters was cut off there. Small models repeat what they read, and do not end.
    """

    def __init__(
        self,
        original: str,
        stored: Iterable[tuple[int, str]],
        near_duplicate: float,
        *,
        instructions: Iterable[str] = (),
        answers: Iterable[str] = (),
        longest: int | None = None,
    ) -> None:
        self._original = original
        self._limit = near_duplicate
        self._instructions = frozenset(map(normalised, instructions))
        self._answers = frozenset(map(normalised, answers))
        self._longest = max(LONGEST, len(original)) if longest is None else longest - 1
        self._taken = [_taken(original, None), *(_taken(text, id_) for id_, text in stored)]
        self.kept: list[Kept] = []
        self.dropped: list[Dropped] = []

    def offer(self, raw: str, slot: int, style: Style, call: str) -> bool:
        """Whether the text is taken. `raw`: as the answer has it."""
        text = clean(raw, self._original)
        dropped = self._unusable(text, call) or self._repetition(text, style, call)
        if dropped is not None:
            self.dropped.append(dropped)
            return False
        kept = Kept(text, slot, style, call)
        self.kept.append(kept)
        self._taken.append(_taken(text, kept))
        return True

    def note_unreadable(self, call: str) -> None:
        """An answer in which nothing stands for this step: kept, so that a later run asks for another one."""
        self.dropped.append(Dropped("", DropReason.UNREADABLE, call))

    def _unusable(self, text: str, call: str) -> Dropped | None:
        plain = normalised(text)
        reason = None
        if not words_of(text):
            reason = DropReason.EMPTY
        elif len(text) > self._longest:
            reason = DropReason.TOO_LONG
        elif text.startswith("/"):
            reason = DropReason.PAYLOAD
        elif _PLACEHOLDER.search(text) and not _PLACEHOLDER.search(self._original):
            reason = DropReason.PLACEHOLDER
        elif plain in self._instructions:
            reason = DropReason.INSTRUCTION
        elif plain in self._answers:
            reason = DropReason.ASSISTANT
        return None if reason is None else Dropped(text, reason, call)

    def _repetition(self, text: str, style: Style, call: str) -> Dropped | None:
        offered = _taken(text, None)
        for at, other in enumerate(self._taken):
            if offered.plain == other.plain:
                return Dropped(text, DropReason.DUPLICATE if at else DropReason.ORIGINAL, call, other.twin, 1.0)
        if style.is_noisy:  # mistakes are what was asked for, and they change little
            return None
        near = [(alike, -at) for at, other in enumerate(self._taken) if (alike := self._nearness(offered, other)) is not None]
        if not near:
            return None
        alike, at = max(near)
        return Dropped(text, DropReason.NEAR_DUPLICATE, call, self._taken[-at].twin, round(alike, 4))

    def _nearness(self, one: _Taken, other: _Taken) -> float | None:
        """How alike two near-duplicates are, None if they are none: those of validation, and all nearer than the limit.

        Texts with other numbers do not say the same, however few characters that is.
        """
        if one.digits != other.digits:
            return None
        from rapidfuzz.distance import Levenshtein

        from core.validation.duplicates import near_duplicate

        alike = Levenshtein.normalized_similarity(one.plain, other.plain, score_cutoff=self._limit)
        if alike >= self._limit:
            return alike
        return near_duplicate(one.text, other.text) if one.marks == other.marks else None


def clean(raw: str, original: str) -> str:
    """The text on one line, without quotes around it, marks of boldness, or the speaker's name before it."""
    text = " ".join(raw.split())
    text = _SPEAKER.sub("", text)
    for _ in range(2):
        if len(text) > 4 and text.startswith("**") and text.endswith("**"):
            text = text[2:-2].strip()
        closing = _PAIRS.get(text[:1])
        inner = text[1:-1]
        is_quoted = len(text) > 2 and closing is not None and text.endswith(closing) and closing not in inner
        if is_quoted and not original.strip().startswith(text[:1]):
            text = inner.strip()
    return text


def _taken(text: str, twin: int | Kept | None) -> _Taken:
    marks = tuple(one for one in text if unicodedata.category(one)[0] in "MS")
    return _Taken(text, normalised(text), tuple(_DIGITS.findall(text)), marks, twin)
