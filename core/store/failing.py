"""Tests that failed when they were annotated last: later stages leave them out, and say how many."""

from __future__ import annotations

import sqlite3
from typing import Final

FAILING: Final = (
    "EXISTS (SELECT 1 FROM annotation a WHERE a.conversation_id = c.id AND a.outcome = 'failed'"
    " AND NOT EXISTS (SELECT 1 FROM face f WHERE f.conversation_id = c.id AND f.kind <> 'test'))"
)
"""SQL over `conversation c`. A test whose commands a file gives did not fail with those: the model's were others."""

LEFT_OUT: Final = (
    f"({FAILING} OR EXISTS (SELECT 1 FROM annotation a WHERE a.conversation_id = c.id AND a.outcome = 'not run') AND NOT EXISTS"
    " (SELECT 1 FROM user_step s WHERE s.conversation_id = c.id AND s.active = 1 AND s.commands IS NOT NULL))"
)
"""SQL over `conversation c`: tests of which annotate leaves nothing to later stages. What cannot be run keeps its commands."""


def count_failing(connection: sqlite3.Connection) -> int:
    """How many tests are left out for that, though they have commands of their own."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM conversation c WHERE c.active = 1 AND {FAILING} AND EXISTS"
        " (SELECT 1 FROM user_step s WHERE s.conversation_id = c.id AND s.active = 1 AND s.commands IS NOT NULL)"
    ).fetchone()
    return int(count)


def note_on_failing(connection: sqlite3.Connection) -> tuple[str, ...]:
    """For a stage's report; nothing if there are none."""
    count = count_failing(connection)
    if not count:
        return ()
    tests = "1 failing test is" if count == 1 else f"{count:,} failing tests are"
    return (f"{tests} left out: `workbench annotate --failures` shows why.",)
