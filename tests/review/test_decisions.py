"""The decision log: what each action does to the derived state, and undo and redo."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from core.errors import DecisionError
from core.project import Project
from core.store import derive
from core.store.states import STATE_OF_DECISION, State
from review.decisions import DecisionLog
from review.models import Decision, Recorded
from tests.review.conftest import BUTTON, BUTTON_ID, FIRST_STEP, FIRST_STEP_IDS, SECOND_STEP, SECOND_STEP_IDS
from tests.review.small import recomputed, start, stored

UNKNOWN = (0, -1, 99, 2**63, 10**30)


def state(connection: sqlite3.Connection, id_: int = 1) -> State:
    return stored(connection).rephrasings[id_][0]


def states(connection: sqlite3.Connection) -> dict[int, str]:
    """Only of those that are not undecided."""
    found = stored(connection).rephrasings.items()
    return {id_: row[0].label for id_, row in found if row[0] is not State.UNDECIDED}


def reason(connection: sqlite3.Connection, id_: int = 1) -> str | None:
    row = connection.execute(
        "SELECT d.reason FROM rephrasing r LEFT JOIN decision d ON d.id = r.decision_id WHERE r.id = ?", (id_,)
    ).fetchone()
    return None if row[0] is None else str(row[0])


def rows(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM decision").fetchone()[0])


def shown(connection: sqlite3.Connection, id_: int) -> str:
    return str(connection.execute("SELECT coalesce(edited_text, text) FROM rephrasing WHERE id = ?", (id_,)).fetchone()[0])


# -- one decision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_is_the_state_of_its_rephrasing(small: sqlite3.Connection, anna: DecisionLog, decision: Decision) -> None:
    recorded = anna.decide([2], decision)
    assert states(small) == {2: decision.value}
    assert recorded.states == {2: STATE_OF_DECISION[decision]}
    assert (recorded.what, recorded.group_id) == (decision.value, 1)
    assert small.execute("SELECT reviewer, surface, kind, rephrasing_id, text FROM decision").fetchall() == [
        ("anna", "app", decision.value, 2, None)
    ]


def test_the_latest_decision_counts(small: sqlite3.Connection, anna: DecisionLog) -> None:
    for decision in (Decision.ACCEPT, Decision.SKIP, Decision.REJECT):
        anna.decide([1], decision)
    assert state(small) is State.REJECT
    assert rows(small) == 3


def test_a_decision_can_carry_a_reason(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT, " value changed ")
    assert reason(small) == "value changed"


@pytest.mark.parametrize("id_", UNKNOWN)
def test_an_unknown_rephrasing_is_an_error_that_names_it(small: sqlite3.Connection, anna: DecisionLog, id_: int) -> None:
    with pytest.raises(DecisionError, match=f"no rephrasing {id_} "):
        anna.decide([1, id_], Decision.ACCEPT)
    assert rows(small) == 0
    assert states(small) == {}


def test_a_rephrasing_that_left_the_project_cannot_be_decided(small: sqlite3.Connection, anna: DecisionLog) -> None:
    small.execute("UPDATE rephrasing SET active = 0 WHERE id = 1")
    with pytest.raises(DecisionError, match="rephrasing 1 is no longer part of the project"):
        anna.decide([1], Decision.ACCEPT)


def test_a_decision_on_nothing_is_an_error(anna: DecisionLog) -> None:
    with pytest.raises(DecisionError, match="nothing to decide on"):
        anna.decide([], Decision.ACCEPT)


def test_the_log_can_only_grow(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    for statement in ("UPDATE decision SET kind = 'reject'", "DELETE FROM decision"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            small.execute(statement)


# -- many at once -----------------------------------------------------------------------------------------------------


def test_a_bulk_decision_is_one_action(small: sqlite3.Connection, anna: DecisionLog) -> None:
    recorded = anna.decide([4, 2, 5], Decision.REJECT)
    assert states(small) == {2: "reject", 4: "reject", 5: "reject"}
    assert list(recorded.states) == [4, 2, 5]
    assert recorded.what == "reject ×3"
    undone = anna.undo()
    assert undone is not None
    assert undone.what == "undo of reject ×3"
    assert states(small) == {}


def test_an_id_named_twice_is_decided_once(small: sqlite3.Connection, anna: DecisionLog) -> None:
    assert anna.decide([1, 1, 2, 1], Decision.ACCEPT).what == "accept ×2"
    assert rows(small) == 2


def test_undoing_a_bulk_decision_restores_what_each_was(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.FLAG)
    anna.decide([2], Decision.SKIP)
    anna.decide([1, 2, 3], Decision.ACCEPT)
    anna.undo()
    assert states(small) == {1: "flag", 2: "skip"}


def test_decide_many_makes_an_action_of_each_row(small: sqlite3.Connection, anna: DecisionLog) -> None:
    recorded = anna.decide_many([(1, "accept", None), (2, "reject", "unnatural"), (1, "flag", None)])
    assert states(small) == {1: "flag", 2: "reject"}
    assert len({one.group_id for one in recorded}) == 3
    anna.undo()
    assert states(small) == {1: "accept", 2: "reject"}


@pytest.mark.parametrize("bad", [(99, "accept", None), (1, "approve", None), (1, "undo", None), (1, "", None)])
def test_decide_many_records_nothing_if_one_row_is_wrong(
    small: sqlite3.Connection, anna: DecisionLog, bad: tuple[int, str, str | None]
) -> None:
    with pytest.raises(DecisionError):
        anna.decide_many([(2, "accept", None), bad, (3, "accept", None)])
    assert rows(small) == 0
    assert stored(small) == recomputed(small)


# -- reasons given later ----------------------------------------------------------------------------------------------


def test_a_reason_given_later_belongs_to_the_rejection(small: sqlite3.Connection, anna: DecisionLog) -> None:
    rejected = anna.decide([1], Decision.REJECT)
    given = anna.give_reason(1, "meaning changed")
    assert (given.group_id, given.states) == (rejected.group_id, {1: State.REJECT})
    assert given.what == "reason for reject"
    assert reason(small) == "meaning changed"
    assert rows(small) == 2


def test_one_undo_takes_back_a_rejection_with_its_reason_and_one_redo_brings_back_both(
    small: sqlite3.Connection, anna: DecisionLog
) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([1], Decision.REJECT)
    anna.give_reason(1, "meaning changed")
    undone = anna.undo()
    assert undone is not None
    assert undone.what == "undo of reject"
    assert state(small) is State.ACCEPT
    anna.redo()
    assert (state(small), reason(small)) == (State.REJECT, "meaning changed")


def test_a_second_reason_replaces_the_first(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT, "unnatural")
    anna.give_reason(1, "meaning changed")
    anna.give_reason(1, "value changed")
    assert reason(small) == "value changed"
    anna.undo()
    assert states(small) == {}


def test_a_reason_for_a_bulk_rejection_is_given_to_all_of_it(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 2, 3], Decision.REJECT)
    for words in ("unnatural", "near-duplicate"):
        given = anna.give_reason(2, words)
        assert given.what == "reason for reject ×3"
    assert rows(small) == 9
    assert [reason(small, id_) for id_ in FIRST_STEP_IDS] == ["near-duplicate"] * 3 + [None]
    undone = anna.undo()
    assert undone is not None
    assert undone.what == "undo of reject ×3"


def test_a_reason_does_not_outdo_a_later_decision_of_another(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    anna.decide([1], Decision.REJECT)
    bo.decide([1], Decision.ACCEPT)
    assert anna.give_reason(1, "unnatural").states == {1: State.ACCEPT}
    bo.undo()
    assert (state(small), reason(small)) == (State.REJECT, "unnatural")


def test_a_reason_keeps_what_can_be_redone(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    anna.decide([1], Decision.ACCEPT)
    anna.undo()
    anna.give_reason(1, "unnatural")
    anna.redo()
    assert state(small) is State.ACCEPT


def test_a_reason_does_not_make_a_stale_rejection_valid_again(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    anna.decide([1], Decision.REJECT)
    bo.correct(FIRST_STEP, start("reserve_item"))
    assert anna.give_reason(1, "unnatural").states == {1: State.STALE}


@pytest.mark.parametrize("words", ["", "   "])
def test_an_empty_reason_is_an_error(anna: DecisionLog, words: str) -> None:
    anna.decide([1], Decision.REJECT)
    with pytest.raises(DecisionError, match="reason is empty"):
        anna.give_reason(1, words)


@pytest.mark.parametrize("decisions", [[], ["accept"], ["reject", "accept"]])
def test_only_a_rejection_in_force_takes_a_reason(anna: DecisionLog, decisions: list[str]) -> None:
    anna.decide_many([(1, name, None) for name in decisions])
    with pytest.raises(DecisionError, match="you have not rejected rephrasing 1"):
        anna.give_reason(1, "unnatural")


def test_an_undone_rejection_takes_no_reason(anna: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    anna.undo()
    with pytest.raises(DecisionError, match="you have not rejected"):
        anna.give_reason(1, "unnatural")


def test_nobody_gives_reasons_for_another(anna: DecisionLog, bo: DecisionLog) -> None:
    anna.decide([1], Decision.REJECT)
    with pytest.raises(DecisionError, match="you have not rejected"):
        bo.give_reason(1, "unnatural")


@pytest.mark.parametrize("id_", UNKNOWN)
def test_a_reason_for_an_unknown_rephrasing_is_an_error(anna: DecisionLog, id_: int) -> None:
    with pytest.raises(DecisionError, match="no rephrasing"):
        anna.give_reason(id_, "unnatural")


# -- edits ------------------------------------------------------------------------------------------------------------


def test_an_edit_keeps_the_ingested_text_and_is_accepted(small: sqlite3.Connection, anna: DecisionLog) -> None:
    recorded = anna.edit(3, "  please extend my loan ")
    assert small.execute("SELECT text, edited_text FROM rephrasing WHERE id = 3").fetchone() == (
        "return my book",
        "please extend my loan",
    )
    assert (recorded.what, recorded.rephrasing_id, recorded.states) == ("edit", 3, {3: State.ACCEPT})


def test_one_undo_takes_back_an_edit_with_its_acceptance(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([3], Decision.REJECT)
    anna.edit(3, "please extend my loan")
    anna.edit(3, "extend my loan")
    anna.undo()
    assert (shown(small, 3), state(small, 3)) == ("please extend my loan", State.ACCEPT)
    anna.undo()
    assert (shown(small, 3), state(small, 3)) == ("return my book", State.REJECT)
    anna.redo()
    assert (shown(small, 3), state(small, 3)) == ("please extend my loan", State.ACCEPT)


def test_an_edit_back_to_the_ingested_text_is_no_edit(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(3, "please extend my loan")
    anna.edit(3, "return my book")
    assert small.execute("SELECT edited_text FROM rephrasing WHERE id = 3").fetchone() == (None,)
    assert state(small, 3) is State.ACCEPT


def test_a_decision_holds_for_the_wording_it_was_made_on(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    bo.decide([3], Decision.ACCEPT)
    anna.edit(3, "please extend my loan", accept=False)
    assert state(small, 3) is State.STALE
    anna.undo()
    assert state(small, 3) is State.ACCEPT


def test_accepting_an_edit_does_not_accept_what_it_replaced(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    anna.edit(3, "please extend my loan")
    bo.decide([3], Decision.ACCEPT)
    anna.undo()
    assert (shown(small, 3), state(small, 3)) == ("return my book", State.STALE)


def test_an_edit_without_acceptance_of_an_undecided_one_leaves_it_undecided(
    small: sqlite3.Connection, anna: DecisionLog
) -> None:
    assert anna.edit(3, "please extend my loan", accept=False).states == {3: State.UNDECIDED}


TEXT_ERRORS = [
    ("", "cannot be empty"),
    (" \n ", "cannot be empty"),
    ("renew the book I have", "already has this text"),
    ("I want to renew my book", "already has this text"),
    ("half \ud83d a smile", "half a character"),
]


@pytest.mark.parametrize(("text", "words"), TEXT_ERRORS)
def test_a_text_that_is_empty_or_there_already_is_refused(
    small: sqlite3.Connection, anna: DecisionLog, text: str, words: str
) -> None:
    with pytest.raises(DecisionError, match=words):
        anna.edit(3, text)
    with pytest.raises(DecisionError, match=words):
        anna.add(FIRST_STEP, text)
    assert rows(small) == 0


def test_a_text_counts_as_there_in_its_edited_wording_only(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(3, "please extend my loan")
    with pytest.raises(DecisionError, match="already has this text"):
        anna.edit(4, "please extend my loan")
    anna.edit(4, "return my book")
    assert shown(small, 4) == "return my book"


@pytest.mark.parametrize("id_", UNKNOWN)
def test_an_unknown_rephrasing_cannot_be_edited(anna: DecisionLog, id_: int) -> None:
    with pytest.raises(DecisionError, match="no rephrasing"):
        anna.edit(id_, "please extend my loan")


# -- added by hand ----------------------------------------------------------------------------------------------------


def test_a_rephrasing_added_by_hand_is_accepted_and_comes_last(small: sqlite3.Connection, anna: DecisionLog) -> None:
    recorded = anna.add(FIRST_STEP, " keep my book longer ")
    assert recorded.rephrasing_id is not None
    assert (recorded.what, recorded.step_id, recorded.states) == ("add", FIRST_STEP, {8: State.ACCEPT})
    assert small.execute("SELECT text, position, ordinal, source_id, active FROM rephrasing WHERE id = 8").fetchone() == (
        "keep my book longer", 5, 1, None, 1,
    )  # fmt: skip


def test_undo_removes_what_was_added_and_redo_brings_it_back(small: sqlite3.Connection, anna: DecisionLog) -> None:
    id_ = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id or 0
    undone = anna.undo()
    assert undone is not None
    assert (undone.what, undone.rephrasing_id, undone.step_id) == ("undo of add", id_, FIRST_STEP)
    assert stored(small).rephrasings[id_] == (State.UNDECIDED, None, None, False)
    with pytest.raises(DecisionError, match="its adding was undone"):
        anna.decide([id_], Decision.ACCEPT)
    anna.redo()  # the refused decision changed nothing
    assert stored(small).rephrasings[id_][3]
    assert state(small, id_) is State.ACCEPT


def test_what_was_added_keeps_the_decisions_of_others_through_undo_and_redo(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    id_ = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id or 0
    bo.edit(id_, "let me keep my book longer", accept=False)
    bo.decide([id_], Decision.FLAG)
    anna.undo()
    anna.redo()
    assert (shown(small, id_), state(small, id_)) == ("let me keep my book longer", State.FLAG)


def test_a_text_whose_adding_was_undone_can_be_added_again(small: sqlite3.Connection, anna: DecisionLog) -> None:
    first = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id
    anna.undo()
    second = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id
    assert first != second
    assert stored(small) == recomputed(small)


def test_nothing_is_added_to_a_button(anna: DecisionLog) -> None:
    with pytest.raises(DecisionError, match="button's message is never rephrased"):
        anna.add(BUTTON, "yes please")


@pytest.mark.parametrize("step", UNKNOWN)
@pytest.mark.parametrize("act", [DecisionLog.add, DecisionLog.correct])
def test_an_unknown_step_is_an_error(anna: DecisionLog, act: Callable[[DecisionLog, int, str], Recorded], step: int) -> None:
    with pytest.raises(DecisionError, match="no user step"):
        act(anna, step, start("x"))


def test_a_step_that_left_the_project_is_unknown(small: sqlite3.Connection, anna: DecisionLog) -> None:
    small.execute("UPDATE user_step SET active = 0 WHERE id = ?", (FIRST_STEP,))
    with pytest.raises(DecisionError, match="no user step 1"):
        anna.correct(FIRST_STEP, start("reserve_item"))


def test_what_was_added_to_a_step_that_left_stays_out_through_undo_and_redo(
    small: sqlite3.Connection, anna: DecisionLog
) -> None:
    id_ = anna.add(FIRST_STEP, "keep my book longer").rephrasing_id or 0
    small.execute("UPDATE user_step SET active = 0 WHERE id = ?", (FIRST_STEP,))
    small.execute("UPDATE rephrasing SET active = 0 WHERE step_id = ?", (FIRST_STEP,))
    anna.undo()
    anna.redo()
    assert not stored(small).rephrasings[id_][3]


# -- corrected commands -----------------------------------------------------------------------------------------------


def verdicts_stale(connection: sqlite3.Connection) -> list[int]:
    return [
        row[0]
        for row in connection.execute(
            "SELECT r.id FROM rephrasing r JOIN user_step s ON s.id = r.step_id JOIN verdict v ON v.id = r.verdict_id"
            " WHERE v.basis <> s.basis ORDER BY r.id"
        )
    ]


def flows(connection: sqlite3.Connection) -> list[str]:
    return [flow for (flow,) in connection.execute("SELECT flow FROM step_flow WHERE step_id = 1 AND origin = 'commands'")]


def test_a_correction_makes_verdicts_and_decisions_under_its_step_stale(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 2, 5], Decision.ACCEPT)
    recorded = anna.correct(FIRST_STEP, start("reserve_item"))
    assert states(small) == {1: "stale", 2: "stale", 5: "accept"}
    assert verdicts_stale(small) == [1, 2, 3, 4]
    assert flows(small) == ["reserve_item"]
    assert recorded.step_id == FIRST_STEP
    assert recorded.states == {1: State.STALE, 2: State.STALE, 3: State.UNDECIDED, 4: State.UNDECIDED}


def test_undo_of_a_correction_brings_verdicts_decisions_and_flows_back(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1, 2], Decision.ACCEPT)
    before = stored(small)
    anna.correct(FIRST_STEP, start("reserve_item"))
    after = stored(small)
    undone = anna.undo()
    assert undone is not None
    assert (undone.what, undone.step_id, undone.states[1]) == ("undo of correct", FIRST_STEP, State.ACCEPT)
    assert (stored(small).rephrasings, stored(small).steps, stored(small).flows) == (
        before.rephrasings, before.steps, before.flows,
    )  # fmt: skip
    assert verdicts_stale(small) == []
    anna.redo()
    assert stored(small) == after


def test_undo_of_a_correction_brings_back_what_was_decided_again_meanwhile(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    bo.decide([1], Decision.ACCEPT)
    anna.correct(FIRST_STEP, start("reserve_item"))
    bo.decide([1, 2], Decision.REJECT)
    anna.undo()
    assert states(small) == {1: "accept", 2: "stale"}
    anna.redo()
    assert states(small) == {1: "reject", 2: "reject"}


def test_a_step_without_commands_can_be_given_some_and_one_with_commands_none(
    small: sqlite3.Connection, anna: DecisionLog
) -> None:
    anna.correct(SECOND_STEP, start("reserve_item"))
    anna.correct(FIRST_STEP, "[]")
    assert [row[0] for row in stored(small).steps.values()][:2] == ["[]", start("reserve_item")]
    assert flows(small) == []


def test_the_later_of_two_corrections_counts_until_it_is_undone(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    anna.correct(FIRST_STEP, start("reserve_item"))
    bo.correct(FIRST_STEP, start("pay_fine"))
    anna.undo()
    assert flows(small) == ["pay_fine"]
    anna.redo()
    assert flows(small) == ["pay_fine"]
    bo.undo()
    assert flows(small) == ["reserve_item"]


def test_correcting_back_to_what_the_file_says_is_a_correction_too(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.correct(FIRST_STEP, start("reserve_item"))
    anna.correct(FIRST_STEP, start("renew_loan"))
    assert states(small) == {1: "accept"}
    anna.undo()
    assert states(small) == {1: "stale"}


def test_a_correction_that_changes_nothing_is_refused(small: sqlite3.Connection, anna: DecisionLog) -> None:
    with pytest.raises(DecisionError, match="commands already"):
        anna.correct(FIRST_STEP, start("renew_loan"))
    assert rows(small) == 0


def test_a_button_carries_no_commands_to_correct(anna: DecisionLog) -> None:
    with pytest.raises(DecisionError, match="no commands of its own"):
        anna.correct(BUTTON, start("reserve_item"))


def test_a_correction_ends_when_its_file_gives_other_commands(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.correct(FIRST_STEP, start("reserve_item"))
    small.execute("UPDATE user_step SET ingested_commands = ? WHERE id = ?", (start("pay_fine"), FIRST_STEP))
    derive.steps(small, [FIRST_STEP])
    assert flows(small) == ["pay_fine"]
    small.execute("UPDATE user_step SET ingested_commands = ? WHERE id = ?", (start("renew_loan"), FIRST_STEP))
    derive.steps(small, [FIRST_STEP])
    assert flows(small) == ["reserve_item"]


def test_a_decision_made_after_a_correction_is_not_stale(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.correct(FIRST_STEP, start("reserve_item"))
    anna.decide([1], Decision.ACCEPT)
    assert states(small) == {1: "accept"}


# -- undo and redo ----------------------------------------------------------------------------------------------------


def test_there_is_nothing_to_undo_or_redo_at_first(anna: DecisionLog) -> None:
    assert anna.undo() is None
    assert anna.redo() is None


def _one_of_each(log: DecisionLog) -> int:
    """Returns how many actions these are."""
    log.decide([1], Decision.ACCEPT)
    log.decide([1, 2], Decision.REJECT)
    log.give_reason(1, "unnatural")
    log.edit(3, "please extend my loan")
    log.add(FIRST_STEP, "keep my book longer")
    log.correct(FIRST_STEP, start("reserve_item"))
    log.decide([4, 5], Decision.SKIP)
    log.decide([BUTTON_ID], Decision.FLAG)
    return 7


def test_undo_goes_back_to_the_beginning_and_redo_to_the_end(small: sqlite3.Connection, anna: DecisionLog) -> None:
    beginning = stored(small)
    actions = _one_of_each(anna)
    end = stored(small)
    assert [anna.undo() is not None for _ in range(actions + 1)] == [True] * actions + [False]
    assert stored(small).steps == beginning.steps
    assert {i: row for i, row in stored(small).rephrasings.items() if row[3]} == beginning.rephrasings
    assert [anna.redo() is not None for _ in range(actions + 1)] == [True] * actions + [False]
    assert stored(small) == end == recomputed(small)


def test_undo_and_redo_cross_a_restart(small_project: Project) -> None:
    for turn in (None, *[DecisionLog.undo] * 7, *[DecisionLog.redo] * 7):
        connection = small_project.open()
        log = DecisionLog(connection, "anna", "app")
        if turn is None:
            _one_of_each(log)
            end = stored(connection)
        else:
            assert turn(log) is not None
            assert stored(connection) == recomputed(connection)
        connection.close()
    connection = small_project.open()
    assert stored(connection) == end
    connection.close()


def test_redo_brings_back_actions_in_the_order_they_were_made(small: sqlite3.Connection, anna: DecisionLog) -> None:
    for decision in (Decision.ACCEPT, Decision.REJECT, Decision.FLAG):
        anna.decide([1], decision)
    for _ in range(3):
        anna.undo()
    seen = []
    while anna.redo() is not None:
        seen.append(state(small))
    assert seen == [State.ACCEPT, State.REJECT, State.FLAG]


def test_a_new_action_ends_what_can_be_redone(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([2], Decision.ACCEPT)
    anna.undo()
    anna.decide([3], Decision.SKIP)
    assert anna.redo() is None
    assert states(small) == {1: "accept", 3: "skip"}


def test_undo_passes_over_what_can_no_longer_be_redone(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.decide([2], Decision.ACCEPT)
    anna.undo()
    anna.decide([3], Decision.SKIP)
    anna.undo()
    anna.undo()
    assert states(small) == {}
    assert anna.undo() is None


def test_an_action_that_failed_keeps_what_can_be_redone(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.undo()
    with pytest.raises(DecisionError):
        anna.edit(1, "")
    with pytest.raises(DecisionError):
        anna.correct(FIRST_STEP, start("renew_loan"))
    assert anna.redo() is not None
    assert states(small) == {1: "accept"}


def test_undo_takes_back_only_the_reviewers_own_actions(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    bo.decide([2], Decision.REJECT)
    anna.undo()
    assert states(small) == {2: "reject"}
    assert anna.undo() is None
    assert bo.redo() is None


def test_the_action_of_another_keeps_what_can_be_redone(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    anna.decide([1], Decision.ACCEPT)
    anna.undo()
    bo.decide([2], Decision.REJECT)
    anna.redo()
    assert states(small) == {1: "accept", 2: "reject"}


def test_of_two_reviewers_on_one_rephrasing_the_later_counts(
    small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    anna.decide([1], Decision.ACCEPT)
    bo.decide([1], Decision.REJECT)
    assert state(small) is State.REJECT
    undone = anna.undo()
    assert undone is not None
    assert undone.states == {1: State.REJECT}
    anna.redo()
    assert state(small) is State.REJECT
    bo.undo()
    assert state(small) is State.ACCEPT


def test_one_reviewer_in_two_places_shares_one_history(small: sqlite3.Connection, anna: DecisionLog) -> None:
    elsewhere = DecisionLog(small, "anna", "cli")
    anna.decide([1], Decision.ACCEPT)
    elsewhere.decide([2], Decision.ACCEPT)
    anna.undo()
    assert states(small) == {1: "accept"}
    elsewhere.redo()
    assert states(small) == {1: "accept", 2: "accept"}


def test_the_states_an_action_reports_are_those_stored(small: sqlite3.Connection, anna: DecisionLog) -> None:
    _one_of_each(anna)
    while (undone := anna.undo()) is not None:
        assert undone.states == {id_: stored(small).rephrasings[id_][0] for id_ in undone.states}


def test_an_interrupted_action_leaves_no_trace(
    small: sqlite3.Connection, anna: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.decide([1], Decision.ACCEPT)
    before, logged = stored(small), rows(small)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(derive, "rephrasings", interrupt)
    for act in (lambda: anna.decide([2], Decision.ACCEPT), anna.undo, lambda: anna.edit(3, "please extend my loan")):
        with pytest.raises(KeyboardInterrupt):
            act()
    assert (stored(small), rows(small)) == (before, logged)


def test_deriving_again_changes_nothing(small: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog) -> None:
    _one_of_each(anna)
    bo.decide([*FIRST_STEP_IDS, *SECOND_STEP_IDS], Decision.ACCEPT)
    before = stored(small)
    derive.steps(small, [FIRST_STEP, SECOND_STEP, BUTTON])
    derive.rephrasings(small, before.rephrasings)
    assert stored(small) == before == recomputed(small)
