"""Write the effective transcript of a conversation: its user steps, their rephrasings and the verdicts on them.

A step is found again by its key (see `core.conversations.identity`); what is found again keeps its id and with it every
decision. Rows are collected and written many at a time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.commands import Dialect
from core.conversations.identity import basis_of, step_keys
from core.conversations.models import Rephrasing, Turn, TurnKind
from core.store import derive
from core.store.flows import flows_named
from core.store.states import State
from core.store.stored_commands import to_stored

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class StepCounts:
    """What a write changed. `stale`: per step (id, decisions that no longer count)."""

    steps_added: int = 0
    steps_retired: int = 0
    commands_changed: int = 0
    rephrasings_added: int = 0
    rephrasings_retired: int = 0
    rephrasings_repeated: int = 0
    verdicts_added: int = 0
    stale: dict[int, int] = field(default_factory=dict)


class StepWriter:
    """One per ingest, inside its transaction; call `flush` at the end."""

    def __init__(self, connection: sqlite3.Connection, ingest_id: int, dialect: Dialect) -> None:
        self._connection = connection
        self._ingest_id = ingest_id
        self._dialect = dialect
        self.counts = StepCounts()
        self._first_step = self._next_step = _next_id(connection, "user_step")
        self._next_rephrasing = _next_id(connection, "rephrasing")
        self._next_verdict = _next_id(connection, "verdict")
        self._steps: list[tuple[object, ...]] = []
        self._flows: list[tuple[int, str]] = []
        self._rephrasings: list[tuple[object, ...]] = []
        self._verdicts: list[tuple[object, ...]] = []
        self._pending = 0

    def write(
        self,
        conversation_id: int,
        turns: Sequence[Turn],
        *,
        source_id: int,
        line: int | None,
        skips: Mapping[int, str],
        is_new: bool,
    ) -> None:
        """Make `turns` the conversation's transcript. `is_new`: it has no steps yet, so nothing need be looked up."""
        transcript = _json([{"kind": turn.kind.value, "text": _shown(turn), "line": turn.line or None} for turn in turns])
        self._connection.execute(
            "UPDATE conversation SET transcript = ?, line = ?, active = 1 WHERE id = ?",
            (transcript, line, conversation_id),
        )
        if is_new:
            known: dict[tuple[int, str], tuple[int, str | None, int]] = {}
        else:
            self.flush()
            known = {
                (ordinal, key): (id_, commands, active)
                for id_, ordinal, key, commands, active in self._connection.execute(
                    "SELECT id, ordinal, key, ingested_commands, active FROM user_step WHERE conversation_id = ?",
                    (conversation_id,),
                )
            }
        keys = step_keys((turn.kind.value, turn.text) for turn in turns)
        ordinal = 0
        kept: set[int] = set()
        for index, turn in enumerate(turns):
            if turn.kind is not TurnKind.USER:
                continue
            ordinal += 1
            key = next(keys)
            commands, unparsed = (None, ()) if turn.commands is None else to_stored(turn.commands, self._dialect)
            found = known.get((ordinal, key))
            if found is None:
                self._insert(conversation_id, ordinal, index, key, turn, commands, unparsed, skips.get(ordinal), source_id)
            else:
                kept.add(found[0])
                skip = skips.get(ordinal)
                self._update(found, index, key, turn, commands, unparsed, skip, conversation_id, ordinal, source_id)
        retired = [id_ for id_, _, active in known.values() if id_ not in kept and active]
        self.retire(retired)
        self._pending += ordinal
        if self._pending > 20_000:
            self.flush()

    def retire(self, step_ids: Sequence[int]) -> None:
        """Take steps out of the project. Their rows and decisions stay, and count again if the step comes back."""
        for step_id in step_ids:
            self._note_stale(step_id)
            self.counts.steps_retired += 1
            self._connection.execute("UPDATE user_step SET active = 0 WHERE id = ?", (step_id,))
            self._connection.execute("UPDATE rephrasing SET active = 0 WHERE step_id = ?", (step_id,))

    def flush(self) -> None:
        """Write what was collected."""
        execute = self._connection.executemany
        execute(
            "INSERT INTO user_step (id, conversation_id, ordinal, turn_index, key, text, line, is_button, skip,"
            " ingested_commands, unparsed, commands, basis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._steps,
        )
        execute("INSERT OR IGNORE INTO step_flow VALUES (?, ?, 'commands')", self._flows)
        execute(
            "INSERT INTO rephrasing (id, step_id, conversation_id, ordinal, position, text, source_id, line, verdict,"
            " verdict_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._rephrasings,
        )
        execute(
            "INSERT INTO verdict (id, rephrasing_id, verdict, reasons, commands, basis, ingest_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._verdicts,
        )
        for rows in (self._steps, self._flows, self._rephrasings, self._verdicts):
            rows.clear()
        self._pending = 0

    def _insert(
        self, conversation_id: int, ordinal: int, index: int, key: str, turn: Turn, commands: str | None,
        unparsed: tuple[str, ...], skip: str | None, source_id: int,
    ) -> None:  # fmt: skip
        step_id = self._next_step
        self._next_step += 1
        self.counts.steps_added += 1
        basis = basis_of(key, commands)
        self._steps.append(
            (step_id, conversation_id, ordinal, index, key, turn.text, turn.line or None, int(turn.is_button), skip, commands,
             _json(unparsed) if unparsed else None, commands, basis)
        )  # fmt: skip
        if commands is not None:
            self._flows += [(step_id, flow) for flow in flows_named(commands)]
        seen: set[str] = set()
        position = 0
        for rephrasing in turn.rephrasings:
            if rephrasing.text in seen:
                self.counts.rephrasings_repeated += 1
                continue
            seen.add(rephrasing.text)
            position += 1
            self._insert_rephrasing(step_id, conversation_id, ordinal, position, rephrasing, key, commands, source_id)

    def _insert_rephrasing(
        self,
        step_id: int,
        conversation_id: int,
        ordinal: int,
        position: int,
        rephrasing: Rephrasing,
        key: str,
        commands: str | None,
        source_id: int,
    ) -> None:
        rephrasing_id = self._next_rephrasing
        self._next_rephrasing += 1
        self.counts.rephrasings_added += 1
        verdict_id = None
        if rephrasing.verdict is not None:
            verdict_id = self._append_verdict(rephrasing_id, rephrasing, self._judged_basis(rephrasing, key, commands))
        self._rephrasings.append(
            (rephrasing_id, step_id, conversation_id, ordinal, position, rephrasing.text, source_id, rephrasing.line,
             rephrasing.verdict and rephrasing.verdict.value, verdict_id)
        )  # fmt: skip

    def _judged_basis(self, rephrasing: Rephrasing, key: str, commands: str | None) -> str:
        """What a file's verdict holds for: the commands that file gives, never those a person corrected them to."""
        if rephrasing.judged_on is not None:
            commands = to_stored(rephrasing.judged_on, self._dialect)[0]
        return basis_of(key, commands)

    def _append_verdict(self, rephrasing_id: int, rephrasing: Rephrasing, basis: str) -> int:
        verdict_id = self._next_verdict
        self._next_verdict += 1
        self.counts.verdicts_added += 1
        commands = None if rephrasing.commands is None else to_stored(rephrasing.commands, self._dialect)[0]
        assert rephrasing.verdict is not None
        self._verdicts.append(
            (
                verdict_id,
                rephrasing_id,
                rephrasing.verdict.value,
                _json(rephrasing.reasons),
                commands,
                basis,
                self._ingest_id,
            )
        )
        return verdict_id

    def _update(
        self, found: tuple[int, str | None, int], index: int, key: str, turn: Turn, commands: str | None,
        unparsed: tuple[str, ...], skip: str | None, conversation_id: int, ordinal: int, source_id: int,
    ) -> None:  # fmt: skip
        step_id, old_commands, _ = found
        self._connection.execute(
            "UPDATE user_step SET turn_index = ?, line = ?, skip = ?, unparsed = ?, active = 1, ingested_commands = ?"
            " WHERE id = ?",
            (index, turn.line or None, skip, _json(unparsed) if unparsed else None, commands, step_id),
        )
        if commands != old_commands:
            before = self._decided(step_id)
            self.counts.commands_changed += step_id < self._first_step  # not of one this very ingest has added
            derive.steps(self._connection, [step_id])
            lost = before - self._decided(step_id)
            if lost > 0:
                self.counts.stale[step_id] = self.counts.stale.get(step_id, 0) + lost
        self._update_rephrasings(step_id, turn.rephrasings, key, commands, conversation_id, ordinal, source_id)

    def _update_rephrasings(
        self, step_id: int, rephrasings: Sequence[Rephrasing], key: str, commands: str | None, conversation_id: int,
        ordinal: int, source_id: int,
    ) -> None:  # fmt: skip
        stored = {
            text: (id_, active, bool(generated), verdict, verdict_basis, reasons, predicted)
            # a file says nothing of a generated text that it does not hold; one with the same text counts for both
            for id_, text, active, generated, verdict, verdict_basis, reasons, predicted in self._connection.execute(
                "SELECT r.id, r.text, r.active, g.rephrasing_id IS NOT NULL AS generated, r.verdict, v.basis, v.reasons,"
                " v.commands FROM rephrasing r LEFT JOIN verdict v ON v.id = r.verdict_id"
                " LEFT JOIN generated g ON g.rephrasing_id = r.id WHERE r.step_id = ? AND r.source_id IS NOT NULL"
                " ORDER BY r.active, generated, r.id",
                (step_id,),
            )
        }
        seen: set[str] = set()
        for rephrasing in rephrasings:
            if rephrasing.text in seen:
                self.counts.rephrasings_repeated += 1
                continue
            seen.add(rephrasing.text)
            known = stored.get(rephrasing.text)
            if known is None:
                self._insert_rephrasing(step_id, conversation_id, ordinal, len(seen), rephrasing, key, commands, source_id)
                continue
            id_, active, generated, verdict, verdict_basis, reasons, predicted = known
            if not active:
                self._revive(id_)
            if not generated:
                self._connection.execute(
                    "UPDATE rephrasing SET position = ?, line = coalesce(?, line) WHERE id = ?",
                    (len(seen), rephrasing.line, id_),
                )
            elif verdict is not None:
                continue  # found by validation, with reasons that a file does not hold
            if rephrasing.verdict is None:
                continue
            fresh = None if rephrasing.commands is None else to_stored(rephrasing.commands, self._dialect)[0]
            basis = self._judged_basis(rephrasing, key, commands)
            if (verdict, verdict_basis, reasons, predicted) != (
                rephrasing.verdict.value,
                basis,
                _json(rephrasing.reasons),
                fresh,
            ):
                verdict_id = self._append_verdict(id_, rephrasing, basis)
                self._connection.execute(
                    "UPDATE rephrasing SET verdict = ?, verdict_id = ? WHERE id = ?",
                    (rephrasing.verdict.value, verdict_id, id_),
                )
        for text, (id_, active, generated, *_rest) in stored.items():
            if text not in seen and active and not generated:
                self.counts.rephrasings_retired += 1
                self._connection.execute("UPDATE rephrasing SET active = 0 WHERE id = ?", (id_,))
        self._connection.execute(  # those added by hand live and die with their step
            "UPDATE rephrasing SET active = 1 WHERE step_id = ?1 AND source_id IS NULL AND active = 0 AND EXISTS (SELECT 1 FROM"
            " decision d JOIN decision_group g ON g.id = d.group_id WHERE d.rephrasing_id = rephrasing.id AND d.kind = 'add'"
            " AND g.status = 0)",
            (step_id,),
        )
        for text, (id_, active, generated, *_rest) in stored.items():
            if generated and not active and text not in seen:  # and so do generated ones
                self._revive(id_)

    def _revive(self, rephrasing_id: int) -> None:
        self._connection.execute("UPDATE rephrasing SET active = 1 WHERE id = ?", (rephrasing_id,))
        derive.rephrasings(self._connection, [rephrasing_id])

    def _decided(self, step_id: int) -> int:
        return int(
            self._connection.execute(
                "SELECT count(*) FROM rephrasing WHERE step_id = ? AND active = 1 AND state NOT IN (?, ?)",
                (step_id, int(State.UNDECIDED), int(State.STALE)),
            ).fetchone()[0]
        )

    def _note_stale(self, step_id: int) -> None:
        decided = self._decided(step_id)
        if decided:
            self.counts.stale[step_id] = self.counts.stale.get(step_id, 0) + decided


def _shown(turn: Turn) -> str:
    """What a transcript shows of a turn: its text, or for a slot check `name = value` with commas between."""
    if turn.kind not in (TurnKind.SLOT_WAS_SET, TurnKind.SLOT_WAS_NOT_SET):
        return turn.text
    slots = turn.extra.get(turn.kind.value)
    shown = []
    for slot in slots if isinstance(slots, list) else [slots]:
        if isinstance(slot, dict):
            shown += [f"{name} = {value}" for name, value in slot.items()]
        elif slot is not None:
            shown.append(str(slot))
    return ", ".join(shown)


def _next_id(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])
