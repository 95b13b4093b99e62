"""A conversation as Markdown for Argilla's pages: one paragraph per turn, the step marked, what is far away folded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

BEFORE, AFTER = 8, 4
"""Turns around the step that are open; the others fold into a line that opens with a click."""
_FOLD_FROM: Final = 3
"""Fewer turns than this are not worth a fold."""
_MOST_CHARACTERS: Final = 2_000
"""Of one turn."""
_MEANS_SOMETHING: Final = re.compile(r"[\\`*_{}\[\]()<>#+\-!|~$&\"'=:]|(?<=\d)\.")
"""To Markdown, HTML or the formulas that Argilla renders."""
_SPEAKERS: Final = {"user": "User", "bot": "Bot", "utter": "Bot"}


def as_markdown(turns: Sequence[tuple[str, str]], step: int) -> str:
    """`turns`: kind and text (review/team/spoken.py); `step`: the index of the one that is asked about."""
    start = step - BEFORE if step - BEFORE >= _FOLD_FROM else 0
    stop = step + 1 + AFTER if len(turns) - (step + 1 + AFTER) >= _FOLD_FROM else len(turns)
    lines = [_turn(turn, is_step=index == step) for index, turn in enumerate(turns)]
    return "\n\n".join([*_folded(lines[:start], "before"), *lines[start:stop], *_folded(lines[stop:], "after")])


def literally(text: str) -> str:
    """Text that Markdown shows as it is, line breaks included."""
    shown = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]} … ({len(text) - _MOST_CHARACTERS:,} more)"
    plain = _MEANS_SOMETHING.sub(lambda found: f"&#{ord(found[0])};", shown.strip().replace("\0", "\ufffd"))
    return "<br>".join(plain.splitlines())


def _turn(turn: tuple[str, str], *, is_step: bool) -> str:
    kind, text = turn[0], literally(turn[1])
    speaker = _SPEAKERS.get(kind)
    if kind == "utter":
        text = f"*{text}*"
    if speaker is None:
        return f"*{literally(kind.replace('_', ' '))}: {text}*"
    return f"> **{speaker}:** {text} **← the original**" if is_step else f"**{speaker}:** {text}"


def _folded(lines: Sequence[str], where: str) -> list[str]:
    if not lines:
        return []
    return [f"<details><summary>{len(lines)} more turns {where}</summary>", *lines, "</details>"]
