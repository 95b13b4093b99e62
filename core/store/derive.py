"""State derived from the logs: of rephrasings from decisions and verdicts, of steps from corrections.

Called inside the transaction that appended to a log or changed a step. Pure functions of the stored rows: running them
again changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.conversations.identity import basis_of
from core.store.flows import replace_command_flows
from core.store.states import STATE_OF_DECISION, State

_LATEST = (
    "SELECT d.id, d.kind, d.basis, d.text FROM decision d JOIN decision_group g ON g.id = d.group_id"
    " WHERE d.rephrasing_id = ? AND g.status = 0 AND d.kind {kinds} ORDER BY d.id DESC LIMIT 1"
)
_LATEST_DECISION = _LATEST.format(kinds="IN ('accept', 'reject', 'skip', 'flag')")
_LATEST_EDIT = _LATEST.format(kinds="= 'edit'")
_LATEST_ADD = _LATEST.format(kinds="= 'add'")


def correction_basis(key: str, ingested_commands: str | None) -> str:
    """A correction holds while the step and the commands its file gives are those it was made on."""
    return basis_of(key, ingested_commands)


def rephrasings(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, State]:
    """Derive state, edited text and (for those added by hand) activity of these rephrasings; returns the states."""
    states: dict[int, State] = {}
    for id_ in ids:
        basis, by_hand, step_active = connection.execute(
            "SELECT s.basis, r.source_id IS NULL, s.active FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.id = ?",
            (id_,),
        ).fetchone()
        decision = connection.execute(_LATEST_DECISION, (id_,)).fetchone()
        edit = connection.execute(_LATEST_EDIT, (id_,)).fetchone()
        state = State.UNDECIDED
        if decision is not None:
            state = STATE_OF_DECISION[decision[1]] if decision[2] == basis else State.STALE
        connection.execute(
            "UPDATE rephrasing SET state = ?, decision_id = ?, edited_text = ? WHERE id = ?",
            (int(state), decision[0] if decision else None, edit[3] if edit else None, id_),
        )
        if by_hand:
            added = connection.execute(_LATEST_ADD, (id_,)).fetchone() is not None
            connection.execute("UPDATE rephrasing SET active = ? WHERE id = ?", (int(added and step_active), id_))
        states[id_] = state
    return states


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
