"""Tests run and measured: the whole way from files to files and into the database."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.conversations.files import find_files
from core.conversations.models import TestFile
from core.conversations.reading import read_bytes
from core.coverage.draft import draft_files, write_drafts
from core.coverage.run import run_coverage
from core.coverage.stored import report_from_data
from core.coverage.write_report import coverage_csv, write_report
from core.project import Project
from core.store.coverage import last_report, last_summary
from core.testing.run_setup import RunOptions
from tests.tui.coverage_project import fill, measured


def _names(content: bytes) -> list[str]:
    read = read_bytes(content, "x.yml")
    assert isinstance(read.content, TestFile)
    assert read.problems == ()
    return [case.name for case in read.content.cases]


def test_passing_and_failing_tests_are_told_apart(project: Project) -> None:
    run = measured(project)
    report = run.report
    assert (report.passed_tests, report.failed_tests, report.not_run) == (2, 1, 0)
    assert (report.missing("passed"), report.missing("failed")) == (7, 7)
    assert _names(run.tests("passed")) == ["books a table", "too many"]
    assert _names(run.tests("failed")) == ["expects something else"]


def test_the_report_is_kept_in_the_project(project: Project) -> None:
    report = measured(project).report
    with closing(project.open()) as connection:
        stored, summary = last_report(connection), last_summary(connection)
    assert stored is not None
    assert report_from_data(stored[1]) == report
    assert str(summary).startswith("30.00 % of 10 steps by 2 passing tests (")


def test_without_a_project_nothing_is_kept(tmp_path: Path, project: Project) -> None:
    fill(project)
    run = run_coverage(RunOptions(), folder=project.root, project=None)
    assert run.report.percent() == 30.0
    with closing(project.open()) as connection:
        assert last_summary(connection) is None


def test_a_selection_of_the_tests_is_marked_as_one(project: Project) -> None:
    fill(project)
    run = run_coverage(RunOptions(keyword="too many"), folder=project.root, project=project)
    assert (run.report.is_whole, run.report.passed_tests) == (False, 1)


def test_limits_come_from_the_project(project: Project) -> None:
    project.config_path.write_text('[coverage]\ntotal = 30\nflow = 0\ncommands = ["start flow"]\n', encoding="utf-8")
    assert measured(project).report.failed_gates == ()


def test_a_test_without_commands_could_not_be_run(project: Project) -> None:
    fill(project, "test_cases:\n- test_case: bare\n  steps:\n  - user: hello\n")
    report = run_coverage(RunOptions(), folder=project.root, project=project).report
    assert (report.passed_tests, report.failed_tests, report.not_run) == (0, 0, 1)


def test_with_the_drafts_every_step_is_reached(project: Project) -> None:
    run = measured(project)
    write_drafts(draft_files(run.measured.walks, run.prepared.assistant.responses), project.root / "e2e_tests" / "drafts")
    again = run_coverage(RunOptions(), folder=project.root, project=project).report
    assert (again.percent(), again.failed_tests) == (100.0, 1)


def test_the_passed_tests_run_again_and_pass(project: Project) -> None:
    run = measured(project)
    write_report(run.report, project.root / "results", long_header=False, tests=run.tests)
    again = run_coverage(
        RunOptions(paths=(str(project.root / "results/passed.yml"),)), folder=project.root, project=project
    ).report
    assert (again.passed_tests, again.failed_tests, again.missing()) == (2, 0, 7)


@pytest.mark.data
def test_figures_of_a_public_assistant_are_those_counted_by_hand(test_data: Path) -> None:
    """Its tests' own lines show it: nobody declines a question, and every action succeeds."""
    name = "rasa-customers__rasa-quickstart"
    commands = (test_data / "gold" / "gold_commands.jsonl", Path(__file__).parents[2] / "data_commands" / f"{name}.jsonl")
    root = test_data / "data" / name / "template"
    options = RunOptions(paths=(str(root),), commands=tuple(map(str, commands)))
    report = run_coverage(options, folder=root, project=None).report
    assert (report.passed_tests, report.failed_tests, report.not_run) == (8, 0, 0)
    assert coverage_csv(report, "passed", long_header=False).splitlines()[1:] == [
        'data/flows/add_contact.yml::add a contact,62.5,8,3,"[15-16, 27-28, 30-31]"',
        "data/flows/list_contacts.yml::list your contacts,66.66666666666666,3,1,[13-14]",
        'data/flows/remove_contact.yml::remove a contact,57.14285714285714,7,3,"[13-14, 25-26, 28-29]"',
        "Total,61.11%,18,7,",
    ]


def test_results_of_a_run_are_not_found_beside_the_tests(project: Project) -> None:
    """Else every test would be ingested, and run, twice."""
    run = measured(project)
    before = find_files([project.root])
    write_report(run.report, project.root / "e2e_coverage_results", long_header=False, tests=run.tests)
    assert find_files([project.root]) == before
    assert len(find_files([project.root / "e2e_coverage_results"])) == 6
