"""Labels that come as JSONL rows: commands and rephrasings for user steps of tests that other files hold."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.conversations.merge import Label
from core.conversations.models import LabelledStep, ReadFile
from core.errors import Location
from core.pipeline.ingest_report import IngestReport, LeftOut
from core.pipeline.references import References
from core.store.conversations import ConversationStore, Key


def store_labels(
    connection: sqlite3.Connection,
    store: ConversationStore,
    references: References,
    files: Sequence[ReadFile],
    sources: Mapping[str, int],
    report: IngestReport,
) -> set[str]:
    """Attach the rows to their tests. Returns the files with rows whose test is not in the project yet."""
    unresolved: set[str] = set()
    for read in files:
        waiting: dict[str, int] = defaultdict(int)
        by_conversation: dict[int, list[Label]] = defaultdict(list)
        lines: dict[int, int] = {}
        assert isinstance(read.content, tuple)
        for row in read.content:
            assert isinstance(row, LabelledStep)
            file = references.resolve(row.file, read.path, row.assistant)
            key = _test_of(connection, file, row)
            id_ = None if key is None else store.find(key)
            if id_ is None:
                waiting[_awaited(file, row.name)] += 1
                continue
            lines.setdefault(id_, row.line)
            commands = None if row.skip is not None else row.commands
            by_conversation[id_].append(Label(row.user_step, row.text, commands, row.rephrasings, row.skip))
        for id_, labels in by_conversation.items():
            store.put_labels(id_, sources[read.path], lines[id_], labels)
        for awaited, count in waiting.items():
            unresolved.add(read.path)
            report.left_out.append(LeftOut(Location(read.path), f"labels wait for {awaited} too", count))
    return unresolved


def _awaited(file: str, name: str | None) -> str:
    if name is None:
        return f"the tests of `{file}`: ingest that file"
    return f"the test `{file}::{name}`: ingest its file"


def _test_of(connection: sqlite3.Connection, file: str, row: LabelledStep) -> Key | None:
    """Names repeat within files, or are left out: the test meant is the last one that starts at or above the row's line."""
    starts = connection.execute(
        "SELECT c.name, c.occurrence, min(f.line) FROM conversation c JOIN face f ON f.conversation_id = c.id"
        " JOIN source s ON s.id = f.source_id AND s.path = c.file"  # lines of other files that hold the test say nothing
        " WHERE c.file = ? AND c.name = ifnull(?, c.name) AND f.kind = 'test' GROUP BY c.id ORDER BY 3",
        (file, row.name),
    ).fetchall()
    if row.name is not None and (len(starts) < 2 or row.test_line is None):
        return file, row.name, 1
    assert row.test_line is not None  # the reader asks for it where there is no name
    above = [start for start in starts if start[2] <= row.test_line]
    if not above and row.name is None:
        return None
    name, occurrence, _ = (above or starts[:1])[-1]
    return file, name, occurrence
