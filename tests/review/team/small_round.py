"""A round of the small project, and people who answer it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.store.connection import transaction
from core.store.states import State
from core.store.team_standing import NEEDS_A_PERSON
from review.team import rounds
from review.team.choosing import external_id
from review.team.models import Answer, NewAnswer, NewRecord, Outcome, Record, Recording, Round, Say, Status, Surface
from review.team.recording import record_answers
from review.team.resolution import Rule
from review.team.resolving import Resolved, resolve

MAJORITY = Rule()


@dataclass
class SmallRound:
    """`clock`: answers are one minute apart."""

    connection: sqlite3.Connection
    round: Round
    rule: Rule = MAJORITY
    clock: int = field(default=0)

    def record(self, rephrasing_id: int = 1) -> Record:
        return next(one for one in rounds.records_of(self.connection, self.round.id) if one.rephrasing_id == rephrasing_id)

    def outcome(self, rephrasing_id: int = 1) -> Outcome:
        return self.record(rephrasing_id).outcome

    def says(
        self,
        annotator: str,
        say: Say | None,
        rephrasing_id: int = 1,
        *,
        text: str | None = None,
        commands: str | None = None,
        unread: str | None = None,
        comment: str | None = None,
        status: Status | None = None,
        at: str | None = None,
    ) -> Recording:
        """`say` None: the annotator discards the record. The outcome is not worked out."""
        self.clock += 1
        answer = NewAnswer(
            external_id=self.record(rephrasing_id).external_id,
            annotator=annotator,
            status=status or (Status.DISCARDED if say is None else Status.SUBMITTED),
            decision=say,
            answered_at=at or f"2026-11-21T09:{self.clock:02d}:00.000Z",
            text=text,
            commands=commands,
            comment=comment,
            unread_commands=unread,
        )
        return self.hand_in([answer])

    def hand_in(self, answers: Iterable[NewAnswer]) -> Recording:
        with transaction(self.connection):
            return record_answers(self.connection, self.round, list(answers))

    def all_say(self, says: Mapping[str, Say | None], rephrasing_id: int = 1) -> Resolved:
        for annotator, say in says.items():
            self.says(annotator, say, rephrasing_id)
        return self.resolve()

    def resolve(self, rule: Rule | None = None) -> Resolved:
        with transaction(self.connection):
            return resolve(self.connection, self.round, rule or self.rule)

    def conflicts(self) -> list[tuple[str, bool]]:
        """Outcome, and whether it is open."""
        return [
            (outcome, settled_at is None)
            for outcome, settled_at in self.connection.execute("SELECT outcome, settled_at FROM team_conflict ORDER BY id")
        ]

    def state(self, rephrasing_id: int = 1) -> State:
        row = self.connection.execute("SELECT state FROM rephrasing WHERE id = ?", (rephrasing_id,)).fetchone()
        return State(row[0])

    def wording(self, rephrasing_id: int = 1) -> str:
        row = self.connection.execute("SELECT coalesce(edited_text, text) FROM rephrasing WHERE id = ?", (rephrasing_id,))
        return str(row.fetchone()[0])


def hand_out(
    connection: sqlite3.Connection,
    rephrasing_ids: Iterable[int],
    *,
    name: str = "round-1",
    overlap: int = 2,
    surface: Surface = Surface.ARGILLA,
) -> SmallRound:
    """A round of these rephrasings as they are now."""
    with transaction(connection):
        round_ = rounds.create_round(connection, name, surface, reviewer="anna", overlap=overlap)
        rounds.add_records(connection, round_.id, [as_record(connection, id_) for id_ in rephrasing_ids])
    return SmallRound(connection, round_)


def as_record(connection: sqlite3.Connection, rephrasing_id: int) -> NewRecord:
    file, name, occurrence, key, text, basis = connection.execute(
        "SELECT c.file, c.name, c.occurrence, s.key, coalesce(r.edited_text, r.text), s.basis FROM rephrasing r"
        " JOIN user_step s ON s.id = r.step_id JOIN conversation c ON c.id = r.conversation_id WHERE r.id = ?",
        (rephrasing_id,),
    ).fetchone()
    return NewRecord(rephrasing_id, external_id(file, name, occurrence, key, text, basis), text, basis)


def an_answer(
    annotator: str,
    say: Say | None,
    *,
    text: str | None = None,
    commands: str | None = None,
    unread: str | None = None,
    status: Status | None = None,
) -> Answer:
    """As it is kept. `say` None: discarded."""
    status = status or (Status.DISCARDED if say is None else Status.SUBMITTED)
    return Answer(1, 1, annotator, status, say, text, commands, None, "2026-11-21T09:30:00.000Z", True, unread)


def rows_of_the_team(connection: sqlite3.Connection) -> list[tuple[str, str, str, int | None]]:
    """Surface, kind, wording and rephrasing of what the team decided."""
    return connection.execute(
        "SELECT surface, kind, coalesce(text, ''), rephrasing_id FROM decision WHERE reviewer = 'team' ORDER BY id"
    ).fetchall()


def needing_a_person(connection: sqlite3.Connection) -> list[int]:
    return [
        row[0]
        for row in connection.execute(
            "SELECT t.rephrasing_id FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id"
            f" WHERE {NEEDS_A_PERSON} ORDER BY 1"
        )
    ]
