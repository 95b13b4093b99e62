"""Responses read backwards: from what the bot said to the slots that its text shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_HOLE: Final = re.compile(r"\{([^{}\n]+)\}")
_FEWEST_LETTERS: Final = 4
_MOST_HOLES: Final = 4
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one variation of a response, as a pattern whose groups are the slots in it.

    `letters`: how many characters it says itself, blanks left out.
    """

    pattern: re.Pattern[str]
    slots: tuple[str, ...]
    letters: int

    @property
    def says_something(self) -> bool:
        """A template that says hardly anything itself fits any text."""
        return self.letters >= _FEWEST_LETTERS

    def values(self, text: str) -> dict[str, str] | None:
        """The slots' texts in a bot message that this variation could have said; None if it could not."""
        match = self.pattern.fullmatch(text.strip()) if len(text) <= _LONGEST else None
        if match is None:
            return None
        values: dict[str, str] = {}
        for name, value in zip(self.slots, match.groups(), strict=True):
            if values.setdefault(name, value) != value:
                return None
        return values


def template_of(text: str) -> Template | None:
    """None where slots stand side by side, or are many: a text cannot be told apart into them, or not in short time."""
    pieces: list[str] = []
    slots: list[str] = []
    at = 0
    stripped = text.strip()
    for hole in _HOLE.finditer(stripped):
        pieces.append(stripped[at : hole.start()])
        slots.append(hole[1])
        at = hole.end()
    pieces.append(stripped[at:])
    if len(slots) > _MOST_HOLES or not all(pieces[1:-1]):
        return None
    pattern = "(.*?)".join(map(re.escape, pieces))
    letters = sum(not character.isspace() for piece in pieces for character in piece)
    return Template(re.compile(pattern, re.DOTALL), tuple(slots), letters)
