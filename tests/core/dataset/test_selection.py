"""Which rephrasings are exported: every combination of mode, decision and verdict, as a table and in a real project."""

from __future__ import annotations

from contextlib import closing
from itertools import product

import pytest

from core.commands import Dialect
from core.dataset.selection import LeftOutBecause as Why
from core.dataset.selection import Rephrasings, why_left_out, why_row_left_out
from core.project import Project
from core.store.states import State
from core.store.stored_commands import to_stored
from review.decisions import DecisionLog
from review.models import Decision
from tests.core.pipeline.small import REPHRASINGS, decide, put, query, take, talk, use_template, write_all, write_out, written

VALIDATED, ACCEPTED, NONE = Rephrasings.VALIDATED, Rephrasings.ACCEPTED, Rephrasings.NONE


@pytest.mark.parametrize(
    ("mode", "state", "verdict", "stale", "edited", "why"),
    [
        # a person's decision goes first
        (VALIDATED, State.ACCEPT, "same", False, False, None),
        (VALIDATED, State.ACCEPT, "different", False, False, None),
        (VALIDATED, State.ACCEPT, None, False, True, None),
        (VALIDATED, State.REJECT, "same", False, False, Why.REJECTED),
        (VALIDATED, State.FLAG, "same", False, False, Why.FLAGGED),
        # else the machine's
        (VALIDATED, State.UNDECIDED, "same", False, False, None),
        (VALIDATED, State.SKIP, "same", False, False, None),
        (VALIDATED, State.STALE, "same", False, False, None),
        (VALIDATED, State.UNDECIDED, "different", False, False, Why.DIFFERENT),
        (VALIDATED, State.UNDECIDED, "ambiguous", False, False, Why.AMBIGUOUS),
        (VALIDATED, State.UNDECIDED, None, False, False, Why.NO_VERDICT),
        (VALIDATED, State.UNDECIDED, "same", True, False, Why.STALE),
        (VALIDATED, State.UNDECIDED, "same", False, True, Why.NO_VERDICT),
        # only a person's
        (ACCEPTED, State.ACCEPT, "different", True, True, None),
        (ACCEPTED, State.UNDECIDED, "same", False, False, Why.NOT_ACCEPTED),
        (ACCEPTED, State.SKIP, "same", False, False, Why.NOT_ACCEPTED),
        (ACCEPTED, State.STALE, "same", False, False, Why.STALE),
        (ACCEPTED, State.REJECT, "same", False, False, Why.REJECTED),
        (ACCEPTED, State.FLAG, "same", False, False, Why.FLAGGED),
        # nobody's
        (NONE, State.ACCEPT, "same", False, False, Why.NOT_WANTED),
        (NONE, State.REJECT, "same", False, False, Why.REJECTED),
        (NONE, State.FLAG, "same", False, False, Why.FLAGGED),
        (NONE, State.UNDECIDED, "same", False, False, Why.NOT_WANTED),
    ],
)
def test_table(mode: Rephrasings, state: State, verdict: str | None, stale: bool, edited: bool, why: Why | None) -> None:
    assert why_left_out(mode, state, verdict, verdict_stale=stale, reworded=edited) == why
    assert why_row_left_out(mode, int(state), verdict, int(stale), int(edited)) == why


def test_what_never_goes_out_and_what_always_does() -> None:
    for mode, state, verdict, stale, edited in product(
        Rephrasings, State, (None, "same", "different", "ambiguous"), (False, True), (False, True)
    ):
        out = why_left_out(mode, state, verdict, verdict_stale=stale, reworded=edited) is None
        assert not (out and (mode is NONE or state in (State.REJECT, State.FLAG)))
        if state is State.ACCEPT:
            assert out == (mode is not NONE)
        elif out:
            assert (mode, verdict, stale, edited) == (VALIDATED, "same", False, False)


@pytest.fixture
def small(project: Project) -> Project:
    """Two steps; the verdicts of their rephrasings: same, same, different; same."""
    write_all(project)
    project = use_template(project)
    take(project)
    return project


def _messages(project: Project) -> list[str]:
    return sorted({talk(row).split(" ## ")[1] for row in written(project)} - {"two tickets to the island", "next Friday"})


PAIR, TWICE, ONE, FRIDAY = (
    "I need a pair of island tickets",
    "the island, twice please",
    "one ticket to the island",
    "on Friday",
)


@pytest.mark.parametrize(
    ("mode", "expected", "left_out"),
    [
        ("validated", [ONE, TWICE], {Why.REJECTED: 1, Why.FLAGGED: 1}),
        ("accepted", [ONE], {Why.NOT_ACCEPTED: 1, Why.REJECTED: 1, Why.FLAGGED: 1}),
        ("none", [], {Why.NOT_WANTED: 2, Why.REJECTED: 1, Why.FLAGGED: 1}),
    ],
)
def test_modes_in_a_project(small: Project, mode: str, expected: list[str], left_out: dict[Why, int]) -> None:
    decide(small, "accept", ONE)
    decide(small, "reject", PAIR)
    decide(small, "flag", FRIDAY)
    summary = write_out(small, rephrasings=mode)
    assert _messages(small) == sorted(expected)
    assert summary.rephrasings["left_out"] == {why.value: count for why, count in left_out.items()}
    assert summary.rephrasings["used"] == len(expected)


def test_an_accepted_edit_is_exported_and_counted_as_unvalidated(small: Project) -> None:
    (id_,) = query(small, "SELECT id FROM rephrasing WHERE text = ?", FRIDAY)[0]
    with closing(small.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "on a Friday")
    summary = write_out(small)
    assert "on a Friday" in _messages(small)
    assert FRIDAY not in _messages(small)
    assert summary.rephrasings["unvalidated"] == 1


def test_an_edit_nobody_accepted_stays_out_whatever_the_verdict_on_the_old_words(small: Project) -> None:
    (id_,) = query(small, "SELECT id FROM rephrasing WHERE text = ?", FRIDAY)[0]
    with closing(small.open()) as connection:
        DecisionLog(connection, "tester", "test").edit(id_, "on a Friday", accept=False)
    assert write_out(small).rephrasings["left_out"][Why.NO_VERDICT.value] == 1
    assert "on a Friday" not in _messages(small)


def test_a_rephrasing_added_by_hand_is_exported_and_counted_as_unvalidated(small: Project) -> None:
    with closing(small.open()) as connection:
        DecisionLog(connection, "tester", "test").add(2, "Friday, as always")
    assert write_out(small, rephrasings="accepted").rephrasings["unvalidated"] == 1
    assert _messages(small) == ["Friday, as always"]


def test_an_undone_decision_counts_no_more(small: Project) -> None:
    decide(small, "reject", FRIDAY)
    with closing(small.open()) as connection:
        DecisionLog(connection, "tester", "test").undo()
    write_out(small)
    assert FRIDAY in _messages(small)


def test_after_a_correction_neither_verdict_nor_decision_counts(small: Project) -> None:
    decide(small, "accept", FRIDAY)
    with closing(small.open()) as connection:
        log = DecisionLog(connection, "tester", "test")
        log.correct(2, to_stored(("cancel flow",), Dialect.V2)[0])
        for mode in ("validated", "accepted"):
            summary = write_out(small, rephrasings=mode)
            assert FRIDAY not in _messages(small)
            assert summary.rephrasings["left_out"][Why.STALE.value] == 1
        log.undo()
    write_out(small, rephrasings="accepted")
    assert _messages(small) == [FRIDAY]


@pytest.mark.parametrize(("decision", "is_out"), [("accept", True), ("skip", True), ("reject", False), ("flag", False)])
def test_a_new_verdict_does_not_overrule_a_rejection_that_waits_to_be_made_again(
    small: Project, decision: str, is_out: bool
) -> None:
    """The file has other commands now, and says that the rephrasing fits those."""
    decide(small, decision, FRIDAY)
    put(small, "rephrasings/tickets.yml", REPHRASINGS.replace("set slot travel_day Friday", "set slot travel_day next Friday"))
    assert query(small, "SELECT state FROM rephrasing WHERE text = ?", FRIDAY) == [(int(State.STALE),)]
    summary = write_out(small)
    assert (FRIDAY in _messages(small)) == is_out
    assert summary.rephrasings["left_out"].get(Why.STALE.value, 0) == (not is_out)


def test_an_accepted_rephrasing_of_a_step_without_data_points_is_counted(small: Project) -> None:
    put(small, "rephrasings/tickets.yml", REPHRASINGS.replace("set slot travel_day Friday", "whatever"))
    decide(small, "accept", FRIDAY)
    summary = write_out(small)
    assert summary.rephrasings["left_out"][Why.STEP.value] == 1


def test_an_edited_text_that_was_judged_counts_by_its_verdict(small: Project) -> None:
    """Only the verdict on the wording in force counts: none, then one on the edit, then none again."""
    ((id_, basis),) = query(
        small, "SELECT r.id, s.basis FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.text = 'on Friday'"
    )
    with closing(small.open()) as connection:
        log = DecisionLog(connection, "tester", "test")
        log.edit(id_, "make it Friday")
        log.decide([id_], Decision.SKIP)  # so that no person stands for it
        assert write_out(small).rephrasings["left_out"][Why.NO_VERDICT.value] == 1
        (verdict_id,) = connection.execute(
            "INSERT INTO verdict (rephrasing_id, verdict, basis, judged_text) VALUES (?, 'same', ?, 'make it Friday')"
            " RETURNING id",
            (id_, basis),
        ).fetchone()
        connection.execute("UPDATE rephrasing SET verdict = 'same', verdict_id = ? WHERE id = ?", (verdict_id, id_))
        assert write_out(small).rephrasings["left_out"].get(Why.NO_VERDICT.value, 0) == 0
        assert any(message.endswith("make it Friday") for message in _messages(small))
        log.edit(id_, "on Friday")
        log.decide([id_], Decision.SKIP)
        assert write_out(small).rephrasings["left_out"][Why.NO_VERDICT.value] == 1
