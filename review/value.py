"""What a decision on a rephrasing is worth, by how rare its step's commands, flows and slots are among what can be used.

A rephrasing can be used if a person accepted it, or if the machine calls it `same` with a verdict that holds and nobody
rejected or flagged it. A step has features: the kind of each of its commands (`set slot`), each flow that it speaks of, and
each slot that its commands set. With n(f) usable rephrasings under the steps that have the feature f, a step is worth

    value(step) = sum over its features f of 1 / (1 + n(f))

That is what one more usable rephrasing adds to the sum of log(1 + n(f)) over all features (its derivative): the first of a kind
counts in full, the hundredth hardly at all. All rephrasings of a step are worth the same.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import lru_cache
from typing import Final

from core.commands import SetSlot, from_json
from core.coverage.command_types import name_of
from core.dataset.selection import VERDICT_IS_STALE
from core.store.states import State
from core.store.verdicts import OF_OTHER_WORDS

USABLE: Final = (
    f"(r.state = {int(State.ACCEPT)} OR (r.state NOT IN ({int(State.REJECT)}, {int(State.FLAG)}) AND v.verdict = 'same'"
    f" AND NOT {VERDICT_IS_STALE} AND NOT {OF_OTHER_WORDS}))"
)
"""SQL over rephrasing r, user_step s and verdict v, if any."""


def values_of_steps(connection: sqlite3.Connection) -> dict[int, float]:
    """By the id of each active step; 0 for one of which no commands are known."""
    features: dict[int, frozenset[str]] = {
        id_: _of_commands(commands)
        for id_, commands in connection.execute("SELECT id, commands FROM user_step WHERE active = 1")
    }
    for step, flow in connection.execute("SELECT step_id, flow FROM step_flow"):
        if step in features:
            features[step] |= _of_flow(flow)
    usable: Counter[str] = Counter()
    for step, count in connection.execute(
        "SELECT r.step_id, count(*) FROM rephrasing r JOIN user_step s ON s.id = r.step_id"
        f" LEFT JOIN verdict v ON v.id = r.verdict_id WHERE r.active = 1 AND {USABLE} GROUP BY r.step_id"
    ):
        for feature in features.get(step, ()):
            usable[feature] += count
    return {step: sum(1 / (1 + usable[feature]) for feature in sorted(own)) for step, own in features.items()}


@lru_cache(maxsize=65536)
def _of_commands(commands: str | None) -> frozenset[str]:
    found = from_json(commands) if commands is not None else ()
    slots = {f"slot {one.name}" for one in found if isinstance(one, SetSlot)}
    return frozenset({f"command {name_of(one)}" for one in found} | slots)


@lru_cache(maxsize=65536)
def _of_flow(flow: str) -> frozenset[str]:
    return frozenset({f"flow {flow}"})
