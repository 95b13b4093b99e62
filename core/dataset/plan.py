"""Decide which conversation goes to which side, from what each of them will yield. Reads no prompt text."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from functools import lru_cache

from core.commands import Dialect, from_json
from core.dataset.recipe_split import SplitUnit
from core.dataset.selection import VERDICT_IS_STALE, Rephrasings, why_row_left_out
from core.store.stored_commands import why_unprintable
from core.store.verdicts import OF_OTHER_WORDS

_YIELDS = (
    "user_step s JOIN prompt p ON p.step_id = s.id{more} WHERE s.active = 1 AND s.is_button = 0 AND s.commands IS NOT NULL"
    " AND s.commands <> '[]' AND (s.unparsed IS NULL OR s.commands IS NOT s.ingested_commands) AND p.known = 1"
)
_STEPS = f"SELECT s.id, s.conversation_id, s.commands FROM {_YIELDS.format(more='')} ORDER BY s.conversation_id, s.ordinal"
_FLOWS = f"SELECT DISTINCT s.conversation_id, f.flow FROM {_YIELDS.format(more=' JOIN step_flow f ON f.step_id = s.id')}"
_REPHRASINGS = (
    f"SELECT r.conversation_id, r.step_id, r.state, r.verdict, {VERDICT_IS_STALE}, {OF_OTHER_WORDS} FROM rephrasing r"
    " JOIN user_step s ON s.id = r.step_id LEFT JOIN verdict v ON v.id = r.verdict_id"
    " WHERE r.active = 1 ORDER BY r.conversation_id, r.ordinal, r.position, r.id"
)


def plan(connection: sqlite3.Connection, mode: Rephrasings, dialect: Dialect) -> list[SplitUnit]:
    """One unit per conversation with at least one data point, duplicates not yet taken off."""
    steps: Counter[int] = Counter()
    commands: dict[int, set[str]] = defaultdict(set)
    for _, conversation_id, canonical in connection.execute(_STEPS):
        if why_unprintable(canonical, dialect) is None:
            steps[conversation_id] += 1
            commands[conversation_id].update(_command_types(canonical))
    flows: dict[int, set[str]] = defaultdict(set)
    for conversation_id, flow in connection.execute(_FLOWS):
        flows[conversation_id].add(flow)
    variants: dict[int, int] = {}
    current, count = 0, 0
    for conversation_id, step_id, state, verdict, stale, reworded in connection.execute(_REPHRASINGS):
        if step_id != current:
            current, count = step_id, 0
        if why_row_left_out(mode, state, verdict, stale, reworded) is None:
            count += 1
            if count > variants.get(conversation_id, 0):
                variants[conversation_id] = count
    shared: dict[frozenset[str], frozenset[str]] = {}  # a corpus has few different ones and many conversations

    def one_of(words: set[str]) -> frozenset[str]:
        frozen = frozenset(words)
        return shared.setdefault(frozen, frozen)

    return [
        SplitUnit(id_, number * (1 + variants.get(id_, 0)), one_of(commands[id_]), one_of(flows[id_]))
        for id_, number in steps.items()
    ]


@lru_cache(maxsize=65536)
def _command_types(canonical: str) -> tuple[str, ...]:
    return tuple({type(command).__name__: None for command in from_json(canonical)})
