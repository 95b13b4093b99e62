"""From text to commands: tolerant, with places, and without dropping anything silently.

    parse("1. start flow pay\\nSure!", Dialect.V2)
        → commands (StartFlow("pay") at 3:17), leftovers ("Sure!" at 18:23)

Reading never raises. What it tolerates is told in `parse_words.py` (V2, V3) and `parse_calls.py` (V1). The dialect is
strict: a command that it does not have is a leftover, as the assistant would not understand it either.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.commands.models import Dialect
from core.commands.parse_calls import parse_calls
from core.commands.parse_words import parse_words
from core.commands.result import ParseResult, build_result

# On a tie the first wins: V2 and V3 share most commands, and V2 is the more common of the two.
_PREFERENCE = (Dialect.V2, Dialect.V3, Dialect.V1)


def parse(text: str, dialect: Dialect) -> ParseResult:
    """All commands of a model's answer, or of one line of a file, in the dialect given."""
    found = parse_calls(text) if dialect is Dialect.V1 else parse_words(text, dialect)
    return build_result(text, dialect, found)


def parse_any(text: str) -> ParseResult:
    """Read in the dialect that leaves the least text over; its name is the result's `dialect`. Ties: V2, V3, V1."""
    results = [parse(text, dialect) for dialect in _PREFERENCE]
    return min(results, key=lambda result: (_length_left(result), -len(result.commands)))


def detect_dialect(texts: Iterable[str]) -> Dialect | None:
    """The dialect that accepts most texts whole, then the one with most commands; None if no text holds a command.

    What V2 and V3 read equally well counts as V2.
    """
    whole = dict.fromkeys(_PREFERENCE, 0)
    commands = dict.fromkeys(_PREFERENCE, 0)
    for text in texts:
        for dialect in _PREFERENCE:
            result = parse(text, dialect)
            commands[dialect] += len(result.commands)
            whole[dialect] += bool(result.commands) and result.complete
    best = max(_PREFERENCE, key=lambda dialect: (whole[dialect], commands[dialect]))
    return best if commands[best] else None


def _length_left(result: ParseResult) -> int:
    return sum(len(leftover.text) for leftover in result.leftovers)
