"""Names of flows and slots, and slots' values, that the stored commands speak of, for completion."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from core.commands import Clarify, Command, CommandError, Dialect, SetSlot, StartFlow, from_json, to_text

Known = tuple[Sequence[str], Mapping[str, Sequence[str]]]
"""Flows, and slots with the values they were given, the most frequent first."""

Names = Callable[[], Known]

_SCANNED = 20_000


def stored_names(connection: sqlite3.Connection) -> Known:
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
    slots: dict[str, Counter[str]] = {}
    stored = connection.execute(
        "SELECT DISTINCT commands FROM (SELECT commands FROM user_step"
        " WHERE active = 1 AND commands LIKE '%\"set slot\"%' LIMIT ?)",
        (_SCANNED,),
    )
    for (commands,) in stored:
        try:
            for command in from_json(commands):
                if isinstance(command, SetSlot):
                    slots.setdefault(command.name, Counter())[command.value or ""] += 1
        except CommandError:
            continue
    return sorted(flows), {name: [value for value, _ in slots[name].most_common() if value] for name in sorted(slots)}


def unknown_names(command: Command, known: Known) -> list[str]:
    """What no stored command speaks of, in words; nothing where none is known at all. It may be right all the same."""
    flows, slots = known
    named = [command.flow] if isinstance(command, StartFlow) else command.flows if isinstance(command, Clarify) else ()
    found = [f"flow {name}" for name in named if flows and name not in flows]
    if isinstance(command, SetSlot) and slots and command.name not in slots:
        found.append(f"slot {command.name}")
    return found


def completions(before: str, dialect: Dialect, known: Known) -> tuple[str, list[str]]:
    """The word being typed at the end of `before` (one line up to the cursor) and what it can become."""
    flows, slots = known
    start = max(before.rfind(mark) for mark in " (,\t\"'") + 1
    word, lead = before[start:], before[:start].strip().lower()
    if dialect is Dialect.V1:
        verbs = ["StartFlow(", "SetSlot(", "Clarify(", *_bare(dialect)]
        if not lead:
            return _matching(before.lstrip(), verbs)
        if lead.startswith("setslot("):
            slot, comma, value = before.lstrip()[len("setslot(") :].partition(",")
            return _matching(value.lstrip(), slots.get(slot.strip(), ())) if comma else _matching(word, slots)
        return _matching(word, flows if lead.startswith(("startflow(", "clarify(")) else ())
    verbs = ["start flow ", "set slot ", "disambiguate flows ", *_bare(dialect)]
    if lead == "start flow" or lead.startswith("disambiguate flows"):
        return _matching(word, flows)
    if lead == "set slot":
        return _matching(word, slots)
    if lead.startswith("set slot "):
        slot, _, value = before.lstrip()[len("set slot ") :].partition(" ")
        return _matching(value.lstrip(), slots.get(slot, ()))
    return _matching(before.lstrip(), verbs)


def _bare(dialect: Dialect) -> list[str]:
    from core.commands.dialects import BARE_COMMANDS

    return [to_text(command, dialect) for command in BARE_COMMANDS[dialect]]


def _matching(word: str, names: Iterable[str]) -> tuple[str, list[str]]:
    starting = [name for name in names if name.lower().startswith(word.lower()) and name != word]
    inside = [
        name for name in names if len(word) > 1 and word.lower() in name.lower() and name not in starting and name != word
    ]
    return word, starting + inside
