"""The files of a run: results in the reference's shape, tests to run again, JUnit XML, and what failed last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from core.errors import UsageError
from core.testing.cases import LoadedTest
from core.testing.junit import junit_xml, write_junit
from core.testing.last_run import read_failed, write_failed
from core.testing.report import assertion_rows, failed_case_lines, file_rows, summary_line
from core.testing.results import RunResult
from core.testing.run_setup import RunOptions, prepare_run
from core.testing.write_results import write_results
from tests.core.testing.small import FILES, write

ONE = """
    fixtures:
    - desk: [{shop: Harbour}]
    metadata:
    - kiosk: {device: kiosk}
    stub_custom_actions:
      action_find: {responses: [{text: It is in Oslo.}]}
    test_cases:
    - test_case: right
      fixtures: [desk, office]
      metadata: kiosk
      steps:
      - user: choose
        commands: [start flow choose]
      - bot: You chose Harbour.
    - test_case: wrong
      steps:
      - user: where is 4711
        commands: [start flow where, set slot number 4711]
      - bot: It is in Bergen.
      - slot_was_set:
        - late: true
    - test_case: unknown
      steps:
      - user: what now
    """
TWO = """
    fixtures:
    - desk: [{shop: Hill}]
    stub_custom_actions:
      wrong::action_find: {responses: [{text: It is in Rome.}]}
    test_cases:
    - test_case: right
      fixtures: [desk]
      steps:
      - user: choose & go
        commands: [start flow choose]
      - bot: You chose Hill.
    - test_case: wrong
      steps:
      - user: where is 4711
        commands: [start flow where, set slot number 4711]
        assertions:
        - bot_uttered: {text_matches: It is in Paris}
    """


@pytest.fixture
def ran(tmp_path: Path) -> tuple[RunResult, tuple[LoadedTest, ...]]:
    tests = {"e2e_tests/one.yml": ONE, "e2e_tests/two.yml": TWO, "conftest.yml": "fixtures:\n- office: [{late: false}]\n"}
    write(tmp_path, {**FILES, **tests})
    prepared = prepare_run(RunOptions((str(tmp_path / "e2e_tests"),)), folder=tmp_path)
    return prepared.runner.run(prepared.tests), prepared.tests


def results(path: Path) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["test_results"]
    return read


def test_results_have_the_reference_s_shape(tmp_path: Path, ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    write_results(tmp_path / "out", *ran)
    passed = results(tmp_path / "out/e2e_results_passed.yml")
    assert [(one["name"], one["pass_status"]) for one in passed] == [("right", True), ("right", True)]
    assert passed[0]["expected_steps"] == [{"user": "choose"}, {"bot": "You chose Harbour."}]
    assert "error_path" not in passed[0]
    classic, unknown, asserted = results(tmp_path / "out/e2e_results_failed.yml")
    assert classic["error_path"] == "e2e_tests/one.yml:19"
    assert classic["difference"][1:3] == ["- It is in Bergen.", "+ It is in Oslo."]
    assert unknown["not_run"] == "no commands for user step 1 (e2e_tests/one.yml:24)"
    failure = asserted["assertion_failure"]
    assert failure["assertion"] == {"type": "bot_uttered", "line": 14, "value": {"text_matches": "It is in Paris"}}
    assert "It is in Rome." in failure["error_message"]
    assert "FlowStarted(flow: where)" in failure["actual_events_transcript"]


def test_passed_and_failed_tests_can_be_run_again_anywhere(
    tmp_path: Path, ran: tuple[RunResult, tuple[LoadedTest, ...]]
) -> None:
    """Fixtures, stubs and metadata of two files come along, those with the same name kept apart."""
    write_results(tmp_path / "out", *ran)
    for name, outcomes in (("passed.yml", ["passed", "passed"]), ("failed.yml", ["failed", "not run", "failed"])):
        options = RunOptions((str(tmp_path / "out" / name),), assistant=tmp_path)
        prepared = prepare_run(options, folder=tmp_path)
        again = prepared.runner.run(prepared.tests)
        assert [case.outcome.value for case in again.cases] == outcomes
    first, _, second = again.cases
    assert "It is in Oslo." in first.failures[0].actual
    assert "It is in Rome." in second.failures[0].actual[0]
    preamble = yaml.safe_load((tmp_path / "out/passed.yml").read_text())
    assert preamble["fixtures"] == [
        {"desk": [{"shop": "Harbour"}]}, {"office": [{"late": False}]}, {"desk_2": [{"shop": "Hill"}]}
    ]  # fmt: skip
    assert preamble["metadata"] == [{"kiosk": {"device": "kiosk"}}]


def test_the_same_run_writes_the_same_bytes(tmp_path: Path, ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    first, second = (write_results(tmp_path / name, *ran) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_results(tmp_path / "file", *ran)
    with pytest.raises(UsageError, match="cannot write"):
        write_junit(tmp_path / "file/j.xml", ran[0])


def test_junit_counts_failures_and_tests_not_run(ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    root = ElementTree.fromstring(junit_xml(ran[0]))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "2", "1")
    assert [suite.get("name") for suite in root] == ["e2e_tests/one.yml", "e2e_tests/two.yml"]
    right, wrong, unknown = root[0]
    assert (right.get("name"), right.get("line"), len(right)) == ("right", "8", 0)
    failure = wrong.find("failure")
    assert failure is not None
    assert failure.get("type") == "bot"
    assert (failure.text or "").split("\n")[:3] == ["e2e_tests/one.yml:19: bot", "- It is in Bergen.", "+ It is in Oslo."]
    assert "user  where is 4711" in (wrong.findtext("system-out") or "")
    assert unknown.find("error") is not None


def test_junit_can_write_any_text(tmp_path: Path) -> None:
    tests = 'test_cases:\n- test_case: "a\\u0001<b>&\\ufffe"\n  steps:\n  - user: hi\n'
    write(tmp_path, {**FILES, "e2e_tests/t.yml": tests})
    prepared = prepare_run(RunOptions((str(tmp_path / "e2e_tests"),)), folder=tmp_path)
    root = ElementTree.fromstring(junit_xml(prepared.runner.run(prepared.tests)))
    assert root[0][0].get("name") == "a\ufffd<b>&\ufffd"


def test_json_has_a_row_for_each_test(ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    data = json.loads(json.dumps(ran[0].as_data()))
    rows = [(row["file"], row["name"], row["line"], row["passed"], row["outcome"]) for row in data["results"]]
    assert rows[:3] == [
        ("e2e_tests/one.yml", "right", 8, True, "passed"),
        ("e2e_tests/one.yml", "wrong", 15, False, "failed"),
        ("e2e_tests/one.yml", "unknown", 22, False, "not run"),
    ]
    summary = data["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"], summary["not_run"]) == (5, 2, 2, 1)
    assert summary["assertions"]["bot_uttered"]["accuracy"] == 0


def test_the_report_shows_each_turn_that_went_wrong_and_the_transcript(
    ran: tuple[RunResult, tuple[LoadedTest, ...]],
) -> None:
    lines = list(failed_case_lines(ran[0].cases[1]))
    assert lines[0] == "FAILED e2e_tests/one.yml:15  wrong"
    assert lines[1] == "  user step 1 (e2e_tests/one.yml:19): where is 4711"
    assert "    - 19: bot: It is in Bergen." in lines
    assert "    - 20: slot_was_set: late: true  (the slot was not set)" in lines
    assert "    + It is in Oslo." in lines
    assert "     user  where is 4711" in lines
    assert "          > start flow where" in lines
    assert file_rows(ran[0]) == [("e2e_tests/one.yml", 3, 1, 1, 1), ("e2e_tests/two.yml", 2, 1, 1, 0)]
    assert assertion_rows(ran[0]) == [("bot_uttered", 0, 1, 0, "0.0 %")]
    assert summary_line(ran[0]).startswith("2 passed, 2 failed, 1 not run in ")


def test_what_failed_last_is_remembered_test_by_test(tmp_path: Path, ran: tuple[RunResult, tuple[LoadedTest, ...]]) -> None:
    assert read_failed(tmp_path) == frozenset()
    write_failed(tmp_path, ran[0])
    failed = {
        ("e2e_tests/one.yml", "wrong", 1), ("e2e_tests/one.yml", "unknown", 1), ("e2e_tests/two.yml", "wrong", 1)
    }  # fmt: skip
    assert read_failed(tmp_path) == failed
    write_failed(tmp_path, RunResult(ran[0].cases[:1]))  # a run of another test leaves them as they are
    assert read_failed(tmp_path) == failed
    (tmp_path / "last_tests.json").write_text("[broken")
    assert read_failed(tmp_path) == frozenset()
