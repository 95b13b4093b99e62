"""Small projects for the review tests, written straight to the store, and their derived state computed another way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.commands import Command, from_json, to_json
from core.commands.models import Clarify, StartFlow
from core.conversations.identity import basis_of, step_keys
from core.store.flows import replace_command_flows
from core.store.states import State


def start(*flows: str) -> str:
    """Stored commands that start these flows."""
    return to_json([StartFlow(flow) for flow in flows])


@dataclass(frozen=True)
class Step:
    """A user step with its stored commands and its rephrasings, each with its verdict."""

    text: str
    rephrasings: Sequence[tuple[str, str | None]] = ()
    commands: str | None = field(default_factory=lambda: start("renew_loan"))
    button: bool = False


def add_conversation(
    connection: sqlite3.Connection, steps: Sequence[Step], *, file: str = "e2e_tests/loans.yml", name: str = "renew a loan"
) -> int:
    """Each user step is followed by a bot turn. Ids count up from 1, rephrasings in the order given."""
    connection.execute(
        "INSERT OR IGNORE INTO ingest (id, at, reviewer, paths) VALUES (1, '2026-01-01T00:00:00.000Z', 'x', '[]')"
    )
    connection.execute(
        "INSERT OR IGNORE INTO source (id, path, kind, sha256, ingest_id) VALUES (1, 'rephrasings.yml', 'rephrasings', '-', 1)"
    )
    turns = [turn for step in steps for turn in (("user", step.text), ("bot", "Anything else?"))]
    transcript = [{"kind": kind, "text": text, "line": 3 + at} for at, (kind, text) in enumerate(turns)]
    conversation = _insert(
        connection, "conversation", file=file, name=name, line=2, transcript=json.dumps(transcript, ensure_ascii=False)
    )
    for ordinal, (step, key) in enumerate(zip(steps, step_keys(turns), strict=True), start=1):
        basis = basis_of(key, step.commands)
        step_id = _insert(
            connection, "user_step", conversation_id=conversation, ordinal=ordinal, turn_index=2 * ordinal - 2, key=key,
            text=step.text, line=1 + 2 * ordinal, is_button=int(step.button), ingested_commands=step.commands,
            commands=step.commands, basis=basis,
        )  # fmt: skip
        replace_command_flows(connection, step_id, step.commands)
        for position, (text, verdict) in enumerate(step.rephrasings, start=1):
            id_ = _insert(
                connection, "rephrasing", step_id=step_id, conversation_id=conversation, ordinal=ordinal, position=position,
                text=text, source_id=1, verdict=verdict,
            )  # fmt: skip
            if verdict is not None:
                verdict_id = _insert(connection, "verdict", rephrasing_id=id_, verdict=verdict, basis=basis)
                connection.execute("UPDATE rephrasing SET verdict_id = ? WHERE id = ?", (verdict_id, id_))
    return conversation


def _insert(connection: sqlite3.Connection, table: str, **values: str | int | None) -> int:
    cursor = connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", tuple(values.values())
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


@dataclass(frozen=True)
class Derived:
    """All that the database derives from the decision log."""

    groups: dict[int, tuple[str, int]]
    rephrasings: dict[int, tuple[State, int | None, str | None, bool]]
    steps: dict[int, tuple[str | None, str]]
    flows: set[tuple[int, str]]


def stored(connection: sqlite3.Connection) -> Derived:
    """What the derived columns say."""
    return Derived(
        groups={
            id_: (who, status) for id_, who, status in connection.execute("SELECT id, reviewer, status FROM decision_group")
        },
        rephrasings={
            id_: (State(state), decision, edited, bool(active))
            for id_, state, decision, edited, active in connection.execute(
                "SELECT id, state, decision_id, edited_text, active FROM rephrasing"
            )
        },
        steps={
            id_: (commands, basis) for id_, commands, basis in connection.execute("SELECT id, commands, basis FROM user_step")
        },
        flows=set(connection.execute("SELECT step_id, flow FROM step_flow WHERE origin = 'commands'")),
    )


@dataclass(frozen=True)
class _Row:
    id: int
    group: int
    reviewer: str
    kind: str
    rephrasing: int | None
    step: int | None
    text: str | None
    commands: str | None
    basis: str | None
    target: int | None


def recomputed(connection: sqlite3.Connection) -> Derived:
    """The same from the ingested columns and the log alone, row by row in plain Python."""
    log = [
        _Row(*row)
        for row in connection.execute(
            "SELECT id, group_id, reviewer, kind, rephrasing_id, step_id, text, commands, basis, target_group FROM decision"
            " ORDER BY id"
        )
    ]
    groups = _groups(log)
    in_force = sorted((row for row in log if row.target is None and groups[row.group][1] == 0), key=lambda r: (r.group, r.id))
    steps: dict[int, tuple[str | None, str]] = {}
    flows: set[tuple[int, str]] = set()
    for id_, key, ingested in connection.execute("SELECT id, key, ingested_commands FROM user_step"):
        commands: str | None = ingested
        for row in in_force:
            if row.kind == "correct" and row.step == id_ and row.basis == basis_of(key, ingested):
                commands = row.commands
        steps[id_] = (commands, basis_of(key, commands))
        flows |= {(id_, flow) for flow in _flows(from_json(commands) if commands is not None else ())}
    by_rephrasing: dict[int, list[_Row]] = {}
    for row in in_force:
        if row.rephrasing is not None:
            by_rephrasing.setdefault(row.rephrasing, []).append(row)
    rephrasings = {}
    for id_, step_id, text, by_hand, active, step_active in connection.execute(
        "SELECT r.id, r.step_id, r.text, r.source_id IS NULL, r.active, s.active FROM rephrasing r"
        " JOIN user_step s ON s.id = r.step_id"
    ):
        own = by_rephrasing.get(id_, [])
        if by_hand:
            active = step_active and any(row.kind == "add" for row in own)
        rephrasings[id_] = (*_rephrasing(own, text, steps[step_id][1]), bool(active))
    return Derived(groups, rephrasings, steps, flows)


def _groups(log: Iterable[_Row]) -> dict[int, tuple[str, int]]:
    groups: dict[int, tuple[str, int]] = {}
    for row in log:
        if row.target is not None:
            groups[row.target] = (groups[row.target][0], 1 if row.kind == "undo" else 0)
        elif row.id == row.group:
            for id_, (who, status) in groups.items():
                if who == row.reviewer and status == 1:
                    groups[id_] = (who, 2)
            groups[row.id] = (row.reviewer, 0)
    return groups


def _rephrasing(own: Sequence[_Row], text: str, basis: str) -> tuple[State, int | None, str | None]:
    edited = None
    for row in own:
        if row.kind == "edit":
            edited = None if row.text == text else row.text
    decisions = [row for row in own if row.kind in ("accept", "reject", "skip", "flag")]
    fitting = [row for row in decisions if (row.basis, row.text) == (basis, edited)]
    if fitting:
        return State[fitting[-1].kind.upper()], fitting[-1].id, edited
    if decisions:
        return State.STALE, decisions[-1].id, edited
    return State.UNDECIDED, None, edited


def _flows(commands: Iterable[Command]) -> set[str]:
    named: set[str] = set()
    for command in commands:
        if isinstance(command, StartFlow):
            named.add(command.flow)
        elif isinstance(command, Clarify):
            named.update(command.flows)
    return named
