"""Which rephrasings go to the team, and under which ids."""

from __future__ import annotations

import sqlite3

import pytest

from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.team.choosing import choose, external_id
from review.team.models import Say
from tests.review.conftest import BUTTON_ID, FIRST_STEP
from tests.review.small import start
from tests.review.team.small_round import hand_out


@pytest.fixture(autouse=True)
def scores(small: sqlite3.Connection) -> None:
    """The verdict of 4 is ambiguous; 7 is of a button."""
    for id_, score in ((1, 0.2), (2, 0.6), (3, 0.9), (5, 0.6), (BUTTON_ID, 1.0)):
        score_it(small, id_, score)


def score_it(connection: sqlite3.Connection, id_: int, score: float) -> None:
    connection.execute("INSERT OR REPLACE INTO ambiguity VALUES (?, ?, '[]', '-')", (id_, score))


def chosen(connection: sqlite3.Connection, threshold: float = 0.5, filter_: str = "", limit: int | None = None) -> list[int]:
    found = choose(connection, threshold=threshold, filter_=parse_filter(filter_), limit=limit)
    return [one.rephrasing_id for one in found]


def test_the_uncertain_and_the_ambiguous_most_uncertain_first(small: sqlite3.Connection) -> None:
    assert chosen(small) == [2, 5, 3, 4]
    assert chosen(small, threshold=0.9) == [3, 4]
    assert chosen(small, limit=2) == [2, 5]


def test_what_is_flagged_goes_first_whatever_its_score(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 6], Decision.FLAG)
    assert chosen(small) == [1, 6, 2, 5, 3, 4]


def test_what_is_decided_here_does_not(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([3], Decision.ACCEPT)
    anna.decide([4], Decision.REJECT)
    anna.decide([2], Decision.SKIP)
    assert chosen(small) == [2, 5]


def test_an_ambiguous_verdict_on_other_words_does_not_count(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(4, "renew, again", accept=False)
    assert chosen(small) == [2, 5, 3]


def test_a_filter_narrows_it(small: sqlite3.Connection) -> None:
    assert chosen(small, filter_="flow:renew_loan -verdict:different") == [2, 4]


def test_what_is_not_part_of_the_project_does_not(small: sqlite3.Connection) -> None:
    small.execute("UPDATE rephrasing SET active = 0 WHERE id = 3")
    small.execute("UPDATE user_step SET active = 0 WHERE id = 2")
    assert chosen(small) == [2, 4]


def test_a_record_says_what_is_handed_out(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(3, "extend my loan", accept=False)
    record = choose(small, threshold=0.9)[0]
    (basis,) = small.execute("SELECT basis FROM user_step WHERE id = ?", (FIRST_STEP,)).fetchone()
    assert (record.rephrasing_id, record.text, record.basis, record.score) == (3, "extend my loan", basis, 0.9)


# -- what the team has already ----------------------------------------------------------------------------------------


def test_what_the_team_has_does_not_go_again(small: sqlite3.Connection, anna: DecisionLog) -> None:
    round_ = hand_out(small, [2, 3, 4])
    assert chosen(small) == [5]
    round_.all_say({"ann": Say.ACCEPT, "bob": Say.REJECT}, 3)
    assert chosen(small) == [5]  # to be decided here


def test_it_goes_again_in_other_words_or_with_other_commands(small: sqlite3.Connection, anna: DecisionLog) -> None:
    hand_out(small, [2, 3, 5])
    anna.edit(2, "extend what I have", accept=False)
    assert chosen(small) == [2, 4]
    anna.correct(FIRST_STEP, start("extend_loan"))
    assert chosen(small) == [2, 3]  # and the verdict of 4 was on the old commands


def test_it_goes_again_when_it_is_flagged_after_the_answers(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([2], Decision.FLAG)
    round_ = hand_out(small, [2, 3])
    round_.all_say({"ann": Say.ACCEPT, "bob": Say.REJECT}, 2)
    round_.all_say({"ann": Say.REJECT, "bob": Say.REJECT}, 3)
    assert chosen(small) == [5, 4]
    anna.decide([2, 3], Decision.FLAG)
    assert chosen(small) == [2, 3, 5, 4]
    hand_out(small, [2], name="round-2")
    assert chosen(small) == [3, 5, 4]


def test_a_flag_does_not_send_it_again_while_the_team_answers(small: sqlite3.Connection, anna: DecisionLog) -> None:
    hand_out(small, [2])
    anna.decide([2], Decision.FLAG)
    assert chosen(small) == [5, 3, 4]


def test_a_step_that_has_a_text_twice_is_asked_about_once(small: sqlite3.Connection) -> None:
    small.execute("UPDATE rephrasing SET text = 'return my book' WHERE id = 2")
    assert chosen(small) == [2, 5, 4]


# -- external ids -----------------------------------------------------------------------------------------------------


def test_an_external_id_is_the_same_everywhere() -> None:
    """Written down: rounds that are on a server are found again by it."""
    assert external_id("e2e_tests/loans.yml", "renew a loan", 1, "key", "renew it", "basis") == "r-1fd99756d8ab3e53"


@pytest.mark.parametrize("place", range(6))
def test_an_external_id_tells_everything_apart(place: int) -> None:
    parts: list[str | int] = ["file", "test", 1, "key", "text", "basis"]
    changed = [*parts[:place], 2 if place == 2 else "other", *parts[place + 1 :]]
    assert external_id(*parts) != external_id(*changed)  # type: ignore[arg-type]


def test_the_ids_of_a_project_are_all_different(small: sqlite3.Connection) -> None:
    found = choose(small, threshold=0)
    assert len({one.external_id for one in found}) == len(found) == 5
