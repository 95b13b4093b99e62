"""The sample project keeps what it promises: enough of everything, all of it readable and renderable."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from core.pipeline.ingest import ingest
from core.pipeline.ingest_report import IngestReport
from core.sample import copy_sample, sample_folder


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, IngestReport]]:
    project = copy_sample(tmp_path_factory.mktemp("sample") / "harbour")
    connection = project.open()
    report = ingest(project, connection, [project.root], reviewer="tester")
    yield connection, report
    connection.close()


def test_every_file_is_read_without_a_problem_or_a_warning(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    _, report = ingested
    assert report.problems == []
    assert report.warnings == []
    assert report.left_out == []
    assert report.dialect == "v2"


def test_it_has_at_least_twelve_flows_and_eighty_tests_of_several_turns(
    ingested: tuple[sqlite3.Connection, IngestReport],
) -> None:
    connection, _ = ingested
    flows = [
        name
        for path in (sample_folder() / "data" / "flows").glob("*.yml")
        for name in yaml.safe_load(path.read_text(encoding="utf-8"))["flows"]
    ]
    assert len(flows) >= 12
    (tests,) = connection.execute(
        "SELECT count(*) FROM (SELECT conversation_id FROM user_step GROUP BY 1 HAVING count(*) > 1)"
    ).fetchone()
    assert tests >= 80


def test_every_rephrased_step_has_five_to_eight_rephrasings(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    connection, _ = ingested
    counts = [row[0] for row in connection.execute("SELECT count(*) FROM rephrasing GROUP BY step_id")]
    assert len(counts) >= 230
    assert min(counts) >= 5
    assert max(counts) <= 8


def test_every_verdict_but_same_has_a_reason(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    connection, _ = ingested
    verdicts = {row[0] for row in connection.execute("SELECT DISTINCT verdict FROM verdict")}
    assert verdicts == {"same", "different", "ambiguous"}
    without = connection.execute("SELECT count(*) FROM verdict WHERE verdict <> 'same' AND reasons = '[]'").fetchone()
    assert without == (0,)


def test_every_step_with_rephrasings_has_a_context_that_renders(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    connection, _ = ingested
    missing = connection.execute(
        "SELECT count(*) FROM user_step s WHERE s.id IN (SELECT step_id FROM rephrasing)"
        " AND s.id NOT IN (SELECT step_id FROM prompt WHERE known = 1 AND reason IS NULL)"
    ).fetchone()
    assert missing == (0,)


def test_repairs_and_both_languages_are_in_it(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    connection, _ = ingested
    commands = " ".join(row[0] for row in connection.execute("SELECT commands FROM user_step WHERE commands IS NOT NULL"))
    for name in ("cancel flow", "clarify", "chitchat", "knowledge", "human handoff", "repeat bot messages"):
        assert f'"{name}"' in commands
    said = {
        row[0] for row in connection.execute("SELECT json_extract(value, '$.text') FROM conversation, json_each(transcript)")
    }
    assert {"utter_corrected_previous_input", "utter_flow_continue_interrupted", "utter_flow_cancelled_rasa"} <= said
    assert connection.execute("SELECT sum(is_button) FROM user_step").fetchone()[0] >= 15
    chinese = connection.execute("SELECT count(*) FROM conversation WHERE file LIKE 'e2e_tests/zh/%'").fetchone()[0]
    assert chinese >= 25


def test_the_numbers_of_its_readme_are_right(ingested: tuple[sqlite3.Connection, IngestReport]) -> None:
    connection, _ = ingested
    text = " ".join((sample_folder() / "README.md").read_text(encoding="utf-8").split())

    def count(what: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])

    rephrased = count("(SELECT DISTINCT step_id FROM rephrasing)")
    assert f"All {count('conversation')} tests pass" in text
    assert f"| {count('rephrasing'):,} rephrasings of {rephrased} user messages" in text
    assert f"each of the {count('user_step')} user steps" in text
    assert f"Another {count('user_step WHERE NOT is_button') - rephrased} steps have no rephrasings yet" in text
    for language, like in (("English", "NOT LIKE"), ("Chinese", "LIKE")):
        own = "file NOT LIKE '%/assertions.yml' AND file NOT LIKE '%/fixtures_and_stubs.yml' AND file LIKE 'e2e_tests/%'"
        tests = count(f"conversation WHERE {own} AND file {like} 'e2e_tests/zh/%'")
        assert f"| {tests} {language} conversations" in text
    for verdict in ("same", "different", "ambiguous"):
        cells = [
            count(
                "rephrasing r JOIN conversation c ON c.id = r.conversation_id"
                f" WHERE r.verdict = '{verdict}' AND c.file {like} 'e2e_tests/zh/%'"
            )
            for like in ("NOT LIKE", "LIKE")
        ]
        assert re.search(rf"\| `{verdict}`: [^|]*\| {cells[0]} \| {cells[1]} \|", text)


def test_it_says_that_it_was_written_for_this_project() -> None:
    text = Path(sample_folder() / "README.md").read_text(encoding="utf-8")
    assert "written for this project" in " ".join(text.lower().split())
