"""Counts, what waits, and the next action."""

from __future__ import annotations

import json
import sqlite3

import pytest

from bench import synthetic
from core.coverage.report import CoverageReport, FlowCoverage, StepCoverage
from core.pipeline.next_action import has_annotator
from core.pipeline.status import LastExport, ProjectStatus, project_status
from core.project import Project
from core.store.connection import transaction
from core.store.coverage import save_run
from core.store.states import State
from review.decisions import DecisionLog
from review.filters import parse_filter
from review.models import Decision
from review.queue import load
from review.team.models import NewAnswer, NewRecord, Say, Status, Surface
from review.team.recording import record_answers
from review.team.rounds import add_records, all_rounds, create_round
from tests.core.pipeline.small import TESTS, put


@pytest.fixture
def log(connection: sqlite3.Connection) -> DecisionLog:
    """Of a project with 50 rephrasings: 30 same, 10 different, 10 ambiguous."""
    with transaction(connection):
        synthetic.fill(connection, 50)
    return DecisionLog(connection, "maria", "test")


def test_empty_project_counts_zeros_and_proposes_an_ingest(connection: sqlite3.Connection) -> None:
    status = project_status(connection)
    assert all(count == 0 for _, count in status.rows())
    assert (status.next_action.id, status.waiting, status.last_export) == ("ingest", (), None)


def test_counts_before_any_decision(connection: sqlite3.Connection, log: DecisionLog) -> None:
    status = project_status(connection)
    assert (status.tests, status.conversations, status.steps.total, status.steps.annotated) == (0, 1, 5, 5)
    assert status.rephrasings.by_verdict == {"same": 30, "different": 10, "ambiguous": 10, "none": 0}
    assert (status.rephrasings.open, status.rephrasings.decided) == (50, 0)
    assert status.prompts.unknown == 5
    assert status.next_action.sentence == "review 50 open rephrasings"


def test_parts_add_up_after_decisions(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.decide([1, 2, 3], Decision.ACCEPT)
    log.decide([4], Decision.REJECT, "meaning changed")
    log.decide([5], Decision.FLAG)
    log.decide([6], Decision.SKIP)
    log.edit(7, "another wording")
    log.add(1, "a wording by hand")
    found = project_status(connection).rephrasings
    assert found.by_state == {"undecided": 43, "accept": 5, "reject": 1, "skip": 1, "flag": 1, "stale": 0}
    assert found.total == sum(found.by_state.values()) == sum(found.by_verdict.values()) == 51
    assert (found.edited, found.by_hand, found.unvalidated) == (1, 1, 2)
    assert found.by_verdict["none"] == 1


def test_corrected_commands_make_decisions_stale(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.decide([1, 2], Decision.ACCEPT)
    log.correct(1, '[["cancel flow"]]')
    status = project_status(connection)
    assert status.rephrasings.by_state["stale"] == 2
    assert [one.id for one in status.waiting][:2] == ["stale", "ambiguous"]
    assert status.rephrasings.open == 50


def test_steps_are_told_apart(connection: sqlite3.Connection, log: DecisionLog) -> None:
    for change in (
        "is_button = 1 WHERE id = 1",
        "commands = NULL, ingested_commands = NULL WHERE id = 2",
        "commands = NULL, ingested_commands = NULL, skip = 'handed over' WHERE id = 3",
        "unparsed = '[\"do it\"]' WHERE id = 4",
    ):
        connection.execute(f"UPDATE user_step SET {change}")
    steps = project_status(connection).steps
    assert (steps.buttons, steps.without_commands, steps.skipped, steps.not_understood, steps.annotated) == (1, 2, 1, 1, 1)
    assert steps.total == steps.buttons + steps.without_commands + steps.not_understood + steps.annotated
    log.correct(4, '[["cancel flow"]]')
    assert project_status(connection).steps.not_understood == 0


def test_known_prompts_count(connection: sqlite3.Connection, log: DecisionLog) -> None:
    connection.execute("INSERT INTO prompt (step_id, source_id, stored, known) VALUES (1, 1, 'p', 1), (2, 1, 'q', 0)")
    assert project_status(connection).prompts.known == 1
    assert project_status(connection).prompts.unknown == 4


def test_next_action_follows_the_work(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.decide(range(1, 49), Decision.ACCEPT)
    log.decide([49], Decision.FLAG)
    log.decide([50], Decision.SKIP)
    assert project_status(connection).next_action.sentence == "settle 1 flagged rephrasing"
    log.decide([49], Decision.REJECT)
    assert project_status(connection).next_action.filter == "state:skip"
    log.decide([50], Decision.REJECT)
    assert project_status(connection).next_action.command == "workbench export --out build/dataset"
    connection.execute(
        "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256)"
        " VALUES ('9999-01-01T00:00:00.000Z', 'maria', 'splits', '{}', '{\"train\": 3}', '-')"
    )
    status = project_status(connection)
    assert status.next_action.id == "done"
    assert status.last_export is not None
    assert not status.last_export.outdated
    connection.execute("UPDATE export SET at = '2000-01-01T00:00:00.000Z'")
    assert project_status(connection).next_action.command == "workbench export --out splits"


def test_tests_without_rephrasings_are_measured_first(connection: sqlite3.Connection, project: Project) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    status = project_status(connection)
    assert (status.coverage, status.next_action.command) == (None, "workbench coverage")
    report = CoverageReport(1, 0, (FlowCoverage("a", "a", "flows.yml", 1, (StepCoverage("0", "action", "x", 2, 3, 0),)),), ())
    save_run(connection, report.summary(), report.as_data())
    status = project_status(connection)
    assert status.next_action.id == "ingest_rephrasings"
    assert status.coverage is not None
    assert (status.coverage.percent, status.coverage.missing) == (0.0, 1)
    (uncovered,) = [one for one in status.waiting if one.id == "uncovered"]
    assert (uncovered.sentence, uncovered.screen) == ("step of flows that no passing test reaches", "coverage")
    assert json.loads(json.dumps(status.as_data()))["coverage"]["steps"] == 1


def test_what_waits_is_what_its_filter_shows(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.decide([1, 2], Decision.ACCEPT)
    log.correct(1, '[["cancel flow"]]')
    log.decide([20], Decision.FLAG)
    log.decide([21, 22], Decision.SKIP)
    log.add(2, "a wording by hand")
    connection.execute("UPDATE rephrasing SET state = 0 WHERE source_id IS NULL")  # undecided, without a verdict
    waiting = [one for one in project_status(connection).waiting if one.screen == "review"]
    assert {one.id for one in waiting} == {"stale", "ambiguous", "undecided", "flagged", "skipped"}
    for one in waiting:
        assert len(load(connection, parse_filter(one.filter))) == one.count, one


def test_data_is_plain_json(connection: sqlite3.Connection, log: DecisionLog) -> None:
    data = json.loads(json.dumps(project_status(connection).as_data()))
    assert data["rephrasings"]["open"] == 50
    assert data["next_action"]["command"] == "workbench review"
    assert set(data["rephrasings"]["by_state"]) == {state.label for state in State}


def test_counting_leaves_no_transaction_open(connection: sqlite3.Connection, log: DecisionLog) -> None:
    assert isinstance(project_status(connection), ProjectStatus)
    assert not connection.in_transaction


def judge(connection: sqlite3.Connection, rephrasing_id: int, verdict: str) -> None:
    """What the stage validate does for the wording in force."""
    (verdict_id,) = connection.execute(
        "INSERT INTO verdict (rephrasing_id, verdict, basis, judged_text) SELECT r.id, ?, s.basis, r.edited_text"
        " FROM rephrasing r JOIN user_step s ON s.id = r.step_id WHERE r.id = ? RETURNING id",
        (verdict, rephrasing_id),
    ).fetchone()
    connection.execute("UPDATE rephrasing SET verdict = ?, verdict_id = ? WHERE id = ?", (verdict, verdict_id, rephrasing_id))


def test_words_of_people_that_were_judged_are_validated(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.edit(7, "another wording")
    log.add(1, "a wording by hand")
    assert project_status(connection).rephrasings.unvalidated == 2
    judge(connection, 7, "same")
    assert project_status(connection).rephrasings.unvalidated == 1
    (by_hand,) = connection.execute("SELECT id FROM rephrasing WHERE source_id IS NULL").fetchone()
    judge(connection, by_hand, "ambiguous")
    found = project_status(connection).rephrasings
    assert (found.unvalidated, found.edited, found.by_hand) == (0, 1, 1)
    log.edit(7, "yet another")
    assert project_status(connection).rephrasings.unvalidated == 1


def test_with_a_model_the_stages_are_proposed_in_their_order(connection: sqlite3.Connection, project: Project) -> None:
    def proposed() -> tuple[str, str]:
        found = project_status(connection, has_annotator=True).next_action
        return found.command, found.sentence

    put(project, "e2e_tests/tickets.yml", TESTS)
    assert proposed() == ("workbench annotate", "find commands for 1 test")
    assert project_status(connection).next_action.id == "coverage"
    connection.execute("""UPDATE user_step SET commands = '[["cancel flow"]]', basis = 'b'""")
    assert proposed()[0] == "workbench coverage"
    save_run(connection, CoverageReport(1, 0, (), ()).summary(), {})
    assert proposed() == ("workbench rephrase", "say 2 annotated user steps in other ways")
    assert project_status(connection).next_action.id == "ingest_rephrasings"
    connection.execute(
        "INSERT INTO rephrasing (step_id, conversation_id, ordinal, position, text, source_id)"
        " SELECT id, conversation_id, ordinal, 1, 'said otherwise', (SELECT min(id) FROM source) FROM user_step"
    )
    assert proposed() == ("workbench validate", "validate 2 rephrasings")
    assert project_status(connection).next_action.sentence == "review 2 open rephrasings"
    judge(connection, 1, "same")
    assert proposed() == ("workbench validate", "validate 1 rephrasing")
    judge(connection, 2, "different")
    assert proposed() == ("workbench review", "review 2 open rephrasings")
    connection.execute("UPDATE rephrasing SET edited_text = 'in yet other words' WHERE id = 2")
    assert proposed()[0] == "workbench validate"


def test_a_test_that_annotate_has_left_out_is_not_proposed_again_but_waits(
    connection: sqlite3.Connection, project: Project
) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    connection.execute("INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES (1, 'annotate', '', '', '{}')")
    connection.execute("INSERT INTO annotation VALUES (1, 1, 'failed', '-', '[]')")
    status = project_status(connection, has_annotator=True)
    assert status.next_action.id == "coverage"
    (left_out,) = [one for one in status.waiting if one.id == "left_out"]
    assert (left_out.count, left_out.sentence, left_out.screen) == (
        1, "test that annotate has left out for failing", "conversations",
    )  # fmt: skip
    connection.execute(
        "INSERT INTO face (conversation_id, kind, source_id, ingest_id, line, digest, body)"
        " SELECT conversation_id, 'annotation', source_id, ingest_id, 1, 'd', '{}' FROM face WHERE conversation_id = 1"
    )
    waiting = {one.id: (one.count, one.sentence) for one in project_status(connection).waiting}
    assert waiting["failing"] == (1, "test failing with the model's commands, annotated by files")
    assert "left_out" not in waiting


def test_a_test_that_cannot_be_run_is_left_out_only_if_it_has_no_commands(
    connection: sqlite3.Connection, project: Project
) -> None:
    put(project, "e2e_tests/tickets.yml", TESTS)
    connection.execute("INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES (1, 'annotate', '', '', '{}')")
    connection.execute("INSERT INTO annotation VALUES (1, 1, 'not run', '-', '[]')")
    assert project_status(connection).steps.tests_left_out == 1
    connection.execute("""UPDATE user_step SET commands = '[["cancel flow"]]', basis = 'b'""")
    found = project_status(connection).steps
    assert (found.tests_left_out, found.tests_failing) == (0, 0)


def test_with_a_model_those_never_judged_wait_apart(connection: sqlite3.Connection, log: DecisionLog) -> None:
    log.decide([1], Decision.ACCEPT)
    connection.execute("UPDATE rephrasing SET verdict = NULL, verdict_id = NULL WHERE id IN (1, 2, 3)")
    waiting = project_status(connection, has_annotator=True).waiting
    assert {one.id: one.count for one in waiting if one.screen == "review"} == {"ambiguous": 9, "unjudged": 2, "undecided": 38}
    for one in waiting:
        if one.screen == "review":
            assert len(load(connection, parse_filter(one.filter))) == one.count, one
    assert "unjudged" not in {one.id for one in project_status(connection).waiting}


@pytest.mark.parametrize(
    ("config", "expected"), [("", False), ("[llm]\nconfirm_calls = 9\n", False), ("[llm.annotator]\n", True)]
)
def test_whether_a_model_is_configured_is_read_off_the_file(project: Project, config: str, expected: bool) -> None:
    project.config_path.write_text(config, encoding="utf-8")
    assert has_annotator(Project(project.root)) is expected


def test_what_the_team_disagrees_on_comes_first(connection: sqlite3.Connection, log: DecisionLog) -> None:
    hand_out(connection, {1: "waiting", 2: "disagree", 3: "conflict", 4: "accept", 5: "outdated"})
    status = project_status(connection)
    assert (status.team.records, status.team.waiting, status.team.disagree, status.team.settled) == (5, 1, 1, 1)
    assert [(one.id, one.count, one.filter) for one in status.waiting[:2]] == [
        ("disagree", 1, "team:disagree"),
        ("conflict", 1, "team:conflict"),
    ]
    assert status.next_action.sentence == "decide 1 rephrasing that the team disagrees on"
    log.decide([2], Decision.ACCEPT)
    assert project_status(connection).next_action.filter == "team:conflict"
    log.decide([3], Decision.ACCEPT)
    assert project_status(connection).next_action.id == "review"
    log.undo()
    assert project_status(connection).team.conflict == 1


def test_records_that_did_not_reach_the_server_wait(connection: sqlite3.Connection, log: DecisionLog) -> None:
    hand_out(connection, {1: "waiting", 2: "waiting"})
    assert [one.count for one in project_status(connection).waiting if one.id == "unsent"] == [2]
    connection.execute("UPDATE team_record SET pushed_at = '2026-01-12T09:00:00.000Z'")
    assert not [one for one in project_status(connection).waiting if one.id == "unsent"]


def test_an_answer_of_the_team_makes_no_export_outdated(
    connection: sqlite3.Connection, log: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_out(connection, {1: "waiting"})
    log.decide([2], Decision.ACCEPT)
    connection.execute(
        "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256)"
        " VALUES ('9000-01-01T00:00:00.000Z', 'maria', 'out', '{}', '{}', '-')"
    )
    (round_,) = all_rounds(connection)
    says = NewAnswer("r-1", "ann", Status.SUBMITTED, Say.ACCEPT, "2026-01-12T09:00:00.000Z")
    for module in ("review.team.recording", "review.decisions"):
        monkeypatch.setattr(f"{module}.utc_now", lambda: "9999-01-01T00:00:00.000Z")
    with transaction(connection):
        record_answers(connection, round_, [says])
    assert not exported(connection).outdated
    log.decide([3], Decision.ACCEPT)
    assert exported(connection).outdated


def exported(connection: sqlite3.Connection) -> LastExport:
    found = project_status(connection).last_export
    assert found is not None
    return found


def hand_out(connection: sqlite3.Connection, outcomes: dict[int, str]) -> None:
    """A round in Argilla with these rephrasings, whose answers came to this."""
    with transaction(connection):
        round_ = create_round(connection, "round-1", Surface.ARGILLA, reviewer="maria", overlap=2)
        add_records(connection, round_.id, [NewRecord(number, f"r-{number}", f"text {number}", "basis") for number in outcomes])
        for number, outcome in outcomes.items():
            connection.execute("UPDATE team_record SET outcome = ? WHERE rephrasing_id = ?", (outcome, number))
