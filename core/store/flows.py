"""Which flows a step speaks of: those its commands start or offer, and the one its prompt says is active."""

from __future__ import annotations

import sqlite3
from functools import lru_cache

from core.commands import Clarify, StartFlow, from_json


@lru_cache(maxsize=65536)
def flows_named(commands: str) -> tuple[str, ...]:
    """The flows that stored commands start or offer."""
    flows: dict[str, None] = {}
    for command in from_json(commands):
        if isinstance(command, StartFlow):
            flows[command.flow] = None
        elif isinstance(command, Clarify):
            flows.update(dict.fromkeys(command.flows))
    return tuple(flows)


def replace_command_flows(connection: sqlite3.Connection, step_id: int, commands: str | None) -> None:
    connection.execute("DELETE FROM step_flow WHERE step_id = ? AND origin = 'commands'", (step_id,))
    if commands is not None:
        connection.executemany(
            "INSERT OR IGNORE INTO step_flow VALUES (?, ?, 'commands')",
            [(step_id, flow) for flow in flows_named(commands)],
        )
