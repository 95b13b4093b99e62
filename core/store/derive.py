"""State derived from the logs: of rephrasings from decisions and verdicts, of steps from corrections.

Called inside the transaction that appended to a log or changed a step. Pure functions of the stored rows: running them
again changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from core.conversations.identity import basis_of
from core.store.flows import replace_command_flows
from core.store.states import STATE_OF_DECISION, State

_IN_FORCE = (
    "SELECT {columns} FROM decision d JOIN decision_group g ON g.id = d.group_id"
    " WHERE d.rephrasing_id = r.id AND g.status = 0 AND d.kind {kinds}"
)
_STATE_OF_KIND = " ".join(f"WHEN '{kind}' THEN {int(state)}" for kind, state in STATE_OF_DECISION.items())
_KINDS = ", ".join(f"'{kind}'" for kind in STATE_OF_DECISION)

_LATEST = "ORDER BY d.group_id DESC, d.id DESC LIMIT 1"
_ADDED = _IN_FORCE.format(columns="1", kinds="= 'add'")
_DECISION = _IN_FORCE.format(columns="d.id", kinds=f"IN ({_KINDS})")

# What counts is the latest decision made on what the rephrasing is now: its step's basis and its wording. A reason that
# was given later belongs to the action it explains, so actions are compared before rows.
_DERIVE = f"""
WITH wanted AS MATERIALIZED (
    SELECT r.id AS id, s.basis AS basis, s.active AS step_active, r.source_id IS NULL AS by_hand, r.active AS active,
        nullif(({_IN_FORCE.format(columns="d.text", kinds="= 'edit'")} {_LATEST}), r.text) AS edited
    FROM json_each(?) w CROSS JOIN rephrasing r ON r.id = w.value CROSS JOIN user_step s ON s.id = r.step_id
), decided AS MATERIALIZED (
    SELECT id, edited, ({_DECISION} {_LATEST}) AS latest,
        ({_DECISION} AND d.basis = r.basis AND d.text IS r.edited {_LATEST}) AS fits,
        CASE WHEN by_hand THEN step_active AND EXISTS ({_ADDED}) ELSE active END AS active
    FROM wanted r
)
UPDATE rephrasing SET decision_id = coalesce(n.fits, n.latest), edited_text = n.edited, active = n.active,
    state = CASE WHEN n.latest IS NULL THEN {int(State.UNDECIDED)} WHEN n.fits IS NULL THEN {int(State.STALE)}
        ELSE (SELECT CASE d.kind {_STATE_OF_KIND} END FROM decision d WHERE d.id = n.fits) END
FROM decided n WHERE rephrasing.id = n.id RETURNING id, state
"""


def correction_basis(key: str, ingested_commands: str | None) -> str:
    """A correction holds while the step and the commands its file gives are those it was made on."""
    return basis_of(key, ingested_commands)


def rephrasings(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, State]:
    """Derive state, edited text and (for those added by hand) activity of these rephrasings; returns the states."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    found = dict(connection.execute(_DERIVE, (json.dumps(wanted),)).fetchall())
    return {id_: State(found[id_]) for id_ in wanted}


def steps(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, State]:
    """Derive commands and basis of these steps from their file and corrections, then all that hangs on the basis."""
    states: dict[int, State] = {}
    for id_ in ids:
        key, ingested = connection.execute("SELECT key, ingested_commands FROM user_step WHERE id = ?", (id_,)).fetchone()
        correction = connection.execute(
            "SELECT d.commands FROM decision d JOIN decision_group g ON g.id = d.group_id"
            " WHERE d.step_id = ? AND d.kind = 'correct' AND g.status = 0 AND d.basis = ? ORDER BY d.id DESC LIMIT 1",
            (id_, correction_basis(key, ingested)),
        ).fetchone()
        commands = correction[0] if correction else ingested
        connection.execute(
            "UPDATE user_step SET commands = ?, basis = ? WHERE id = ?", (commands, basis_of(key, commands), id_)
        )
        replace_command_flows(connection, id_, commands)
        under = [row[0] for row in connection.execute("SELECT id FROM rephrasing WHERE step_id = ?", (id_,))]
        states |= rephrasings(connection, under)
    return states
