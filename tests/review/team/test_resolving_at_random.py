"""Whatever people answer, decide, undo and redo in whatever order: what must hold of every record after it is resolved."""

from __future__ import annotations

import random
import sqlite3

import pytest

from core.errors import DecisionError
from core.store.states import State
from core.store.team_standing import OUTCOME
from review.decisions import DecisionLog
from review.models import Decision
from review.team.models import Outcome, Say, Status
from review.team.recording import answers_to
from review.team.resolution import Rule, RuleName
from review.team.resolving import resolve_all
from tests.review.conftest import FIRST_STEP
from tests.review.small import recomputed, start, stored
from tests.review.team.small_round import SmallRound, hand_out

IDS = (1, 2, 3)
RULES = (Rule(), Rule(RuleName.UNANIMOUS), Rule(RuleName.ADJUDICATE), Rule(margin=2), Rule(experts=frozenset({"ann"})))


def act(source: random.Random, round_: SmallRound, people: list[DecisionLog]) -> None:
    person, id_ = source.choice(people), source.choice(IDS)
    what = source.choice(["answer"] * 6 + ["withdraw", "decide", "decide", "undo", "redo", "edit", "correct", "rule"])
    if what == "answer":
        text = source.choice([None, None, None, "renew it", "renew that"])
        commands = source.choice([None] * 6 + [start("pay")])
        say = source.choice([Say.ACCEPT, Say.ACCEPT, Say.REJECT, Say.UNSURE, None])
        round_.says(source.choice(["ann", "bob", "cem"]), say, id_, text=text, commands=commands)
    elif what == "withdraw":
        round_.says(source.choice(["ann", "bob"]), None, id_, status=Status.WITHDRAWN)
    elif what == "decide":
        person.decide([id_], source.choice(list(Decision)))
    elif what == "undo":
        person.undo()
    elif what == "redo":
        person.redo()
    elif what == "rule":
        round_.rule = source.choice(RULES)
    else:
        try:
            if what == "edit":
                person.edit(id_, source.choice(["renew it", "extend my loan"]), accept=source.random() < 0.5)
            else:
                person.correct(FIRST_STEP, source.choice([start("renew_loan"), start("extend_loan")]))
        except DecisionError:  # the step has that text, or those commands, already
            return


def check(connection: sqlite3.Connection, round_: SmallRound, people: list[DecisionLog]) -> None:
    before = connection.total_changes
    resolved = round_.resolve()
    assert connection.total_changes == before, "resolving again changed something"
    assert (resolved.changed, resolved.decided, resolved.taken_back, resolved.conflicts) == (0, 0, 0, 0)
    names = {person.reviewer for person in people}
    conflicts = 0
    for id_ in IDS:
        record, state = round_.record(id_), round_.state(id_)
        by = connection.execute(
            "SELECT d.reviewer FROM rephrasing r LEFT JOIN decision d ON d.id = r.decision_id WHERE r.id = ?", (id_,)
        ).fetchone()[0]
        (now,) = connection.execute(
            f"SELECT {OUTCOME} FROM team_record t JOIN rephrasing r ON r.id = t.rephrasing_id WHERE t.id = ?", (record.id,)
        ).fetchone()
        assert now == record.outcome, "a reader sees another outcome than was worked out"
        if record.outcome in (Outcome.ACCEPT, Outcome.REJECT):
            # of the team, or of a person who says the same, or questioned here since
            assert state.label == record.outcome or state in (State.FLAG, State.SKIP)
        elif record.outcome in (Outcome.CONFLICT, Outcome.ADJUDICATED):
            assert by in names, "a decision made here was overwritten"
        elif record.outcome in (Outcome.WAITING, Outcome.DISAGREE):
            assert by != "team" or state is State.STALE
        conflicts += record.outcome is Outcome.CONFLICT
        in_force = [one.annotator for one in answers_to(connection, record.id)]
        assert len(in_force) == len(set(in_force))
    assert sum(is_open for _, is_open in round_.conflicts()) == conflicts


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_nothing_contradicts_itself(small: sqlite3.Connection, seed: int) -> None:
    source = random.Random(seed)
    round_ = hand_out(small, IDS, overlap=source.choice([1, 2, 3]))
    people = [DecisionLog(small, "anna", "app"), DecisionLog(small, "bo", "cli")]
    for _ in range(40):
        act(source, round_, people)
        if source.random() < 0.5:
            round_.resolve()
            check(small, round_, people)
    groups = {row[0] for row in small.execute("SELECT id FROM decision_group")}
    assert groups.isdisjoint(row[0] for row in small.execute("SELECT decision_id FROM team_answer"))
    small.execute("DROP TRIGGER decision_is_never_deleted")
    small.execute("PRAGMA foreign_keys = OFF")
    small.execute("DELETE FROM decision WHERE id IN (SELECT decision_id FROM team_answer)")
    assert stored(small) == recomputed(small)


def test_resolving_all_rounds_is_resolving_each(small: sqlite3.Connection) -> None:
    source = random.Random(7)
    round_ = hand_out(small, IDS)
    for _ in range(30):
        act(source, round_, [DecisionLog(small, "anna", "app")])
    round_.resolve()
    before = small.total_changes
    assert resolve_all(small, round_.rule).changed == 0
    assert small.total_changes == before
