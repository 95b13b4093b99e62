"""What others did to the project since we looked: decisions are taken over one by one, anything more by reading again.

Reading a million rows again takes half a second of a core, which a colleague's decision every second must not cost.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from core.store.states import State

MOST = 500
"""More changed rephrasings than this are taken over by reading the queue again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """`reload`: the queue itself may have changed. `seen`: the newest decision these changes include."""

    seen: int
    reload: bool = False
    states: dict[int, State] = field(default_factory=dict)


def latest_decision(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM decision").fetchone()[0])


def latest_ingest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM ingest").fetchone()[0])


def written_by_stages(connection: sqlite3.Connection) -> tuple[int, int, str]:
    """Changes with every rephrasing, every verdict and every end of a stage."""
    rephrasing, verdict, finished = connection.execute(
        "SELECT (SELECT max(id) FROM rephrasing), (SELECT max(id) FROM verdict), (SELECT max(finished_at) FROM stage_run)"
    ).fetchone()
    return rephrasing or 0, verdict or 0, finished or ""


def changes_since(connection: sqlite3.Connection, seen: int, *, everything: bool = False) -> Changes:
    """The rephrasings that decisions after `seen` touched, with their present states."""
    now = latest_decision(connection)
    if everything:
        return Changes(now, reload=True)
    rows = connection.execute(
        "SELECT d.kind, d.rephrasing_id, d.step_id FROM decision d WHERE d.id > ?1 AND d.target_group IS NULL"
        " UNION ALL SELECT m.kind, m.rephrasing_id, m.step_id FROM decision d JOIN decision m ON m.group_id = d.target_group"
        " WHERE d.id > ?1 AND d.target_group IS NOT NULL LIMIT ?2",
        (seen, MOST + 1),
    ).fetchall()
    if len(rows) > MOST or any(kind == "add" for kind, _, _ in rows):
        return Changes(now, reload=True)
    ids = {id_ for _, id_, _ in rows if id_ is not None}
    steps = {step for kind, _, step in rows if kind == "correct" and step is not None}
    states = connection.execute(f"SELECT id, state FROM rephrasing WHERE id IN ({_list(ids)}) OR step_id IN ({_list(steps)})")
    return Changes(now, states={id_: State(state) for id_, state in states})


def _list(ids: set[int]) -> str:
    return ",".join(map(str, sorted(ids)))
