"""How far the machine and people agree, and the threshold that follows, on decisions counted by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import pytest

from core.commands import to_json
from core.commands.models import CancelFlow, SetSlot, StartFlow
from core.errors import UsageError
from review.calibration import THRESHOLDS, Band, Calibration, Comparison, Said, calibrate
from review.decisions import DecisionLog
from review.models import Decision
from review.proportions import most_likely_share
from tests.review.conftest import in_memory
from tests.review.small import Step, add_conversation

ACCEPT, REJECT, FLAG, SKIP = Decision.ACCEPT, Decision.REJECT, Decision.FLAG, Decision.SKIP
STARTS, SETS = to_json([StartFlow("renew_loan")]), to_json([SetSlot("title", "Harbour Birds"), CancelFlow()])


@pytest.fixture
def project(template: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection = in_memory(template)
    for table in ("verdict", "rephrasing", "step_flow", "user_step", "conversation"):
        connection.execute(f"DELETE FROM {table}")
    yield connection
    connection.close()


def decided(
    connection: sqlite3.Connection,
    verdict: str,
    decisions: Sequence[Decision],
    commands: str = STARTS,
    score: float | None = None,
) -> list[int]:
    """One step with a rephrasing for each decision. Returns their ids."""
    (number,) = connection.execute("SELECT count(*) FROM conversation").fetchone()
    step = Step(f"step {number}", [(f"text {number}-{n}", verdict) for n in range(len(decisions))], commands=commands)
    conversation = add_conversation(connection, [step], name=f"test {number}")
    ids = [
        id_ for (id_,) in connection.execute("SELECT id FROM rephrasing WHERE conversation_id = ? ORDER BY id", (conversation,))
    ]
    log = DecisionLog(connection, "anna", "app")
    for wanted in dict.fromkeys(decisions):
        log.decide([id_ for id_, one in zip(ids, decisions, strict=True) if one is wanted], wanted)
    if score is not None:
        connection.executemany(
            "INSERT INTO ambiguity (rephrasing_id, score, fingerprint) VALUES (?, ?, '')", [(id_, score) for id_ in ids]
        )
    return ids


def test_each_verdict_beside_what_people_said(project: sqlite3.Connection) -> None:
    decided(project, "same", [ACCEPT] * 3 + [REJECT, FLAG, SKIP])
    decided(project, "different", [ACCEPT, REJECT, REJECT])
    decided(project, "ambiguous", [ACCEPT, FLAG, FLAG])
    found = calibrate(project).all
    assert found == Comparison("", Said(3, 1, 1), Said(1, 2, 0), Said(1, 0, 2))
    assert found.judged == 7
    assert found.agreement == pytest.approx(5 / 7)
    assert found.precision is not None
    assert found.precision[0] == 0.75


def test_a_step_counts_for_each_of_its_commands(project: sqlite3.Connection) -> None:
    decided(project, "same", [ACCEPT] * 4)
    decided(project, "same", [REJECT] * 2, commands=SETS)
    found = calibrate(project)
    assert [(one.command, one.same) for one in found.commands] == [
        ("start flow", Said(4, 0, 0)),
        ("cancel flow", Said(0, 2, 0)),
        ("set slot", Said(0, 2, 0)),
    ]
    assert found.all.same == Said(4, 2, 0)


def test_an_edit_refuses_the_wording_that_was_judged(project: sqlite3.Connection) -> None:
    first, second = decided(project, "same", [SKIP, SKIP])
    log = DecisionLog(project, "anna", "app")
    log.edit(first, "other words")
    log.edit(second, "yet other words", accept=False)  # nothing is decided yet
    assert calibrate(project).all.same == Said(0, 1, 0)


def test_verdicts_on_other_commands_and_own_additions_do_not_count(project: sqlite3.Connection) -> None:
    ids = decided(project, "same", [ACCEPT, ACCEPT])
    log = DecisionLog(project, "anna", "app")
    added = log.add(1, "by hand").rephrasing_id
    project.execute(
        "INSERT INTO verdict (id, rephrasing_id, verdict, basis) SELECT 900, ?, 'different', basis FROM user_step", (added,)
    )
    project.execute("UPDATE rephrasing SET verdict_id = 900, verdict = 'different' WHERE id = ?", (added,))
    assert calibrate(project).all == Comparison("", Said(2, 0, 0))
    log.correct(1, SETS)
    log.decide(ids, ACCEPT)
    assert calibrate(project).all == Comparison()


def test_kappa_by_hand() -> None:
    # agreed 0.7; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    one = Comparison("", Said(20, 5), Said(10, 15))
    assert one.kappa == pytest.approx(0.4)
    assert one.kappa_interval is not None
    low, high = one.kappa_interval
    # standard error by Fleiss, Cohen and Everitt (1969): A = 0.4 * 0.34^2 + 0.3 * 0.46^2 = 0.10972,
    # B = 0.36 * (0.1 * 1.1^2 + 0.2 * 0.9^2) = 0.10188, C = (0.4 - 0.5 * 0.6)^2 = 0.01; variance (A + B - C) / (50 * 0.5^2)
    assert (high - low) / 2 == pytest.approx(1.96 * (0.2016 / 12.5) ** 0.5, rel=0.1)


@pytest.mark.parametrize(
    "one",
    [
        Comparison(),
        Comparison("", Said(5, 0)),
        Comparison("", Said(), Said(0, 3)),
        Comparison("", Said(50, 5)),  # the machine always says the same: 0.00 (0.00 to 0.00) it would be
        Comparison("", Said(50, 0), Said(5, 0)),  # people do
    ],
)
def test_without_a_difference_there_is_no_kappa(one: Comparison) -> None:
    assert (one.kappa, one.kappa_interval) == (None, None)


def test_perfect_agreement_is_one_and_no_certainty() -> None:
    one = Comparison("", Said(10, 0), Said(0, 10))
    assert (one.kappa, one.kappa_interval) == (1.0, None)


def test_precision_has_the_interval_of_clopper_and_pearson() -> None:
    found = Comparison("", Said(1, 0)).precision
    assert found is not None
    assert found == pytest.approx((1.0, 0.025, 1.0))


def test_decisions_on_what_was_taken_out_of_the_files_count(project: sqlite3.Connection) -> None:
    ids = decided(project, "same", [ACCEPT] * 3 + [REJECT] * 2, score=0.1)
    project.execute(f"UPDATE rephrasing SET active = 0 WHERE id IN ({ids[0]}, {ids[3]}, {ids[4]})")
    found = calibrate(project)
    assert found.all.same == Said(3, 2, 0)
    assert found.below[-1].refused == 2


# -- the threshold ------------------------------------------------------------------------------------------------------


def with_scores(project: sqlite3.Connection, *groups: tuple[float, int, int]) -> Calibration:
    """Groups of `same` with a score: so many accepted, so many refused."""
    for score, accepted, refused in groups:
        decided(project, "same", [ACCEPT] * accepted + [REJECT] * refused, score=score)
    return calibrate(project, 0.05)


def test_the_highest_threshold_below_which_few_are_refused(project: sqlite3.Connection) -> None:
    found = with_scores(project, (0.1, 150, 0), (0.32, 60, 2), (0.42, 5, 30))
    assert found.threshold == 0.35  # below 0.4 are the same
    at = {one.threshold: one for one in found.below}
    each = 1 - 0.05 / len(THRESHOLDS)
    assert (at[0.4].decided, at[0.4].refused, at[0.4].limit) == (212, 2, most_likely_share(2, 212, each))
    assert at[0.4].limit <= 0.05 < at[0.45].limit
    assert at[0.1].decided == 0  # a score on the threshold is not below it


def test_a_threshold_is_never_beyond_what_was_decided(project: sqlite3.Connection) -> None:
    assert with_scores(project, (0.12, 150, 0)).threshold == 0.15


def waiting(project: sqlite3.Connection, score: float, count: int) -> None:
    """So many `same` that nobody decided."""
    decided(project, "same", [ACCEPT] * count, score=score)
    log = DecisionLog(project, "anna", "app")
    log.undo()


def test_a_band_where_nobody_looked_is_not_vouched_for(project: sqlite3.Connection) -> None:
    decided(project, "same", [ACCEPT] * 200, score=0.05)
    decided(project, "same", [ACCEPT] * 2, score=0.45)
    waiting(project, 0.05, 100)
    waiting(project, 0.32, 200)
    found = calibrate(project)
    assert found.threshold == 0.1
    at = {one.threshold: one for one in found.below}
    assert (at[0.1].waiting, at[0.1].unlooked, at[0.35].waiting, at[0.35].unlooked) == (100, 0, 300, 200)
    assert at[0.5].limit <= 0.05 < at[0.5].at_most
    assert at[0.5].at_most == pytest.approx(at[0.5].limit + 200 / 502 * (1 - at[0.5].limit))
    assert found.bands[0] == Band(0.0, 0.1, 200, 0, 100)
    assert found.bands[3] == Band(0.3, 0.4, 0, 0, 200)
    assert sum(band.decided for band in found.bands) == found.scored == 202


def test_a_few_that_nobody_looked_at_are_taken_for_refused(project: sqlite3.Connection) -> None:
    decided(project, "same", [ACCEPT] * 400, score=0.05)
    waiting(project, 0.05, 100)
    waiting(project, 0.12, 4)
    decided(project, "same", [ACCEPT] * 300, score=0.22)
    found = calibrate(project)
    assert found.threshold == 0.25
    assert next(one for one in found.below if one.threshold == 0.25).unlooked == 4


def test_a_band_with_far_fewer_decisions_than_a_random_sample_has_is_hardly_looked_at() -> None:
    assert Band(0.3, 0.4, 6, 0, 994).is_hardly_looked_at(0.1)  # 100 would be
    assert not Band(0.3, 0.4, 25, 0, 975).is_hardly_looked_at(0.1)
    assert Band(0.3, 0.4, 4, 0, 20).is_hardly_looked_at(0.1)
    assert not Band(0.3, 0.4, 10, 0, 3).is_hardly_looked_at(0.97)
    assert not Band(0.3, 0.4, 0, 0, 0).is_hardly_looked_at(1.0)


def test_what_waits_without_a_verdict_that_holds_does_not_go_to_training(project: sqlite3.Connection) -> None:
    waiting(project, 0.12, 5)
    waiting(project, 0.12, 7)
    project.execute("UPDATE user_step SET basis = 'changed' WHERE id = 1")
    project.execute("UPDATE rephrasing SET active = 0 WHERE id = (SELECT max(id) FROM rephrasing)")
    assert calibrate(project).bands[1] == Band(0.1, 0.2, 0, 0, 6)


def test_with_too_few_decisions_it_is_said_how_many_are_needed(project: sqlite3.Connection) -> None:
    found = with_scores(project, (0.1, 50, 0))
    assert (found.threshold, found.scored, found.needed, found.needed_as_seen) == (None, 50, 116, 116)
    assert most_likely_share(0, 116, 1 - 0.05 / 19) <= 0.05 < most_likely_share(0, 115, 1 - 0.05 / 19)


def test_where_too_much_is_refused_more_decisions_do_not_help(project: sqlite3.Connection) -> None:
    found = with_scores(project, (0.1, 80, 20))
    assert (found.threshold, found.needed_as_seen) == (None, None)


def test_only_what_the_machine_calls_same_and_people_decided_counts(project: sqlite3.Connection) -> None:
    decided(project, "different", [REJECT] * 9, score=0.1)
    decided(project, "same", [FLAG] * 9, score=0.1)
    decided(project, "same", [REJECT] * 9)
    assert calibrate(project).scored == 0


def test_an_unreviewed_project(project: sqlite3.Connection) -> None:
    found = calibrate(project)
    assert (found.all.judged, found.commands, found.threshold, found.needed_as_seen) == (0, (), None, None)


@pytest.mark.parametrize(
    ("error", "confidence"),
    [(0.0, 0.95), (1.0, 0.95), (1e-300, 0.95), (0.05, 0.0), (0.05, 1.0), (0.05, 0.9999999999999999)],
)
def test_impossible_wishes_are_refused(project: sqlite3.Connection, error: float, confidence: float) -> None:
    with pytest.raises(UsageError, match="cannot be had"):
        calibrate(project, error, confidence)
