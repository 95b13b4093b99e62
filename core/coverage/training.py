"""What the training data covers once rephrasings are counted: per command, flow and slot value, zeros included."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from core.commands import Dialect, SetSlot, from_json
from core.coverage.command_types import name_of
from core.coverage.extras import slot_value
from core.coverage.report import TrainingCount, TrainingKind
from core.dataset.corpus import SelectionCounts, Step, read_corpus
from core.dataset.selection import Rephrasings

_Key = tuple[TrainingKind, str]


def training_counts(
    connection: sqlite3.Connection,
    dialect: Dialect,
    mode: Rephrasings,
    expected: Iterable[_Key],
) -> tuple[TrainingCount, ...]:
    """Counts of the annotated steps of the project. `expected`: what must be listed even where nothing has it; values of
    other slots than the expected ones are not listed. A value reads `slot = value`, its case does not matter.
    """
    counts: dict[_Key, list[int]] = {key: [0, 0, 0] for key in expected}
    declared = {name.lower(): name for kind, name in counts if kind == "value"}
    listed_slots = {name.partition(" = ")[0] for name in declared.values()}
    flows = _flows(connection)
    for step in _annotated(connection, mode, dialect):
        assert step.commands is not None
        labels = [step.commands, *(choice.commands or step.commands for choice in step.choices)]
        keys: dict[_Key, int] = defaultdict(int)
        for label in labels:
            for kind, name in _keys(label):
                if kind != "value":
                    keys[kind, name] += 1
                elif name.partition(" = ")[0] in listed_slots:
                    keys[kind, declared.get(name.lower(), name)] += 1
        for flow in flows.get(step.id, ()):
            keys["flow", flow] = len(labels)
        for key, texts in keys.items():
            row = counts.setdefault(key, [0, 0, 0])
            row[0] += 1
            row[1] += texts
            row[2] += texts if step.prompt is not None else 0
    order = {"command": 0, "flow": 1, "value": 2}
    rows = sorted(counts.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    return tuple(TrainingCount(kind, name, *numbers) for (kind, name), numbers in rows)


def _annotated(connection: sqlite3.Connection, mode: Rephrasings, dialect: Dialect) -> Iterator[Step]:
    connection.execute("CREATE TEMP TABLE coverage_order (position INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL)")
    try:
        connection.execute(
            "INSERT INTO coverage_order (conversation_id) SELECT id FROM conversation WHERE active = 1 ORDER BY id"
        )
        found = read_corpus(connection, mode, dialect, SelectionCounts(), order="coverage_order", prompts=False)
        for conversation in found:
            yield from (step for step in conversation.steps if step.commands is not None)
    finally:
        connection.execute("DROP TABLE temp.coverage_order")


def _flows(connection: sqlite3.Connection) -> dict[int, list[str]]:
    flows: dict[int, list[str]] = defaultdict(list)
    for step_id, flow in connection.execute("SELECT DISTINCT step_id, flow FROM step_flow ORDER BY flow"):
        flows[step_id].append(flow)
    return flows


@lru_cache(maxsize=65536)
def _keys(commands: str) -> tuple[_Key, ...]:
    """Each once, however often the commands have it."""
    keys: dict[_Key, None] = {}
    for command in from_json(commands):
        keys["command", name_of(command)] = None
        if isinstance(command, SetSlot):
            keys["value", slot_value(command.name, command.value)] = None
    return tuple(keys)
