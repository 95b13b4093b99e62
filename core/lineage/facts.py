"""Reads facts of the lineage from the database, one thing at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from core.commands import Dialect
from core.dataset.models import DatasetVersion
from core.lineage.models import (
    CallFact,
    CommandsOrigin,
    DatasetFact,
    DatasetUse,
    DecisionFact,
    RephrasingFact,
    RephrasingOrigin,
    StepFact,
    VerdictFact,
)
from core.lineage.sources import gives_commands, line_of_text, said_of_step
from core.store.generated import SOURCE_PATH
from core.store.states import State
from core.store.stored_commands import to_display

ANNOTATE = ":annotate"
"""The source of what the annotate stage wrote (`core.annotation.selection`, which is too heavy to import for a word)."""


class Facts:
    """`root`: of the project; `dialect`: commands are shown in it."""

    def __init__(self, connection: sqlite3.Connection, root: Path, dialect: Dialect) -> None:
        self.connection = connection
        self.root = root
        self.dialect = dialect

    def step(self, step_id: int) -> StepFact:
        conversation_id, file, test, occurrence, line, ordinal, text, button, commands, ingested, active = (
            self.connection.execute(
                "SELECT c.id, c.file, c.name, c.occurrence, s.line, s.ordinal, s.text, s.is_button, s.commands,"
                " s.ingested_commands, s.active AND c.active FROM user_step s JOIN conversation c ON c.id = s.conversation_id"
                " WHERE s.id = ?",
                (step_id,),
            ).fetchone()
        )
        origin = self._origin_of_commands(conversation_id, step_id, ordinal, commands, ingested)
        return StepFact(
            step_id, file, test, occurrence, line, ordinal, text, bool(button),
            None if commands is None else self.shown(commands), commands, origin, bool(active),
        )  # fmt: skip

    def shown(self, canonical: str) -> tuple[str, ...]:
        return to_display(canonical, self.dialect)

    def rephrasing(self, rephrasing_id: int) -> RephrasingFact:
        """With the verdict and the decision in force."""
        step_id, conversation_id, ordinal, text, edited, state, active, source_id, line, verdict_id, decision_id = (
            self.connection.execute(
                "SELECT step_id, conversation_id, ordinal, text, edited_text, state, active, source_id, line, verdict_id,"
                " decision_id FROM rephrasing WHERE id = ?",
                (rephrasing_id,),
            ).fetchone()
        )
        origin = self._origin_of_text(rephrasing_id, conversation_id, ordinal, text, source_id, line)
        return RephrasingFact(
            rephrasing_id, step_id, edited or text, None if edited is None else text, State(state).label, bool(active), origin,
            None if verdict_id is None else self.verdict(verdict_id, origin),
            None if decision_id is None else self.decision(decision_id),
        )  # fmt: skip

    def verdict(self, verdict_id: int, origin: RephrasingOrigin) -> VerdictFact:
        """`origin`: of the rephrasing that was judged; a verdict of a file stands where the text does."""
        verdict, reasons, commands, calls, judged, read_at, paths, ran_at, parameters = self.connection.execute(
            "SELECT v.verdict, v.reasons, v.commands, v.calls, v.judged_text, i.at, i.paths, r.at, r.parameters"
            " FROM verdict v LEFT JOIN ingest i ON i.id = v.ingest_id LEFT JOIN stage_run r ON r.id = v.run_id"
            " WHERE v.id = ?",
            (verdict_id,),
        ).fetchone()
        is_of_stage = ran_at is not None
        return VerdictFact(
            verdict,
            tuple(json.loads(reasons)),
            None if commands is None else self.shown(commands),
            "validate" if is_of_stage else origin.place if origin.kind == "file" else ", ".join(json.loads(paths or "[]")),
            ran_at if is_of_stage else read_at or "",
            str(json.loads(parameters).get("mode", "")) if is_of_stage else "",
            self.calls(json.loads(calls)),
            judged,
        )

    def decision(self, decision_id: int) -> DecisionFact:
        """With the reason given last to the action it belongs to."""
        kind, at, reviewer, surface, reason = self.connection.execute(
            "SELECT d.kind, d.at, d.reviewer, d.surface, coalesce((SELECT l.reason FROM decision l WHERE"
            " l.group_id = d.group_id AND l.rephrasing_id = d.rephrasing_id AND l.reason IS NOT NULL ORDER BY l.id DESC LIMIT 1"
            "), d.reason) FROM decision d WHERE d.id = ?",
            (decision_id,),
        ).fetchone()
        return DecisionFact(kind, at, reviewer, surface, reason)

    def calls(self, keys: Iterable[str]) -> tuple[CallFact, ...]:
        found = []
        for key in keys:
            row = self.connection.execute("SELECT role, model, at FROM llm_call WHERE key = ?", (key,)).fetchone()
            found.append(CallFact(key) if row is None else CallFact(key, *row))
        return tuple(found)

    def dataset(self, version: DatasetVersion) -> DatasetFact:
        exports = self.connection.execute(
            "SELECT at, reviewer, out, format FROM export WHERE dataset_id = ? ORDER BY id", (version.id,)
        ).fetchall()
        return DatasetFact(version.name, version.at, version.reviewer, tuple(DatasetUse(*row) for row in exports))

    def _origin_of_commands(
        self, conversation_id: int, step_id: int, ordinal: int, commands: str | None, ingested: str | None
    ) -> CommandsOrigin:
        if commands != ingested:
            row = self.connection.execute(
                "SELECT d.at, d.reviewer, d.surface FROM decision d JOIN decision_group g ON g.id = d.group_id"
                " WHERE d.step_id = ? AND d.kind = 'correct' AND g.status = 0 AND d.commands = ? ORDER BY d.id DESC LIMIT 1",
                (step_id, commands),
            ).fetchone()
            if row is not None:
                return CommandsOrigin("person", place=row[2], at=row[0], by=row[1])
        for said in said_of_step(self.connection, self.root, conversation_id, ordinal):
            if gives_commands(said, ingested, self.dialect):
                if said.path == ANNOTATE:
                    return self._annotated(conversation_id, ordinal)
                return CommandsOrigin("file", said.place, said.at, said.by)
        return CommandsOrigin("unknown")

    def _annotated(self, conversation_id: int, ordinal: int) -> CommandsOrigin:
        """Of a test that asked the same as another the call stands under the other, and is not found here."""
        at, reviewer, file, name, outcome = self.connection.execute(
            "SELECT r.at, r.reviewer, c.file, c.name, a.outcome FROM annotation a JOIN stage_run r ON r.id = a.run_id"
            " JOIN conversation c ON c.id = a.conversation_id WHERE a.conversation_id = ?",
            (conversation_id,),
        ).fetchone() or ("", "", "", "", "")
        keys = self.connection.execute(
            "SELECT key FROM llm_call WHERE stage = 'annotate' AND state = 'answered' AND item = ? ORDER BY id DESC LIMIT 1",
            (f"{file}::{name} step {ordinal}",),
        ).fetchall()
        return CommandsOrigin("model", "", at, reviewer, self.calls(key for (key,) in keys), outcome == "kept")

    def _origin_of_text(
        self, rephrasing_id: int, conversation_id: int, ordinal: int, text: str, source_id: int | None, line: int | None
    ) -> RephrasingOrigin:
        if source_id is None:
            row = self.connection.execute(
                "SELECT at, reviewer, surface FROM decision WHERE rephrasing_id = ? AND kind = 'add' ORDER BY id LIMIT 1",
                (rephrasing_id,),
            ).fetchone()
            at, by, surface = row or ("", "", "")
            return RephrasingOrigin("by hand", surface, at, by)
        generated = self.connection.execute(
            "SELECT g.call_key, g.style, r.at, r.reviewer FROM generated g JOIN stage_run r ON r.id = g.run_id"
            " WHERE g.rephrasing_id = ?",
            (rephrasing_id,),
        ).fetchone()
        if generated is not None:
            key, style, at, by = generated
            return RephrasingOrigin("generated", "rephrase", at, by, _style(style), *self.calls([key]))
        for said in said_of_step(self.connection, self.root, conversation_id, ordinal):
            found = line_of_text(said, text)
            if found is not None:
                place = line or found
                return RephrasingOrigin("file", f"{said.path}:{place}" if place else said.path, said.at, said.by)
        path, at, by = self.connection.execute(
            "SELECT s.path, i.at, i.reviewer FROM source s JOIN ingest i ON i.id = s.ingest_id WHERE s.id = ?", (source_id,)
        ).fetchone()
        return RephrasingOrigin("file", "" if path == SOURCE_PATH else f"{path}:{line}" if line else path, at, by)


def _style(stored: str) -> str:
    """`tone: casual, length: brief`; the number of the wording is no style."""
    return ", ".join(f"{axis}: {value}" for axis, value in json.loads(stored).items() if axis != "slot")
