"""Names of flows and slots that the stored commands speak of, for completion."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from core.commands import CommandError, Dialect, SetSlot, from_json, to_text

Names = Callable[[], tuple[Sequence[str], Sequence[str]]]
"""Flows and slots."""

_SCANNED = 20_000


def stored_names(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Flows and slots in alphabetical order. Of very large projects the first steps are enough to find them."""
    flows = {
        name
        for (name,) in connection.execute(
            # A loose index scan: as many probes as there are flows, whatever the number of steps.
            "WITH RECURSIVE names(flow) AS (SELECT min(flow) FROM step_flow UNION ALL"
            " SELECT (SELECT min(flow) FROM step_flow WHERE flow > names.flow) FROM names WHERE names.flow IS NOT NULL)"
            " SELECT flow FROM names WHERE flow IS NOT NULL"
        )
    }
    slots: set[str] = set()
    stored = connection.execute(
        "SELECT DISTINCT commands FROM (SELECT commands FROM user_step"
        " WHERE active = 1 AND commands LIKE '%\"set slot\"%' LIMIT ?)",
        (_SCANNED,),
    )
    for (commands,) in stored:
        try:
            slots |= {command.name for command in from_json(commands) if isinstance(command, SetSlot)}
        except CommandError:
            continue
    return sorted(flows), sorted(slots)


def completions(before: str, dialect: Dialect, flows: Sequence[str], slots: Sequence[str]) -> tuple[str, list[str]]:
    """The word being typed at the end of `before` (one line up to the cursor) and what it can become."""
    start = max(before.rfind(mark) for mark in " (,\t\"'") + 1
    word, lead = before[start:], before[:start].strip().lower()
    if dialect is Dialect.V1:
        verbs = ["StartFlow(", "SetSlot(", "Clarify(", *_bare(dialect)]
        if not lead:
            return _matching(before.lstrip(), verbs)
        if lead.startswith("setslot("):
            return _matching(word, slots if "," not in lead else ())
        return _matching(word, flows if lead.startswith(("startflow(", "clarify(")) else ())
    verbs = ["start flow ", "set slot ", "disambiguate flows ", *_bare(dialect)]
    if lead == "start flow" or lead.startswith("disambiguate flows"):
        return _matching(word, flows)
    if lead == "set slot":
        return _matching(word, slots)
    return _matching(before.lstrip(), verbs)


def _bare(dialect: Dialect) -> list[str]:
    from core.commands.dialects import BARE_COMMANDS

    return [to_text(command, dialect) for command in BARE_COMMANDS[dialect]]


def _matching(word: str, names: Sequence[str]) -> tuple[str, list[str]]:
    starting = [name for name in names if name.lower().startswith(word.lower()) and name != word]
    inside = [
        name for name in names if len(word) > 1 and word.lower() in name.lower() and name not in starting and name != word
    ]
    return word, starting + inside
