"""What waits for a person: what is open, and what the team leaves to somebody here."""

from __future__ import annotations

import sqlite3

import pytest

from review import queue
from review.decisions import DecisionLog
from review.filters import Filter, parse_filter
from review.models import Decision
from review.team.models import Say
from tests.review.team.small_round import SmallRound, hand_out


@pytest.fixture
def contested(small: sqlite3.Connection, anna: DecisionLog) -> SmallRound:
    """All is decided here; the team says otherwise of 1, the same of 2, and disagrees on 3."""
    everything = [int(id_) for (id_,) in small.execute("SELECT id FROM rephrasing")]
    anna.decide(everything, Decision.ACCEPT)
    round_ = hand_out(small, [1, 2, 3])
    for id_, says in ((1, (Say.REJECT, Say.REJECT)), (2, (Say.ACCEPT, Say.ACCEPT)), (3, (Say.ACCEPT, Say.REJECT))):
        round_.all_say(dict(zip(("ann", "bob"), says, strict=True)), id_)
    return round_


def waiting(connection: sqlite3.Connection, text: str = "") -> list[int]:
    return list(queue.load(connection, Filter(parse_filter(text).terms, waiting=True)).ids)


def test_what_is_open_waits(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([2], Decision.SKIP)
    anna.decide([3], Decision.FLAG)
    assert waiting(small) == [id_ for id_ in queue.load(small).ids if id_ not in (1, 2, 3)]


def test_conflicts_and_disagreements_wait_though_they_are_decided(small: sqlite3.Connection, contested: SmallRound) -> None:
    assert waiting(small) == [1, 3]
    assert waiting(small, "team:conflict") == [1]
    assert waiting(small, "team:disagree") == [3]
    assert waiting(small, "state:open") == []


@pytest.mark.parametrize("decision", list(Decision))
def test_once_a_person_has_said_something_knowing_the_answers_it_waits_no_longer(
    small: sqlite3.Connection, contested: SmallRound, anna: DecisionLog, decision: Decision
) -> None:
    anna.decide([1, 3], decision)
    assert waiting(small) == []
    anna.undo()
    assert waiting(small) == [1, 3]
