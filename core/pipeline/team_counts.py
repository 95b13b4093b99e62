"""What is out with the team and what came back, read from the tables: core knows nothing of how it is handed out."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from core.store.team_standing import OUTCOME


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """`waiting` to `outdated` count records and add up to `records`; `unsent` are those that Argilla has not got yet.

    `waiting`: answers are missing. `settled`: decided by the answers, or here with all of them known. `disagree` and
    `conflict` wait for a person here. `outdated`: the wording or the step has changed since. `answers`: all in force.
    """

    rounds: int = 0
    records: int = 0
    answers: int = 0
    waiting: int = 0
    settled: int = 0
    disagree: int = 0
    conflict: int = 0
    outdated: int = 0
    unsent: int = 0


def count_team(connection: sqlite3.Connection) -> TeamCounts:
    """Inside the caller's transaction."""
    rounds, answers, unsent = connection.execute(
        "SELECT (SELECT count(*) FROM team_round),"
        " (SELECT count(*) FROM team_answer WHERE in_force = 1 AND status = 'submitted'),"
        " (SELECT count(*) FROM team_record t JOIN team_round r ON r.id = t.round_id"
        " WHERE r.surface = 'argilla' AND t.pushed_at IS NULL AND t.outcome = 'waiting')"
    ).fetchone()
    if not rounds:
        return TeamCounts()
    by_outcome = dict(
        connection.execute(
            f"SELECT {OUTCOME} AS now, count(*) FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id GROUP BY now"
        ).fetchall()
    )
    records = sum(by_outcome.values())
    rest = {name: by_outcome.get(name, 0) for name in ("waiting", "disagree", "conflict", "outdated")}
    return TeamCounts(rounds, records, answers, settled=records - sum(rest.values()), unsent=unsent, **rest)
