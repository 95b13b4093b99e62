"""Answers of annotators, as rows of the decision log.

An answer is a row of kind accept, reject, flag (unsure) or skip (discarded, withdrawn), with the annotator as reviewer and
the round's surface. It has no `decision_group`: review state, undo and redo are derived from groups and never see it. What
answers come to is decided in review/team/resolving.py.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from core.store.connection import utc_now
from review.team.models import Answer, NewAnswer, Recording, Round, Say, Status

_NEVER_STORED = re.compile("[\0\ud800-\udfff]")
_KINDS = {Say.ACCEPT: "accept", Say.REJECT: "reject", Say.UNSURE: "flag"}
ANSWER_COLUMNS = (
    "decision_id, record_id, annotator, status, decision, text, commands, comment, answered_at, in_force, unread_commands"
)


def record_answers(connection: sqlite3.Connection, round_: Round, answers: Sequence[NewAnswer]) -> Recording:
    """Append what is new, inside the caller's transaction. The same answers again change nothing.

    An annotator's latest answer by `answered_at` is in force; an older one that comes in late is kept, and is not.
    """
    added = changed = withdrawn = known = 0
    unknown: list[str] = []
    touched: dict[int, None] = {}
    records = _records(connection, round_.id, {one.external_id for one in answers})
    for one in map(_storable, answers):
        record = records.get(one.external_id)
        if record is None:
            unknown.append(one.external_id)
            continue
        record_id, rephrasing_id, text, basis = record
        earlier = _answers_of(connection, record_id, one.annotator)
        if any(_same(one, old) for old in earlier):
            known += 1
            continue
        in_force = next((old for old in earlier if old.in_force), None)
        if one.status is Status.WITHDRAWN and (in_force is None or in_force.status is Status.WITHDRAWN):
            known += 1
            continue
        is_latest = in_force is None or one.answered_at >= in_force.answered_at
        if in_force is not None and is_latest:
            connection.execute("UPDATE team_answer SET in_force = 0 WHERE decision_id = ?", (in_force.decision_id,))
        decision_id = _append(connection, round_, one, rephrasing_id, text, basis)
        connection.execute(
            f"INSERT INTO team_answer ({ANSWER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (decision_id, record_id, one.annotator, one.status.value, None if one.decision is None else one.decision.value,
             one.text, one.commands, one.comment, one.answered_at, int(is_latest), one.unread_commands),
        )  # fmt: skip
        touched[record_id] = None
        if one.status is Status.WITHDRAWN:
            withdrawn += 1
        elif earlier:
            changed += 1
        else:
            added += 1
    return Recording(added, changed, withdrawn, known, tuple(unknown), tuple(touched))


def answers_to(connection: sqlite3.Connection, record_id: int) -> list[Answer]:
    """Those in force, in the order they came in; a withdrawn one is not an answer."""
    cursor = connection.execute(
        f"SELECT {ANSWER_COLUMNS} FROM team_answer WHERE record_id = ? AND in_force = 1 AND status <> 'withdrawn'"
        " ORDER BY decision_id",
        (record_id,),
    )
    return [answer_of(row) for row in cursor]


def _storable(answer: NewAnswer) -> NewAnswer:
    """SQLite takes no half characters, and cuts texts at a zero."""
    texts = (answer.text, answer.commands, answer.comment, answer.unread_commands)
    if not any(text and _NEVER_STORED.search(text) for text in texts):
        return answer
    text, commands, comment, unread = (None if one is None else _NEVER_STORED.sub("\ufffd", one) for one in texts)
    return replace(answer, text=text, commands=commands, comment=comment, unread_commands=unread)


def _records(
    connection: sqlite3.Connection, round_id: int, external_ids: Iterable[str]
) -> dict[str, tuple[int, int, str | None, str]]:
    """External id → record, rephrasing, the wording that the log names (NULL: the rephrasing's own), basis."""
    return {
        external: (record_id, rephrasing_id, None if text == own else text, basis)
        for external, record_id, rephrasing_id, text, own, basis in connection.execute(
            "SELECT t.external_id, t.id, t.rephrasing_id, t.text, r.text, t.basis FROM team_record t"
            " JOIN rephrasing r ON r.id = t.rephrasing_id"
            " WHERE t.round_id = ? AND t.external_id IN (SELECT value FROM json_each(?))",
            (round_id, json.dumps(sorted(external_ids))),
        )
    }


def _answers_of(connection: sqlite3.Connection, record_id: int, annotator: str) -> list[Answer]:
    cursor = connection.execute(
        f"SELECT {ANSWER_COLUMNS} FROM team_answer WHERE record_id = ? AND annotator = ? ORDER BY decision_id",
        (record_id, annotator),
    )
    return [answer_of(row) for row in cursor]


def _same(new: NewAnswer, old: Answer) -> bool:
    """Also one that came in before and is no longer in force: a file that is handed in twice."""
    mine = (new.status, new.decision, new.text, new.commands, new.unread_commands, new.comment, new.answered_at)
    return mine == (
        old.status, old.decision, old.text, old.commands, old.unread_commands, old.comment, old.answered_at
    )  # fmt: skip


def _append(
    connection: sqlite3.Connection, round_: Round, one: NewAnswer, rephrasing_id: int, text: str | None, basis: str
) -> int:
    kind = _KINDS[one.decision] if one.decision is not None and one.status is Status.SUBMITTED else "skip"
    reason = one.comment or (None if one.status is Status.SUBMITTED else one.status.value)
    (id_,) = connection.execute(
        "INSERT INTO decision (id, group_id, at, reviewer, surface, kind, rephrasing_id, reason, text, commands, basis)"
        " SELECT n.id, n.id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM (SELECT coalesce(max(id), 0) + 1 AS id FROM decision) n"
        " RETURNING id",
        (utc_now(), one.annotator, round_.surface.value, kind, rephrasing_id, reason, text, one.commands, basis),
    ).fetchone()
    return int(id_)


def answer_of(row: tuple[Any, ...]) -> Answer:
    decision_id, record_id, annotator, status, decision, text, commands, comment, at, in_force, unread_commands = row
    return Answer(
        decision_id, record_id, annotator, Status(status), None if decision is None else Say(decision),
        text, commands, comment, at, bool(in_force), unread_commands,
    )  # fmt: skip
