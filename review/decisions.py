"""The append-only decision log: what people decided, and undo and redo as further rows.

Every public method is one transaction that is on disk when it returns. `rephrasing.state`, `.decision_id`,
`.edited_text`, `.active` and `user_step.commands` are derived here in the same transaction, never written elsewhere
but by ingest, which calls the same `core.store.derive` functions.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from core.errors import DecisionError
from core.store import derive
from core.store.connection import transaction, utc_now
from core.store.states import STATE_OF_DECISION, State
from review.models import Decision, Recorded, Settlement

_INSERT = (
    "INSERT INTO decision (id, group_id, at, reviewer, surface, kind, rephrasing_id, step_id, reason, text, commands,"
    " basis, target_group)"
)


class DecisionLog:
    """Records what `reviewer` does on `surface` (`app`, `cli`, …)."""

    def __init__(self, connection: sqlite3.Connection, reviewer: str, surface: str) -> None:
        self._connection = connection
        self.reviewer = reviewer
        self.surface = surface

    def decide(self, rephrasing_ids: Sequence[int], decision: Decision, reason: str | None = None) -> Recorded:
        """Record one decision on one or many rephrasings; they are undone together.

        Raises:
            DecisionError: an id is unknown, or its rephrasing is no longer part of the project.
        """
        with transaction(self._connection):
            return self._decide(rephrasing_ids, decision, reason)

    def decide_many(self, rows: Sequence[tuple[int, str, str | None]]) -> list[Recorded]:
        """Record (rephrasing id, decision, reason) rows, all or none; each is undone on its own.

        Raises:
            DecisionError: a row names an unknown decision or rephrasing; nothing is recorded then.
        """
        decisions = []
        for id_, name, reason in rows:
            if name not in STATE_OF_DECISION:
                raise DecisionError(
                    f"unknown decision `{name}` for rephrasing {id_}", remedy=f"Known: {', '.join(STATE_OF_DECISION)}."
                )
            decisions.append((id_, Decision(name), reason))
        with transaction(self._connection):
            return [self._decide([id_], decision, reason) for id_, decision, reason in decisions]

    def _decide(self, rephrasing_ids: Sequence[int], decision: Decision, reason: str | None) -> Recorded:
        ids = list(dict.fromkeys(rephrasing_ids))
        if not ids:
            raise DecisionError("nothing to decide on", remedy="Choose at least one rephrasing.")
        wanted = json.dumps(ids)
        self._check_known(ids, wanted)
        reason = None if reason is None else _clean(reason) or None
        group, at = self._new_group()
        self._connection.execute(
            f"{_INSERT} SELECT ?1 + w.key, ?1, ?2, ?3, ?4, ?5, r.id, NULL, ?6, r.edited_text, NULL, s.basis, NULL"
            " FROM json_each(?7) w CROSS JOIN rephrasing r ON r.id = w.value CROSS JOIN user_step s ON s.id = r.step_id",
            (group, at, self.reviewer, self.surface, decision.value, reason, wanted),
        )
        states = derive.rephrasings(self._connection, ids)
        return Recorded(group, at, _times(decision.value, len(ids)), states)

    def settle(self, settlements: Sequence[Settlement]) -> tuple[list[int], dict[int, State]]:
        """Record decisions, each an action of its own, inside the caller's transaction. Returns their groups, and the states.

        The caller has made sure that each rephrasing is there and no step gets a text twice (`has_text`).
        """
        if not settlements:
            return [], {}
        at, id_ = utc_now(), self._next_id()
        groups, rows = list[int](), list[tuple[Any, ...]]()
        for one in settlements:
            groups.append(id_)
            kinds = [one.decision.value] if one.text is None else ["edit", one.decision.value]
            for number, kind in enumerate(kinds):
                wording = (one.text, None) if kind == "edit" else (None, one.text)
                rows.append((id_ + number, id_, at, self.reviewer, self.surface, kind, one.reason, *wording, one.rephrasing_id))
            id_ += len(kinds)
        self._overtake_undone()
        self._connection.executemany(
            "INSERT INTO decision_group (id, reviewer) VALUES (?, ?)", [(group, self.reviewer) for group in groups]
        )
        self._connection.executemany(
            f"{_INSERT} SELECT ?1, ?2, ?3, ?4, ?5, ?6, r.id, NULL, ?7,"
            " coalesce(?8, nullif(coalesce(?9, r.edited_text), r.text)), NULL, s.basis, NULL"
            " FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.id = ?10",
            rows,
        )
        return groups, derive.rephrasings(self._connection, [one.rephrasing_id for one in settlements])

    def take_back(self, groups: Sequence[int]) -> dict[int, State]:
        """Undo these actions of this reviewer that `settle` recorded, inside the caller's transaction; returns the states."""
        touched: list[int] = []
        for group in groups:
            self._connection.execute("UPDATE decision_group SET status = 1 WHERE id = ?", (group,))
            id_ = self._next_id()
            self._append(id_, id_, utc_now(), "undo", target_group=group)
            touched += [
                row[0] for row in self._connection.execute("SELECT rephrasing_id FROM decision WHERE group_id = ?", (group,))
            ]
        return derive.rephrasings(self._connection, touched)

    def give_reason(self, rephrasing_id: int, reason: str) -> Recorded:
        """Give this reviewer's last rejection of a rephrasing a reason, or another one than it has.

        The reason is a further row of the rejection itself: one undo takes back both, redo is not lost, and a decision
        made since stays in force. A rejection of many at once gets the reason for all of them.

        Raises:
            DecisionError: no reason, or the reviewer's last decision on the rephrasing that is in force is no rejection.
        """
        reason = _clean(reason)
        if not reason:
            raise DecisionError("the reason is empty", remedy="Type a reason, or leave the rejection without one.")
        with transaction(self._connection):
            self._check_known([rephrasing_id], json.dumps([rephrasing_id]), active=False)
            last = self._connection.execute(
                "SELECT d.group_id, d.kind FROM decision d JOIN decision_group g ON g.id = d.group_id"
                " WHERE d.rephrasing_id = ? AND d.reviewer = ? AND g.status = 0 AND d.kind NOT IN ('edit', 'add')"
                " ORDER BY d.group_id DESC, d.id DESC LIMIT 1",
                (rephrasing_id, self.reviewer),
            ).fetchone()
            if last is None or last[1] != Decision.REJECT:
                raise DecisionError(
                    f"you have not rejected rephrasing {rephrasing_id}", remedy="A reason belongs to a rejection: reject first."
                )
            group, at = int(last[0]), utc_now()
            rejected = self._connection.execute(
                f"{_INSERT} SELECT ?1 + row_number() OVER (ORDER BY min(id)) - 1, group_id, ?2, reviewer, ?3, kind,"
                " rephrasing_id, NULL, ?4, text, NULL, basis, NULL FROM decision WHERE group_id = ?5 AND kind = 'reject'"
                " GROUP BY rephrasing_id RETURNING rephrasing_id",
                (self._next_id(), at, self.surface, reason, group),
            ).fetchall()
            states = derive.rephrasings(self._connection, [row[0] for row in rejected])
        return Recorded(group, at, _times("reason for reject", len(states)), states)

    def edit(self, rephrasing_id: int, text: str, *, accept: bool = True) -> Recorded:
        """Replace a rephrasing's text; the ingested text is kept, and the edit counts as unvalidated.

        Raises:
            DecisionError: unknown id, or the text is empty or the same as another rephrasing of the step.
        """
        text = _clean(text)
        with transaction(self._connection):
            self._check_known([rephrasing_id], json.dumps([rephrasing_id]))
            step_id, basis, ingested = self._connection.execute(
                "SELECT s.id, s.basis, r.text FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.id = ?",
                (rephrasing_id,),
            ).fetchone()
            self._check_text(step_id, text, but=rephrasing_id)
            group, at = self._new_group()
            self._append(group, group, at, "edit", rephrasing_id=rephrasing_id, text=text, basis=basis)
            if accept:
                wording = None if text == ingested else text
                self._append(group + 1, group, at, "accept", rephrasing_id=rephrasing_id, text=wording, basis=basis)
            states = derive.rephrasings(self._connection, [rephrasing_id])
        return Recorded(group, at, "edit", states, rephrasing_id=rephrasing_id)

    def add(self, step_id: int, text: str) -> Recorded:
        """Add a rephrasing by hand; it counts as accepted by its author and as unvalidated.

        Raises:
            DecisionError: unknown step, a button step, or a text the step already has.
        """
        text = _clean(text)
        with transaction(self._connection):
            conversation_id, ordinal, basis, is_button = self._step(step_id, "conversation_id, ordinal, basis, is_button")
            if is_button:
                raise DecisionError("a button's message is never rephrased", remedy="Add it to a step that was typed.")
            self._check_text(step_id, text)
            group, at = self._new_group()
            (rephrasing_id,) = self._connection.execute(
                "INSERT INTO rephrasing (step_id, conversation_id, ordinal, position, text, active) VALUES (?, ?, ?,"
                " (SELECT coalesce(max(position), 0) + 1 FROM rephrasing WHERE step_id = ?), ?, 1) RETURNING id",
                (step_id, conversation_id, ordinal, step_id, text),
            ).fetchone()
            self._append(group, group, at, "add", rephrasing_id=rephrasing_id, step_id=step_id, text=text, basis=basis)
            self._append(group + 1, group, at, "accept", rephrasing_id=rephrasing_id, basis=basis)
            states = derive.rephrasings(self._connection, [rephrasing_id])
        return Recorded(group, at, "add", states, step_id=step_id, rephrasing_id=rephrasing_id)

    def correct(self, step_id: int, commands: str) -> Recorded:
        """Correct the commands of a step (canonical JSON, see `core.commands.to_json`).

        Verdicts and decisions under the step were made on the old commands: they go stale, and come back with `undo`.

        Raises:
            DecisionError: unknown step, a button step, or no change.
        """
        with transaction(self._connection):
            key, ingested, current, is_button = self._step(step_id, "key, ingested_commands, commands, is_button")
            if is_button:
                raise DecisionError("a button's message carries no commands of its own", remedy="Correct a typed step.")
            if commands == current:
                raise DecisionError("these are the step's commands already", remedy="Nothing was changed.")
            group, at = self._new_group()
            basis = derive.correction_basis(key, ingested)
            self._append(group, group, at, "correct", step_id=step_id, commands=commands, basis=basis)
            states = derive.steps(self._connection, [step_id])
        return Recorded(group, at, "correct", states, step_id=step_id)

    def undo(self) -> Recorded | None:
        """Take back this reviewer's latest action that is in force; None if there is none."""
        return self._turn("undo", from_status=0, to_status=1, newest=True)

    def redo(self) -> Recorded | None:
        """Bring back this reviewer's latest undone action, unless they decided something else since; None if none."""
        return self._turn("redo", from_status=1, to_status=0, newest=False)

    def _turn(self, kind: str, *, from_status: int, to_status: int, newest: bool) -> Recorded | None:
        order = "DESC" if newest else "ASC"
        with transaction(self._connection):
            row = self._connection.execute(
                f"SELECT id FROM decision_group WHERE reviewer = ? AND status = ? ORDER BY id {order} LIMIT 1",
                (self.reviewer, from_status),
            ).fetchone()
            if row is None:
                return None
            target = int(row[0])
            members = self._connection.execute(
                "SELECT kind, rephrasing_id, step_id FROM decision WHERE group_id = ? ORDER BY id", (target,)
            ).fetchall()
            self._connection.execute("UPDATE decision_group SET status = ? WHERE id = ?", (to_status, target))
            id_, at = self._next_id(), utc_now()
            self._append(id_, id_, at, kind, target_group=target)
            steps = [step for member, _, step in members if member == "correct" and step is not None]
            states = derive.steps(self._connection, steps)
            touched = derive.rephrasings(self._connection, (id_ for _, id_, _ in members if id_ is not None))
        first_kind, first_rephrasing, first_step = members[0]
        what = _times(f"{kind} of {first_kind}", len(touched))
        states |= touched
        return Recorded(target, at, what, states, step_id=first_step, rephrasing_id=first_rephrasing)

    def _check_known(self, ids: Sequence[int], as_json: str, *, active: bool = True) -> None:
        row = self._connection.execute(
            "SELECT w.key, r.id IS NULL FROM json_each(?) w LEFT JOIN rephrasing r ON r.id = w.value"
            " WHERE r.id IS NULL OR (? AND NOT r.active) LIMIT 1",
            (as_json, active),
        ).fetchone()
        if row is None:
            return
        if row[1]:
            raise DecisionError(f"there is no rephrasing {ids[row[0]]}", remedy="`workbench review next` prints ids.")
        raise DecisionError(
            f"rephrasing {ids[row[0]]} is no longer part of the project (its test changed, or its adding was undone)",
            remedy="`workbench review next` prints ids that are.",
        )

    def _step(self, step_id: int, columns: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self._connection.execute(
            f"SELECT {columns} FROM user_step WHERE id IN (SELECT value FROM json_each(?)) AND active = 1",
            (json.dumps([step_id]),),
        ).fetchone()
        if row is None:
            raise DecisionError(f"there is no user step {step_id}", remedy="List them with `workbench conversations show`.")
        return row

    def _check_text(self, step_id: int, text: str, *, but: int | None = None) -> None:
        if not text:
            raise DecisionError("a rephrasing cannot be empty", remedy="Type a text, or reject the rephrasing.")
        if has_text(self._connection, step_id, text, but=but):
            raise DecisionError("the step already has this text", remedy="Change it, or reject the rephrasing.")

    def _new_group(self) -> tuple[int, str]:
        """Start an action: what was undone before can no longer be redone by this reviewer."""
        group = self._next_id()
        self._overtake_undone()
        self._connection.execute("INSERT INTO decision_group (id, reviewer) VALUES (?, ?)", (group, self.reviewer))
        return group, utc_now()

    def _overtake_undone(self) -> None:
        self._connection.execute("UPDATE decision_group SET status = 2 WHERE reviewer = ? AND status = 1", (self.reviewer,))

    def _next_id(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM decision").fetchone()[0])

    def _append(
        self,
        id_: int,
        group: int,
        at: str,
        kind: str,
        *,
        rephrasing_id: int | None = None,
        step_id: int | None = None,
        text: str | None = None,
        commands: str | None = None,
        basis: str | None = None,
        target_group: int | None = None,
    ) -> None:
        self._connection.execute(
            f"{_INSERT} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id_,
                group,
                at,
                self.reviewer,
                self.surface,
                kind,
                rephrasing_id,
                step_id,
                None,
                text,
                commands,
                basis,
                target_group,
            ),
        )


def has_text(connection: sqlite3.Connection, step_id: int, text: str, *, but: int | None = None) -> bool:
    """Whether the step's own text or one of its rephrasings, except `but`, is this one."""
    twin = connection.execute(
        "SELECT id FROM rephrasing WHERE step_id = ? AND active = 1 AND coalesce(edited_text, text) = ? AND id IS NOT ?"
        " UNION SELECT id FROM user_step WHERE id = ? AND text = ?",
        (step_id, text, but, step_id, text),
    ).fetchone()
    return twin is not None


def _clean(text: str) -> str:
    """Without surrounding white space. Raises DecisionError for half a character, which no database or file takes."""
    try:
        return text.strip().encode().decode()
    except UnicodeEncodeError as error:
        raise DecisionError(
            f"the text holds half a character: {text[error.start : error.end]!r}", remedy="Type it again, as UTF-8."
        ) from error


def _times(what: str, count: int) -> str:
    return f"{what} ×{count:,}" if count > 1 else what
