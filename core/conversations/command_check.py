"""Finds what is no command in the expected commands of a step, in any dialect, while the place is still known."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from core.commands import Dialect, parse, parse_any
from core.commands.dialects import BARE_COMMANDS

_CALLS = ("StartFlow", "SetSlot", "Clarify", *BARE_COMMANDS[Dialect.V1].values())
_PHRASES = (
    *("start flow", "set slot", "disambiguate flows", "restart agent"),
    *{**BARE_COMMANDS[Dialect.V2], **BARE_COMMANDS[Dialect.V3]}.values(),
    *BARE_COMMANDS[Dialect.V2].values(),
)
_EXAMPLE = "Write e.g. `start flow NAME` or `set slot NAME VALUE`."


@lru_cache(maxsize=65536)
def not_understood(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The texts among `lines` that are no commands: what is left in the dialect that reads most of them."""
    text = "\n".join(lines)
    if parse(text, Dialect.V2).complete:
        return ()
    return tuple(leftover.text for leftover in parse_any(text).leftovers)


def how_to_mend(text: str) -> str:
    """What to do about a text that was not understood."""
    if text.count("(") != text.count(")"):
        return "Put the whole command in double quotes: in `[ ]` a comma starts another item."
    if parse_any(text).complete:
        return "The step's other commands are of another dialect: write all of them in one."
    call, _, _ = text.partition("(")
    known, head = (_CALLS, call.strip()) if call != text else (_PHRASES, " ".join(text.lower().split()[:2]))
    near = get_close_matches(head, known, n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near and near[0] != head else _EXAMPLE
