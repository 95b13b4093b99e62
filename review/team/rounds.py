"""The store of rounds and their records. Writers run inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.errors import UsageError
from core.store.connection import utc_now
from review.team.models import NewRecord, Outcome, Record, Round, Surface

_ROUND = "id, name, surface, at, reviewer, overlap, place, parameters, pulled_at, last_activity"
_RECORD = "id, round_id, rephrasing_id, external_id, text, basis, score, server_id, pushed_at, outcome, detail, decided_group"


def create_round(
    connection: sqlite3.Connection,
    name: str,
    surface: Surface,
    *,
    reviewer: str,
    overlap: int,
    place: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Round:
    """Raises UsageError where the name is taken."""
    if find_round(connection, name) is not None:
        raise UsageError(f"there is a round `{name}` already", remedy="Give the new one another name with --round.")
    (id_,) = connection.execute(
        "INSERT INTO team_round (name, surface, at, reviewer, overlap, place, parameters) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (name, surface.value, utc_now(), reviewer, overlap, _json(place), _json(parameters)),
    ).fetchone()
    found = connection.execute(f"SELECT {_ROUND} FROM team_round WHERE id = ?", (id_,)).fetchone()
    return _round(found)


def next_name(connection: sqlite3.Connection) -> str:
    """`round-1`, `round-2`, …: the first that is free."""
    taken = {name for (name,) in connection.execute("SELECT name FROM team_round")}
    number = len(taken) + 1
    while f"round-{number}" in taken:
        number += 1
    return f"round-{number}"


def all_rounds(connection: sqlite3.Connection, surface: Surface | None = None) -> list[Round]:
    """Oldest first."""
    cursor = connection.execute(
        f"SELECT {_ROUND} FROM team_round WHERE ?1 IS NULL OR surface = ?1 ORDER BY id",
        (None if surface is None else surface.value,),
    )
    return [_round(row) for row in cursor]


def find_round(connection: sqlite3.Connection, name: str) -> Round | None:
    row = connection.execute(f"SELECT {_ROUND} FROM team_round WHERE name = ?", (name,)).fetchone()
    return None if row is None else _round(row)


def note_place(connection: sqlite3.Connection, round_id: int, place: Mapping[str, Any]) -> None:
    """Where the round is, once that is known."""
    connection.execute("UPDATE team_round SET place = ? WHERE id = ?", (_json(place), round_id))


def note_parameters(connection: sqlite3.Connection, round_id: int, parameters: Mapping[str, Any]) -> None:
    """What became known of the round since it was made, all of it."""
    connection.execute("UPDATE team_round SET parameters = ? WHERE id = ?", (_json(parameters), round_id))


def note_pull(connection: sqlite3.Connection, round_id: int, last_activity: str | None) -> None:
    """Answers were asked for, and all that were there are recorded."""
    connection.execute(
        "UPDATE team_round SET pulled_at = ?, last_activity = ? WHERE id = ?", (utc_now(), last_activity, round_id)
    )


def forget_round(connection: sqlite3.Connection, round_id: int) -> None:
    """A round of which nothing was handed out yet; its records can go into another."""
    connection.execute("DELETE FROM team_record WHERE round_id = ?", (round_id,))
    connection.execute("DELETE FROM team_round WHERE id = ?", (round_id,))


def add_records(connection: sqlite3.Connection, round_id: int, records: Iterable[NewRecord]) -> int:
    """Those that the round has already stay as they are. Returns how many are new."""
    before = connection.total_changes
    connection.executemany(
        "INSERT INTO team_record (round_id, rephrasing_id, external_id, text, basis, score) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (round_id, external_id) DO NOTHING",
        [(round_id, one.rephrasing_id, one.external_id, one.text, one.basis, one.score) for one in records],
    )
    return connection.total_changes - before


def note_pushed(connection: sqlite3.Connection, server_ids: Mapping[int, str | None]) -> None:
    """The place of these records confirmed that it has them. `server_ids`: record id → the server's own id."""
    at = utc_now()
    connection.executemany(
        "UPDATE team_record SET pushed_at = ?, server_id = ? WHERE id = ?",
        [(at, server_id, record_id) for record_id, server_id in server_ids.items()],
    )


def note_lost(connection: sqlite3.Connection, record_ids: Sequence[int]) -> None:
    """Their place has them no longer: they are to be sent again."""
    connection.execute(
        "UPDATE team_record SET pushed_at = NULL, server_id = NULL WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(record_ids)),),
    )


def records_of(
    connection: sqlite3.Connection, round_id: int, *, not_pushed: bool = False, outcomes: Sequence[Outcome] | None = None
) -> list[Record]:
    """In the order they were chosen in."""
    where, parameters = ["round_id = ?"], list[Any]((round_id,))
    if not_pushed:
        where.append("pushed_at IS NULL")
    if outcomes is not None:
        where.append("outcome IN (SELECT value FROM json_each(?))")
        parameters.append(json.dumps([outcome.value for outcome in outcomes]))
    cursor = connection.execute(f"SELECT {_RECORD} FROM team_record WHERE {' AND '.join(where)} ORDER BY id", parameters)
    return [_record(row) for row in cursor]


def records_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Record]:
    cursor = connection.execute(
        f"SELECT {_RECORD} FROM team_record WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps(list(ids)),)
    )
    return [_record(row) for row in cursor]


def _json(value: Mapping[str, Any] | None) -> str:
    return json.dumps(dict(value or {}), ensure_ascii=False, separators=(",", ":"))


def _round(row: tuple[Any, ...]) -> Round:
    id_, name, surface, at, reviewer, overlap, place, parameters, pulled_at, last_activity = row
    return Round(
        id_, name, Surface(surface), at, reviewer, overlap, json.loads(place), json.loads(parameters), pulled_at, last_activity
    )


def _record(row: tuple[Any, ...]) -> Record:
    (id_, round_id, rephrasing_id, external_id, text, basis, score, server_id, pushed_at, outcome, detail, group) = row
    return Record(
        id_, round_id, rephrasing_id, external_id, text, basis, score, server_id, pushed_at, Outcome(outcome), detail, group
    )
