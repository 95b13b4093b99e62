"""Records as resolving sees them: with their answers, and with what is decided and worded here now."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.commands import from_json, same_commands
from core.user import TEAM
from review.team.models import Answer, Outcome
from review.team.recording import ANSWER_COLUMNS, answer_of
from review.team.resolution import same_text


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of the decision log that is in force. `text`: the wording it was decided on, None: the rephrasing's own.
    `round`: whose answers came to it, if it is the team's."""

    id: int
    group: int
    reviewer: str
    kind: str
    text: str | None
    basis: str | None
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """`text`, `basis`: as handed out; the `…_now` ones: as they are. `logged`: in the order of actions.

    `own`: the team's decision on the record that is in force, `own_edit`: the wording it gave. `latest_answer`: id of the
    newest answer, in force or not.
    """

    record_id: int
    rephrasing_id: int
    step_id: int
    text: str
    basis: str
    outcome: Outcome
    detail: str
    decided_group: int | None
    own_text: str
    text_now: str
    basis_now: str
    is_active: bool
    answers: tuple[Answer, ...]
    latest_answer: int
    logged: tuple[Logged, ...]
    own: Logged | None
    own_edit: str | None

    def wording_of(self, row: Logged) -> str:
        return self.own_text if row.text is None else row.text

    def decision_here(self) -> Logged | None:
        """What a person accepted or rejected here, on what the rephrasing is now; also on what it was when it was handed out,
        if only the team has worded it otherwise since. A later flag or skip takes it back.
        """
        wordings = {self.text_now} if self.what_changed() else {self.text_now, self.text}
        latest = None
        for row in self.logged:
            if row.reviewer != TEAM and row.kind != "edit" and row.basis == self.basis_now and self.wording_of(row) in wordings:
                latest = row
        return latest if latest is not None and latest.kind in ("accept", "reject") else None

    def decisions_elsewhere(self) -> list[Logged]:
        """What the team decided in other rounds on what the rephrasing is now, as far as no person has taken it back since."""
        stand: list[Logged] = []
        for row in self.logged:
            if row.kind == "edit" or row.basis != self.basis_now or self.wording_of(row) not in (self.text_now, self.text):
                continue
            if row.reviewer != TEAM:
                stand.clear()
            elif row.group != self.decided_group:
                stand.append(row)
        return stand

    def what_changed(self) -> str | None:
        """Why the record is outdated; None if it is not. The wording that the team itself gave it is no change."""
        if not self.is_active:
            return "no longer part of the project"
        if self.basis_now != self.basis:
            return "the step's commands changed since it was handed out"
        wording = self.own_text
        for row in self.logged:
            if row.kind == "edit" and row.text is not None and not (self.own is not None and row.group == self.own.group):
                wording = row.text
        return None if wording == self.text else "the wording changed since it was handed out"


def load_cases(connection: sqlite3.Connection, round_id: int, records: Sequence[int] | None) -> list[Case]:
    """These records of the round (None: all), in their order."""
    which, wanted = "t.round_id = ?", list[Any]([round_id])
    if records is not None:
        which, wanted = f"{which} AND t.id IN (SELECT value FROM json_each(?))", [round_id, json.dumps(list(records))]
    answers: dict[int, list[Answer]] = defaultdict(list)
    for row in connection.execute(
        f"SELECT {ANSWER_COLUMNS} FROM team_answer WHERE record_id IN (SELECT t.id FROM team_record t WHERE {which})"
        " ORDER BY decision_id",
        wanted,
    ):
        answer = answer_of(row)
        answers[answer.record_id].append(answer)
    logged: dict[int, list[Logged]] = defaultdict(list)
    for rephrasing_id, *columns in connection.execute(
        "SELECT d.rephrasing_id, d.id, d.group_id, d.reviewer, d.kind, d.text, d.basis,"
        f" CASE WHEN d.reviewer = '{TEAM}' THEN (SELECT n.name FROM team_record x JOIN team_round n ON n.id = x.round_id"
        " WHERE x.rephrasing_id = d.rephrasing_id AND x.decided_group = d.group_id) END FROM decision d"
        " JOIN decision_group g ON g.id = d.group_id WHERE g.status = 0"
        " AND d.kind IN ('accept', 'reject', 'skip', 'flag', 'edit')"
        f" AND d.rephrasing_id IN (SELECT t.rephrasing_id FROM team_record t WHERE {which}) ORDER BY d.group_id, d.id",
        wanted,
    ):
        logged[rephrasing_id].append(Logged(*columns))
    cursor = connection.execute(
        "SELECT t.id, t.rephrasing_id, r.step_id, t.text, t.basis, t.outcome, t.detail, t.decided_group, r.text,"
        " coalesce(r.edited_text, r.text), s.basis, r.active AND s.active, s.commands FROM team_record t"
        f" JOIN rephrasing r ON r.id = t.rephrasing_id JOIN user_step s ON s.id = r.step_id WHERE {which} ORDER BY t.id",
        wanted,
    )
    return [_case(row, answers.get(row[0], []), logged.get(row[1], [])) for row in cursor]


def _case(row: tuple[Any, ...], answers: Sequence[Answer], logged: Sequence[Logged]) -> Case:
    (record_id, rephrasing_id, step_id, text, basis, outcome, detail, decided_group, own_text, text_now, basis_now, active,
     commands) = row  # fmt: skip
    mine = [one for one in logged if one.group == decided_group and one.reviewer == TEAM]
    return Case(
        record_id=record_id,
        rephrasing_id=rephrasing_id,
        step_id=step_id,
        text=text,
        basis=basis,
        outcome=Outcome(outcome),
        detail=detail,
        decided_group=decided_group,
        own_text=own_text,
        text_now=text_now,
        basis_now=basis_now,
        is_active=bool(active),
        answers=tuple(_wishes(one, text, commands) for one in answers if one.in_force),
        latest_answer=max((one.decision_id for one in answers), default=0),
        logged=tuple(logged),
        own=next((one for one in mine if one.kind != "edit"), None),
        own_edit=next((one.text for one in mine if one.kind == "edit"), None),
    )


def _wishes(answer: Answer, text: str, commands: str | None) -> Answer:
    """Without a wording or commands that are as they are: a form that was sent as it was filled in wishes for nothing."""
    if answer.text is None and answer.commands is None:
        return answer
    wording = answer.text.strip() if answer.text else None
    if not wording or same_text(wording, text):
        wording = None
    wanted = answer.commands
    if wanted is not None and commands is not None and same_commands(from_json(commands), from_json(wanted)):
        wanted = None
    return replace(answer, text=wording, commands=wanted)
