"""Prompts that nobody has brought: the engine plays the test with the commands of its steps, and renders them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import groupby

from core.conversations.models import FileKind
from core.errors import WorkbenchError
from core.project import Project
from core.store.contexts import put_context

SOURCE = ":dataset"
"""The path of the source row under which these contexts are stored."""

_MISSING = (
    "SELECT c.file, c.name, c.occurrence, s.ordinal, s.id, s.text FROM user_step s JOIN conversation c"
    " ON c.id = s.conversation_id LEFT JOIN prompt p ON p.step_id = s.id WHERE c.active = 1 AND s.active = 1"
    " AND s.is_button = 0 AND s.commands IS NOT NULL AND s.commands <> '[]' AND p.step_id IS NULL AND EXISTS"
    " (SELECT 1 FROM face f WHERE f.conversation_id = c.id AND f.kind = 'test') ORDER BY c.id, s.ordinal"
)


def render_missing(
    project: Project, connection: sqlite3.Connection, progress: Callable[[str, int, int], None] = lambda what, done, total: None
) -> int:
    """Store a context for every step with commands that has no prompt and that a test reaches without failing.

    Call in a transaction. Returns how many. Where the assistant or its tests cannot be read, none; `workbench test` says why.
    """
    missing = connection.execute(_MISSING).fetchall()
    if not missing:
        return 0
    from core.testing.replay_setup import replay_setup  # the engine: hardly any build needs it

    try:
        setup = replay_setup(project, connection)
    except WorkbenchError:
        return 0
    source_id: int | None = None
    found = 0
    for key, steps in groupby(missing, key=lambda row: (row[0], row[1], row[2])):
        progress("rendering prompts", found, len(missing))
        if not setup.replays.passes(key):
            continue
        turns = setup.replays.original(key)
        for *_, ordinal, step_id, text in steps:
            if ordinal <= len(turns) and turns[ordinal - 1].text == text:
                source_id = source_id or _source(connection)
                put_context(connection, step_id, source_id, setup.prompts.context(turns[ordinal - 1].before))
                found += 1
    return found


def _source(connection: sqlite3.Connection) -> int:
    (id_,) = connection.execute(
        "INSERT INTO source (path, kind, sha256, ingest_id) SELECT ?, ?, '', max(id) FROM ingest WHERE true"
        " ON CONFLICT (path) DO UPDATE SET ingest_id = excluded.ingest_id RETURNING id",
        (SOURCE, FileKind.STAGE.value),
    ).fetchone()
    return int(id_)
