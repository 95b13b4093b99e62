"""The append-only decision log: what people decided, and undo and redo as further rows.

Every public method is one transaction that is on disk when it returns. `rephrasing.state`, `.decision_id`,
`.edited_text`, `.active` and `user_step.commands` are derived here in the same transaction, never written elsewhere
but by ingest, which calls the same `core.store.derive` functions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from core.errors import DecisionError
from core.store import derive
from core.store.connection import transaction, utc_now
from core.store.states import STATE_OF_DECISION
from review.models import Decision, Recorded

_INSERT = (
    "INSERT INTO decision (id, group_id, at, reviewer, surface, kind, rephrasing_id, step_id, reason, text, commands,"
    " basis, target_group) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
        if not rephrasing_ids:
            raise DecisionError("nothing to decide on", remedy="Choose at least one rephrasing.")
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
        state = STATE_OF_DECISION[decision]
        bases = [self._basis(rephrasing_id) for rephrasing_id in rephrasing_ids]
        group, at = self._new_group()
        who, where, what = self.reviewer, self.surface, decision.value
        self._connection.executemany(
            _INSERT,
            (
                (group + n, group, at, who, where, what, id_, None, reason, None, None, basis, None)
                for n, (id_, basis) in enumerate(zip(rephrasing_ids, bases, strict=True))
            ),
        )
        self._connection.executemany(
            "UPDATE rephrasing SET state = ?, decision_id = ? WHERE id = ?",
            ((int(state), group + n, id_) for n, id_ in enumerate(rephrasing_ids)),
        )
        if len(rephrasing_ids) > 1:
            what = f"{what} ×{len(rephrasing_ids):,}"
        return Recorded(group, at, what, dict.fromkeys(rephrasing_ids, state))

    def edit(self, rephrasing_id: int, text: str, *, accept: bool = True) -> Recorded:
        """Replace a rephrasing's text; the ingested text is kept, and the edit counts as unvalidated.

        Raises:
            DecisionError: unknown id, or the text is empty or the same as another rephrasing of the step.
        """
        text = text.strip()
        with transaction(self._connection):
            basis = self._basis(rephrasing_id)
            self._check_text(self._step_of(rephrasing_id), text, but=rephrasing_id)
            group, at = self._new_group()
            self._append(group, group, at, "edit", rephrasing_id=rephrasing_id, text=text, basis=basis)
            if accept:
                self._append(group + 1, group, at, "accept", rephrasing_id=rephrasing_id, basis=basis)
            states = derive.rephrasings(self._connection, [rephrasing_id])
        return Recorded(group, at, "edit", states, rephrasing_id=rephrasing_id)

    def add(self, step_id: int, text: str) -> Recorded:
        """Add a rephrasing by hand; it counts as accepted by its author and as unvalidated.

        Raises:
            DecisionError: unknown step, a button step, or a text the step already has.
        """
        text = text.strip()
        with transaction(self._connection):
            step = self._connection.execute(
                "SELECT conversation_id, ordinal, basis, is_button FROM user_step WHERE id = ? AND active = 1",
                (step_id,),
            ).fetchone()
            if step is None:
                raise DecisionError(f"there is no user step {step_id}", remedy="List them with `workbench conversations show`.")
            conversation_id, ordinal, basis, is_button = step
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
            step = self._connection.execute(
                "SELECT key, ingested_commands, commands, is_button FROM user_step WHERE id = ? AND active = 1",
                (step_id,),
            ).fetchone()
            if step is None:
                raise DecisionError(f"there is no user step {step_id}", remedy="List them with `workbench conversations show`.")
            key, ingested, current, is_button = step
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
            states |= derive.rephrasings(self._connection, _unique(id_ for _, id_, _ in members if id_ is not None))
        first_kind, first_rephrasing, first_step = members[0]
        what = f"{kind} of {first_kind}" + (f" ×{len(members):,}" if len(states) > 1 and first_kind != "correct" else "")
        return Recorded(target, at, what, states, step_id=first_step, rephrasing_id=first_rephrasing)

    def _basis(self, rephrasing_id: int) -> str:
        row = self._connection.execute(
            "SELECT s.basis, r.active FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.id = ?",
            (rephrasing_id,),
        ).fetchone()
        if row is None:
            raise DecisionError(f"there is no rephrasing {rephrasing_id}", remedy="`workbench review next` prints ids.")
        if not row[1]:
            raise DecisionError(
                f"rephrasing {rephrasing_id} is no longer part of the project (its test changed, or its adding was undone)",
                remedy="`workbench review next` prints ids that are.",
            )
        return str(row[0])

    def _step_of(self, rephrasing_id: int) -> int:
        return int(self._connection.execute("SELECT step_id FROM rephrasing WHERE id = ?", (rephrasing_id,)).fetchone()[0])

    def _check_text(self, step_id: int, text: str, *, but: int | None = None) -> None:
        if not text:
            raise DecisionError("a rephrasing cannot be empty", remedy="Type a text, or reject the rephrasing.")
        twin = self._connection.execute(
            "SELECT id FROM rephrasing WHERE step_id = ? AND active = 1 AND coalesce(edited_text, text) = ? AND id IS NOT ?"
            " UNION SELECT id FROM user_step WHERE id = ? AND text = ?",
            (step_id, text, but, step_id, text),
        ).fetchone()
        if twin is not None:
            raise DecisionError("the step already has this text", remedy="Change it, or reject the rephrasing.")

    def _new_group(self) -> tuple[int, str]:
        """Start an action: what was undone before can no longer be redone by this reviewer."""
        group = self._next_id()
        self._connection.execute("UPDATE decision_group SET status = 2 WHERE reviewer = ? AND status = 1", (self.reviewer,))
        self._connection.execute("INSERT INTO decision_group (id, reviewer) VALUES (?, ?)", (group, self.reviewer))
        return group, utc_now()

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
            _INSERT,
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


def _unique(ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(ids))
