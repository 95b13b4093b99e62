"""Scores as they are stored: made where they are missing, made anew where something has changed, and nowhere else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import pytest

from core.store.states import State
from core.team_settings import DEFAULT_THRESHOLD
from review import scores
from review.ambiguity import RULES_VERSION, Ambiguity, Evidence, Opinion, assess
from review.ambiguity_evidence import Waiting, read_waiting, steps_waiting
from review.decisions import DecisionLog
from review.models import Decision
from review.scores import for_the_team, refresh, scored
from review.team.models import Say, Status
from tests.review.conftest import FIRST_STEP, FIRST_STEP_IDS, SECOND_STEP, SECOND_STEP_IDS, in_memory
from tests.review.small import Step, add_conversation, start
from tests.review.team.small_round import hand_out

EVERY_ID = (*FIRST_STEP_IDS, *SECOND_STEP_IDS, 7)
AMBIGUOUS = 4


@pytest.fixture
def up_to_date(small: sqlite3.Connection) -> sqlite3.Connection:
    assert refresh(small) == len(EVERY_ID)
    return small


def evidence(connection: sqlite3.Connection) -> dict[int, Evidence]:
    """Of all that waits."""
    steps, _ = steps_waiting(connection)
    return {one.rephrasing_id: one.evidence for one in read_waiting(connection, steps)}


def waiting(connection: sqlite3.Connection) -> list[int]:
    return sorted(evidence(connection))


def score(connection: sqlite3.Connection, rephrasing_id: int) -> float:
    found = scored(connection, rephrasing_id)
    assert found is not None
    return found.score


def add_verdict(
    connection: sqlite3.Connection, rephrasing_id: int, verdict: str, *reasons: str, mode: str | None = "strict"
) -> None:
    """As the validation stage does; `mode` None: as a file does."""
    run_id = None
    if mode is not None:
        run_id = connection.execute(
            "INSERT INTO stage_run (stage, at, reviewer, parameters) VALUES ('validate', '', '', ?)",
            (json.dumps({"mode": mode}),),
        ).lastrowid
    (verdict_id,) = connection.execute(
        "INSERT INTO verdict (rephrasing_id, verdict, reasons, basis, run_id) SELECT r.id, ?, ?, s.basis, ? FROM rephrasing r"
        " JOIN user_step s ON s.id = r.step_id WHERE r.id = ? RETURNING id",
        (verdict, json.dumps(reasons), run_id, rephrasing_id),
    ).fetchone()
    connection.execute("UPDATE rephrasing SET verdict = ?, verdict_id = ? WHERE id = ?", (verdict, verdict_id, rephrasing_id))


def test_everything_is_scored_once(small: sqlite3.Connection) -> None:
    assert scored(small, 1) is None
    assert refresh(small) == len(EVERY_ID)
    assert refresh(small) == 0
    assert [small.execute("SELECT count(*) FROM ambiguity").fetchone()[0], waiting(small)] == [len(EVERY_ID), []]


def test_of_some_rephrasings_only_their_steps_are_scored(small: sqlite3.Connection) -> None:
    assert refresh(small, rephrasing_ids=[5]) == 2
    assert [row[0] for row in small.execute("SELECT rephrasing_id FROM ambiguity ORDER BY 1")] == [5, 6]
    assert refresh(small, rephrasing_ids=[6, 7]) == 1
    assert refresh(small, rephrasing_ids=[]) == 0
    partly = {id_: score(small, id_) for id_ in (5, 6, 7)}
    refresh(small)
    assert waiting(small) == []
    assert partly == {id_: score(small, id_) for id_ in (5, 6, 7)}


def test_what_is_stored_is_what_scoring_says(small: sqlite3.Connection) -> None:
    expected = {id_: assess(one) for id_, one in evidence(small).items()}
    refresh(small)
    for id_ in EVERY_ID:
        found = scored(small, id_)
        assert found is not None
        assert (Ambiguity(found.score, found.reasons), found.up_to_date) == (expected[id_], True)


def test_scoring_leaves_verdicts_and_states_alone(small: sqlite3.Connection) -> None:
    def derived() -> list[tuple[object, ...]]:
        return small.execute("SELECT id, verdict, verdict_id, state, decision_id FROM rephrasing").fetchall()

    before = derived()
    refresh(small)
    assert derived() == before


def test_a_new_verdict_is_scored_and_nothing_else(up_to_date: sqlite3.Connection) -> None:
    before = score(up_to_date, 1)
    add_verdict(up_to_date, 1, "ambiguous", "added_detail: Porto")
    assert waiting(up_to_date) == [1]
    found = scored(up_to_date, 1)
    assert found is not None
    assert not found.up_to_date
    assert refresh(up_to_date) == 1
    assert score(up_to_date, 1) > before


def test_a_flag_and_its_undo_are_scored(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    before = score(up_to_date, 1)
    anna.decide([1], Decision.FLAG)
    assert refresh(up_to_date) == 1
    assert score(up_to_date, 1) > before
    anna.undo()
    assert refresh(up_to_date) == 1
    assert score(up_to_date, 1) == before
    anna.redo()
    assert refresh(up_to_date) == 1
    assert score(up_to_date, 1) > before


def test_people_who_disagree_are_seen_until_one_takes_it_back(
    up_to_date: sqlite3.Connection, anna: DecisionLog, bo: DecisionLog
) -> None:
    before = score(up_to_date, 1)
    anna.decide([1], Decision.ACCEPT)
    refresh(up_to_date)
    assert score(up_to_date, 1) == before
    bo.decide([1], Decision.REJECT)
    refresh(up_to_date)
    assert score(up_to_date, 1) > before
    anna.undo()
    refresh(up_to_date)
    assert score(up_to_date, 1) == before


def test_the_latest_that_a_person_says_counts(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    before = score(up_to_date, 1)
    for decision in (Decision.FLAG, Decision.REJECT, Decision.ACCEPT):
        anna.decide([1], decision)
    refresh(up_to_date)
    assert score(up_to_date, 1) == before
    anna.decide([2], Decision.FLAG)
    anna.decide([2], Decision.SKIP)
    assert evidence(up_to_date)[2].opinions[0].decision == "skip"


def test_an_edit_is_scored_with_all_rephrasings_of_its_step(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(1, "would you renew my book", accept=False)
    assert waiting(up_to_date) == list(FIRST_STEP_IDS)
    found = evidence(up_to_date)
    assert (found[1].text, found[1].reworded) == ("would you renew my book", True)
    assert found[1].judgement is not None
    assert found[1].judgement.on_other_words
    assert found[2].siblings[0] == "would you renew my book"
    refresh(up_to_date)
    anna.edit(1, "would you renew my boot", accept=False)  # as long as before
    assert waiting(up_to_date) == list(FIRST_STEP_IDS)


def test_what_was_decided_on_other_words_says_nothing_of_these(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.FLAG)
    anna.edit(1, "would you renew my book", accept=False)
    assert evidence(up_to_date)[1].opinions == ()


def test_a_correction_is_scored_with_all_rephrasings_of_its_step(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.decide([1], Decision.FLAG)
    refresh(up_to_date)
    anna.correct(FIRST_STEP, start("return_item"))
    found = evidence(up_to_date)
    assert sorted(found) == list(FIRST_STEP_IDS)
    assert found[1].judgement is not None
    assert found[1].judgement.on_other_commands
    assert found[1].opinions == ()


def test_an_added_and_a_removed_rephrasing_change_what_their_siblings_are_compared_with(
    up_to_date: sqlite3.Connection, anna: DecisionLog
) -> None:
    added = anna.add(SECOND_STEP, "harbour birds it is").rephrasing_id
    assert added is not None
    assert waiting(up_to_date) == [*SECOND_STEP_IDS, added]
    assert evidence(up_to_date)[added].reworded
    refresh(up_to_date)
    up_to_date.execute("UPDATE rephrasing SET active = 0 WHERE id = ?", (SECOND_STEP_IDS[0],))
    assert waiting(up_to_date) == [SECOND_STEP_IDS[1], added]


def test_answers_of_the_team_count_as_what_people_say(up_to_date: sqlite3.Connection) -> None:
    before = score(up_to_date, 1)
    round_ = hand_out(up_to_date, [1, 2])
    round_.says("cleo", Say.ACCEPT)
    refresh(up_to_date)
    assert score(up_to_date, 1) == before
    round_.says("dan", Say.REJECT)
    assert refresh(up_to_date) == 1
    assert score(up_to_date, 1) > before
    round_.says("dan", Say.UNSURE)
    assert {(opinion.who, opinion.decision) for opinion in evidence(up_to_date)[1].opinions} == {
        ("cleo", "accept"),
        ("dan", "flag"),
    }
    round_.says("dan", None, 2)  # discarded: says nothing
    assert evidence(up_to_date)[2].opinions == ()


def test_an_answer_discarded_with_its_boxes_filled_in_says_nothing(up_to_date: sqlite3.Connection) -> None:
    hand_out(up_to_date, [1]).says("dan", Say.REJECT, status=Status.DISCARDED)
    assert evidence(up_to_date)[1].opinions == ()


def test_an_answer_that_comes_in_after_a_later_one_of_the_same_annotator_does_not_count(
    up_to_date: sqlite3.Connection,
) -> None:
    round_ = hand_out(up_to_date, [1])
    round_.says("dan", Say.REJECT, at="2026-11-21T10:00:00.000Z")
    round_.says("dan", Say.ACCEPT, at="2026-11-21T08:00:00.000Z")
    assert evidence(up_to_date)[1].opinions == (Opinion("dan", "reject"),)


def test_what_the_team_came_to_is_no_further_opinion(up_to_date: sqlite3.Connection) -> None:
    round_ = hand_out(up_to_date, [1])
    round_.all_say({"cleo": Say.REJECT, "dan": Say.REJECT})
    assert round_.state() is State.REJECT
    assert {opinion.who for opinion in evidence(up_to_date)[1].opinions} == {"cleo", "dan"}


def test_answers_on_other_words_are_passed_over(up_to_date: sqlite3.Connection, anna: DecisionLog) -> None:
    round_ = hand_out(up_to_date, [1])
    round_.says("cleo", Say.UNSURE)
    anna.edit(1, "would you renew my book", accept=False)
    assert evidence(up_to_date)[1].opinions == ()


@pytest.mark.parametrize(("mode", "by_stage"), [("strict", True), ("documented", False), (None, False)])
def test_only_verdicts_of_the_stage_with_its_own_rule_are_by_more_than_one_answer(
    small: sqlite3.Connection, mode: str | None, by_stage: bool
) -> None:
    add_verdict(small, 1, "same", "value_equivalent: a → b", mode=mode)
    judgement = evidence(small)[1].judgement
    assert judgement is not None
    assert (judgement.verdict, judgement.reasons, judgement.by_stage) == ("same", ("value_equivalent: a → b",), by_stage)


def test_texts_are_compared_with_what_was_said_before_their_step(small: sqlite3.Connection) -> None:
    found = evidence(small)
    assert found[1].facts.history == ()
    assert [(line.speaker, line.text) for line in found[5].facts.history] == [
        ("USER", "I want to renew my book"),
        ("AI", "Anything else?"),
    ]
    assert found[3].siblings == ("please renew my book", "renew the book I have", "my book, again?")
    assert found[3].earlier == 2


def test_the_language_asked_for_is_known(small: sqlite3.Connection) -> None:
    small.execute("INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES (1, 'rephrase', '', '', '{}')")
    small.execute("INSERT INTO generated VALUES (1, 1, 'k', '{\"language\": \"German\"}')")
    small.execute("UPDATE rephrasing SET source_id = NULL WHERE id = 1")
    found = evidence(small)[1]
    assert (found.language, found.reworded) == ("German", False)


def test_a_cancelled_refresh_keeps_what_it_has_and_the_next_one_goes_on(
    small: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "_STEPS_AT_ONCE", 1)
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 1

    assert refresh(small, cancelled=cancelled) == len(FIRST_STEP_IDS)
    assert refresh(small) == len(EVERY_ID) - len(FIRST_STEP_IDS)


def test_progress_counts_rephrasings(small: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "_STEPS_AT_ONCE", 1)
    told: list[tuple[int, int]] = []
    refresh(small, progress=lambda what, done, total: told.append((done, total)))
    assert told == [(0, 7), (4, 7), (6, 7), (7, 7)]
    told.clear()
    refresh(small, progress=lambda what, done, total: told.append((done, total)))
    assert told == []


def test_what_changes_while_it_is_scored_is_scored_by_the_next_call(
    small: sqlite3.Connection, anna: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def assess_and_flag(evidence: Evidence) -> Ambiguity:
        if evidence.text == "please renew my book":
            anna.decide([1], Decision.FLAG)
        return assess(evidence)

    monkeypatch.setattr(scores, "assess", assess_and_flag)
    assert refresh(small) == len(EVERY_ID)
    monkeypatch.undo()
    found = scored(small, 1)
    assert found is not None
    assert not found.up_to_date
    assert refresh(small) == 1
    assert "unsure" in [reason.code for reason in scored(small, 1).reasons]  # type: ignore[union-attr]


def test_nobody_waits_while_rephrasings_are_scored(small: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def outside_a_transaction(evidence: Evidence) -> Ambiguity:
        assert not small.in_transaction
        return assess(evidence)

    monkeypatch.setattr(scores, "assess", outside_a_transaction)
    assert refresh(small) == len(EVERY_ID)


def test_scores_by_older_rules_are_made_anew(up_to_date: sqlite3.Connection) -> None:
    stored = up_to_date.execute("SELECT fingerprint FROM ambiguity WHERE rephrasing_id = 1").fetchone()[0]
    assert stored.startswith(f"{RULES_VERSION} ")
    up_to_date.execute(
        "UPDATE ambiguity SET fingerprint = ? || substr(fingerprint, ?) WHERE rephrasing_id = 1",
        (RULES_VERSION - 1, len(str(RULES_VERSION)) + 1),
    )
    assert waiting(up_to_date) == [1]


def test_a_rephrasing_that_was_removed_is_not_scored(small: sqlite3.Connection) -> None:
    small.execute("UPDATE rephrasing SET active = 0 WHERE id = 7")
    assert refresh(small) == len(EVERY_ID) - 1
    assert scored(small, 7) is None
    assert scored(small, 999) is None


def chosen(connection: sqlite3.Connection, threshold: float = DEFAULT_THRESHOLD) -> list[int]:
    where, parameters = for_the_team(threshold)
    return [row[0] for row in connection.execute(f"SELECT r.id FROM rephrasing r WHERE {where} ORDER BY r.id", parameters)]


def test_the_team_gets_what_is_ambiguous_flagged_or_over_the_threshold(
    up_to_date: sqlite3.Connection, anna: DecisionLog
) -> None:
    assert chosen(up_to_date, 2.0) == [AMBIGUOUS]
    at_score = score(up_to_date, 3)  # different
    assert chosen(up_to_date, at_score) == [id_ for id_ in EVERY_ID if id_ == AMBIGUOUS or score(up_to_date, id_) >= at_score]
    anna.decide([2], Decision.FLAG)
    assert chosen(up_to_date, 2.0) == [2, AMBIGUOUS]
    up_to_date.execute("UPDATE rephrasing SET active = 0 WHERE id = 2")
    assert chosen(up_to_date, 2.0) == [AMBIGUOUS]


@pytest.mark.parametrize(
    ("decision", "goes"), [(Decision.ACCEPT, False), (Decision.REJECT, False), (Decision.SKIP, True), (Decision.FLAG, True)]
)
def test_what_a_person_has_accepted_or_rejected_stays_here(
    up_to_date: sqlite3.Connection, anna: DecisionLog, decision: Decision, goes: bool
) -> None:
    anna.decide([AMBIGUOUS], decision)
    assert (AMBIGUOUS in chosen(up_to_date)) is goes


def test_a_verdict_on_other_words_or_commands_sends_nothing_to_the_team(small: sqlite3.Connection, anna: DecisionLog) -> None:
    anna.edit(AMBIGUOUS, "once more my book?", accept=False)
    assert chosen(small) == []
    anna.undo()
    assert chosen(small) == [AMBIGUOUS]
    anna.correct(FIRST_STEP, start("return_item"))
    assert chosen(small) == []


def test_steps_are_read_a_few_at_a_time(template: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = in_memory(template)
    for number in range(45):
        step = Step(f"renew book {number}", [(f"please renew book {number}", "same")])
        add_conversation(connection, [step], name=str(number))
    asked: list[int] = []

    def noted(connection: sqlite3.Connection, steps: Sequence[int]) -> list[Waiting]:
        asked.append(len(steps))
        return read_waiting(connection, steps)

    monkeypatch.setattr(scores, "read_waiting", noted)
    assert refresh(connection) == 45 + len(EVERY_ID)
    assert asked == [20, 20, 8]
    connection.close()
