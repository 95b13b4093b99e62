"""The team at a glance, for `workbench argilla status`, the Overview and the Team screen: a few sums over whole tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from core.store.team_standing import NEEDS_A_PERSON, OUTCOME
from review.team.models import Outcome, Round
from review.team.rounds import all_rounds


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """`pushed`: records that their place has confirmed. `answered`: those that as many people as wanted have answered or
    discarded. `answers`: submitted and in force. `outcomes`: as of now, only those there are."""

    round: Round
    records: int
    pushed: int
    answered: int
    answers: int
    discards: int
    outcomes: Mapping[Outcome, int]

    @property
    def wanted(self) -> int:
        """Answers wanted in all."""
        return self.records * self.round.overlap

    @property
    def needs_a_person(self) -> int:
        return sum(count for outcome, count in self.outcomes.items() if outcome.needs_a_person)


@dataclass(frozen=True, slots=True)
class AnnotatorSummary:
    """`last_answer`: ISO 8601, UTC. `compared`: answers to records that came to accept or reject, by the team or here;
    `agreeing`: those of them that say the same; one that is unsure does not."""

    name: str
    answers: int
    discards: int
    unsure: int
    last_answer: str
    compared: int
    agreeing: int

    @property
    def agreement(self) -> float | None:
        """Share of the compared answers, None if there are none."""
        return self.agreeing / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class TeamSummary:
    """`annotators`: those who answered most first. `conflicts`: of `needs_a_person`, those against a decision made here."""

    rounds: tuple[RoundSummary, ...] = ()
    annotators: tuple[AnnotatorSummary, ...] = ()

    @property
    def needs_a_person(self) -> int:
        return sum(one.needs_a_person for one in self.rounds)

    @property
    def conflicts(self) -> int:
        return sum(one.outcomes.get(Outcome.CONFLICT, 0) for one in self.rounds)

    @property
    def waiting(self) -> int:
        return sum(one.outcomes.get(Outcome.WAITING, 0) for one in self.rounds)


def team_summary(connection: sqlite3.Connection) -> TeamSummary:
    """Nothing but two empty tuples where nothing was handed to a team yet."""
    rounds = all_rounds(connection)
    if not rounds:
        return TeamSummary()
    outcomes: dict[int, dict[Outcome, int]] = {}
    sizes: dict[int, tuple[int, int]] = {}
    for round_id, outcome, count, pushed in connection.execute(
        f"SELECT t.round_id, {OUTCOME} AS now, count(*), count(t.pushed_at) FROM team_record t"
        " JOIN rephrasing r ON r.id = t.rephrasing_id GROUP BY t.round_id, now"
    ):
        outcomes.setdefault(round_id, {})[Outcome(outcome)] = count
        records, confirmed = sizes.get(round_id, (0, 0))
        sizes[round_id] = records + count, confirmed + pushed
    answers = {
        round_id: (answered, submitted, discarded)
        for round_id, answered, submitted, discarded in connection.execute(
            "SELECT t.round_id, sum(a.submitted + a.discarded >= n.overlap), sum(a.submitted), sum(a.discarded) FROM"
            " (SELECT record_id, sum(status = 'submitted') AS submitted, sum(status = 'discarded') AS discarded"
            " FROM team_answer WHERE in_force = 1 GROUP BY record_id) a JOIN team_record t ON t.id = a.record_id"
            " JOIN team_round n ON n.id = t.round_id GROUP BY t.round_id"
        )
    }
    return TeamSummary(
        rounds=tuple(
            RoundSummary(one, *sizes.get(one.id, (0, 0)), *answers.get(one.id, (0, 0, 0)), outcomes.get(one.id, {}))
            for one in rounds
        ),
        annotators=_annotators(connection),
    )


def count_needing_a_person(connection: sqlite3.Connection) -> int:
    """Records, by the index of outcomes: fast enough to be asked at every poll."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id WHERE {NEEDS_A_PERSON}"
    ).fetchone()
    return int(count)


def _annotators(connection: sqlite3.Connection) -> tuple[AnnotatorSummary, ...]:
    said = "CASE a.decision WHEN 'accept' THEN 1 WHEN 'reject' THEN 2 END"
    settled = "(t.outcome IN ('accept', 'reject', 'adjudicated') AND r.state IN (1, 2) AND a.status = 'submitted')"
    cursor = connection.execute(
        "SELECT a.annotator, sum(a.status = 'submitted') AS answers, sum(a.status = 'discarded'),"
        " sum(a.status = 'submitted' AND a.decision IS 'unsure'), max(a.answered_at),"
        f" sum({settled}), sum({settled} AND {said} IS r.state) FROM team_answer a JOIN team_record t ON t.id = a.record_id"
        " JOIN rephrasing r ON r.id = t.rephrasing_id WHERE a.in_force = 1 AND a.status <> 'withdrawn'"
        " GROUP BY a.annotator ORDER BY answers DESC, a.annotator"
    )
    return tuple(AnnotatorSummary(*row) for row in cursor)
