"""All there is to read of an item of a stage: every failure of a test with its conversation, or the call behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from textual.content import Content

from core.stages.models import StageName
from core.store.browse import show_conversation
from core.store.llm_calls import find_call
from tui.screens.call_text import call_blocks, no_call_blocks
from tui.screens.stages_text import diff_line, item_blocks
from tui.styles import HEADING
from tui.widgets.plain import printable
from tui.widgets.stage_rows import Row
from tui.widgets.transcript_text import Block, blocks

_NOTHING = Block(Content(), Content())


def detail_blocks(connection: sqlite3.Connection, row: Row) -> Iterator[Block]:
    """
    Raises:
        StoreError, sqlite3.Error: the database cannot be read.
    """
    yield from item_blocks(row, opened=True)
    if row.item is None:
        return
    if row.run.stage is StageName.ANNOTATE and (row.left_out or row.item.call is None):
        yield from _test_blocks(connection, row.item.item)
    if row.item.call is not None:
        yield _NOTHING
        call = find_call(connection, row.item.call)
        yield from no_call_blocks(row.item.call) if call is None else call_blocks(call)


def _test_blocks(connection: sqlite3.Connection, item: str) -> Iterator[Block]:
    """What its latest annotation found, whole, and how the conversation goes. Nothing for a test that is gone."""
    from core.annotation.failing import failing_tests  # brings the engine's modules with it

    for test in failing_tests(connection):
        if f"{test.file}::{test.name}" != item:
            continue
        yield _NOTHING
        yield Block(Content(), Content.styled("All of it, as of its latest annotation", HEADING))
        for line in test.lines()[1:]:
            yield diff_line(printable(line))
    found = connection.execute(
        "SELECT id FROM conversation WHERE active = 1 AND file || '::' || name = ? ORDER BY occurrence", (item,)
    ).fetchall()
    for (conversation_id,) in found:
        yield _NOTHING
        yield from blocks(show_conversation(connection, conversation_id))
