"""Writes what became of tests: annotated conversations with their prompts' contexts, and failing tests with their diffs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.annotation.outcome import Annotated, Outcome
from core.annotation.selection import SOURCE, digest_of, stored_key
from core.annotation.transcript import Reply, annotated_turns
from core.commands import Dialect
from core.conversations.models import FileKind, TurnKind
from core.pipeline.known_prompts import work_out_prompts
from core.project import Project
from core.prompts.context import PromptContext
from core.prompts.template import PromptTemplate
from core.store.connection import transaction, utc_now
from core.store.contexts import put_context
from core.store.conversations import ConversationStore
from core.store.failing import LEFT_OUT
from core.store.steps import StepWriter
from core.testing.cases import TestKey


@dataclass(frozen=True, slots=True)
class Stored:
    """Of tests that were to be stored. `unknown`: those that the project does not know. `standing`: those that failed or
    could not be run, and have commands all the same, of files, which later stages use.
    """

    unknown: frozenset[TestKey]
    standing: frozenset[TestKey]


@dataclass(slots=True)
class AnnotationStore:
    """Of one run of the stage, in the thread of its connection."""

    project: Project
    connection: sqlite3.Connection
    dialect: Dialect
    run_id: int
    reviewer: str
    decisions_lost: int = 0
    _ids: tuple[int, int] | None = None

    def put(self, tests: Sequence[Annotated]) -> Stored:
        """Store some tests, all or none.

        Raises:
            StoreError: the disk is full, or the database is locked or gone.
        """
        with transaction(self.connection):
            has_labels = any(one.outcome.has_labels for one in tests)
            begun = self._ids or (self._begin() if has_labels else None)
            ingest_id, source_id = begun or self._present()
            store = ConversationStore(self.connection, ingest_id)
            writer = StepWriter(self.connection, ingest_id, self.dialect)
            known: list[tuple[int, Annotated]] = []
            unknown: set[TestKey] = set()
            for one in tests:
                id_ = store.find(stored_key(self.project, one.test))
                if id_ is None:
                    unknown.add(one.test.key)
                    continue
                known.append((id_, one))
                if one.outcome.has_labels:
                    replies = _known_replies(self.connection, id_)
                    turns = annotated_turns(one.test.case.turns, one.turns, one.commands, self.dialect, replies)
                    store.put_turns(id_, "annotation", source_id, 0, turns, {"original_test_case": one.item})
                elif one.outcome is Outcome.FAILED:
                    store.drop_turns(id_, "annotation", source_id)
            store.rebuild(writer)
            for id_, one in known:
                self._put_contexts(id_, source_id, one.contexts)
                self._put_outcome(id_, one)
            standing = {one.test.key for id_, one in known if not one.outcome.has_labels and self._is_standing(id_)}
            self.decisions_lost += sum(writer.counts.stale.values())
        self._ids = begun
        return Stored(frozenset(unknown), frozenset(standing))

    def work_out_prompts(self, template: PromptTemplate) -> None:
        """Find out which of the stored contexts the template renders, so that the next stages can use them."""
        with transaction(self.connection):
            work_out_prompts(self.connection, template)

    def _present(self) -> tuple[int, int]:
        """The latest ingest and the source, where there is nothing to add to them; 0 for what is not there."""
        (ingest_id,) = self.connection.execute("SELECT coalesce(max(id), 0) FROM ingest").fetchone()
        source = self.connection.execute("SELECT id FROM source WHERE path = ?", (SOURCE,)).fetchone()
        return int(ingest_id), 0 if source is None else int(source[0])

    def _begin(self) -> tuple[int, int]:
        """A row among the ingests, since what is stored last counts; and the source that the annotations belong to."""
        (ingest_id,) = self.connection.execute(
            "INSERT INTO ingest (at, reviewer, paths) VALUES (?, ?, ?) RETURNING id",
            (utc_now(), self.reviewer, json.dumps([SOURCE])),
        ).fetchone()
        (source_id,) = self.connection.execute(
            "INSERT INTO source (path, kind, sha256, ingest_id) VALUES (?, ?, '', ?) ON CONFLICT (path) DO UPDATE SET"
            " ingest_id = excluded.ingest_id RETURNING id",
            (SOURCE, FileKind.STAGE.value, ingest_id),
        ).fetchone()
        return int(ingest_id), int(source_id)

    def _is_standing(self, conversation_id: int) -> bool:
        """Whether later stages use the test although it was not annotated now."""
        query = f"SELECT NOT {LEFT_OUT} FROM conversation c WHERE c.id = ?"
        return bool(self.connection.execute(query, (conversation_id,)).fetchone()[0])

    def _put_contexts(self, conversation_id: int, source_id: int, contexts: Mapping[int, PromptContext]) -> None:
        steps = self.connection.execute(
            "SELECT ordinal, id FROM user_step WHERE conversation_id = ? AND active = 1", (conversation_id,)
        ).fetchall()
        for ordinal, step_id in steps:
            context = contexts.get(ordinal)
            if context is None:
                continue
            put_context(self.connection, step_id, source_id, context)

    def _put_outcome(self, conversation_id: int, one: Annotated) -> None:
        if one.call is not None:  # nothing was found out about the test itself: what is known of it still holds
            return
        self.connection.execute(
            "INSERT INTO annotation (conversation_id, run_id, outcome, test_digest, failures) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (conversation_id) DO UPDATE SET run_id = excluded.run_id, outcome = excluded.outcome,"
            " test_digest = excluded.test_digest, failures = excluded.failures",
            (
                conversation_id,
                self.run_id,
                one.outcome.value,
                digest_of(one.test),
                json.dumps(list(one.failures), ensure_ascii=False, default=str),
            ),
        )


def _known_replies(connection: sqlite3.Connection, conversation_id: int) -> dict[int, list[Reply]]:
    """The bot turns after each user step of the stored conversation."""
    (transcript,) = connection.execute("SELECT transcript FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    found: dict[int, list[Reply]] = {}
    ordinal = 0
    for turn in json.loads(transcript):
        kind = TurnKind(turn["kind"])
        if kind is TurnKind.USER:
            ordinal += 1
        elif kind in (TurnKind.BOT, TurnKind.UTTER):
            found.setdefault(ordinal, []).append((kind, turn["text"]))
    return found
