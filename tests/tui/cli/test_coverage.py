"""`workbench coverage`: table, files, gate, drafts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project import Project
from tests.tui.cli.calls import Workbench
from tests.tui.coverage_project import fill


@pytest.fixture
def tables(workbench: Workbench) -> Workbench:
    """Calls in a project whose tests reach three of ten steps."""
    fill(Project(workbench.folder))
    return workbench


def test_the_console_has_the_table_the_histogram_and_every_missing_step(tables: Workbench) -> None:
    outcome = tables("coverage")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "2 tests passed, 1 failed, 0 could not be run"
    table = [" ".join(line.split()) for line in lines[lines.index("Steps that passing tests reach") + 1 :][:5]]
    assert table == [
        "Flow Name Coverage Num Steps Missing Steps Line Numbers",
        "data/flows.yml::book a table 60.00% 5 2 [26-27, 29-32]",
        "data/flows.yml::greet member 0.00% 3 3 [37-37, 38-44, 42-43]",
        "data/flows.yml::say hours 0.00% 2 2 [48-48, 49-49]",
        "Total 30.00% 10 7",
    ]
    assert "Steps that failing tests reach" in lines
    assert "start flow     2  ████████████████████████████████████████" in lines
    assert "skip question  0    (not in dialect v2)" in lines
    at = lines.index("data/flows.yml:42-43  action utter_points  (flow greet_member)")
    assert lines[at + 1] == (
        "    is_member = True (fixture) > start flow book_table > set slot guests 1 > set slot day Monday"
        " > set slot wants_points True"
    )


def test_files_are_written_into_the_project_or_where_out_says(tables: Workbench, tmp_path: Path) -> None:
    outcome = tables("coverage")
    results = tables.folder / "e2e_coverage_results"
    assert (results / "coverage_report_for_passed_tests.csv").read_text(encoding="utf-8").splitlines() == [
        "Flow Name,Coverage,Num Steps,Missing Steps,Line Numbers for Missing Steps",
        'data/flows.yml::book a table,60.0,5,2,"[26-27, 29-32]"',
        'data/flows.yml::greet member,0.0,3,3,"[37-37, 38-44, 42-43]"',
        'data/flows.yml::say hours,0.0,2,2,"[48-48, 49-49]"',
        "Total,30.00%,10,7,",
    ]
    assert outcome.err.count("written: ") == 6
    assert tables("coverage", "--out", tmp_path / "elsewhere").code == 0
    assert len(list((tmp_path / "elsewhere").iterdir())) == 6


def test_the_gate_makes_the_exit_code_say_it(tables: Workbench) -> None:
    outcome = tables("coverage", "--gate")
    assert outcome.code == 1
    assert "    flow book_table is 60.00 %, wanted 80 %\n" in outcome.out
    (tables.folder / "workbench.toml").write_text("[coverage]\ntotal = 30\nflow = 0\ncommands = []\n", encoding="utf-8")
    outcome = tables("coverage", "--gate")
    assert (outcome.code, "all 4 limits are reached" in outcome.out) == (0, True)


def test_json_is_the_whole_report(tables: Workbench) -> None:
    outcome = tables("coverage", "--json")
    assert outcome.data["summary"]["percent"] == 30.0
    assert outcome.data["flows"][0]["steps"][0]["first_line"] == 6
    assert [way["checked"] for way in outcome.data["ways"]] == ["reached"] * 7
    assert len(outcome.data["summary"]["failed_gates"]) == 7


def test_drafts_are_written_once(tables: Workbench) -> None:
    drafts = tables.folder / "drafts"
    assert tables("coverage", "--draft", drafts).code == 0
    assert sorted(path.name for path in drafts.iterdir()) == ["greet_member.yml", "say_hours.yml"]
    outcome = tables("coverage", "--draft", drafts)
    assert outcome.code == 2
    assert "there are drafts already" in outcome.err


def test_a_selection_of_tests(tables: Workbench) -> None:
    data = tables("coverage", tables.folder / "e2e_tests/tables.yml::too many", "--json").data
    assert (data["passed_tests"], data["is_whole"]) == (1, False)


def test_status_shows_the_last_run(tables: Workbench) -> None:
    assert "Coverage: never measured; `workbench coverage` does\n" in tables("status").out
    tables("coverage")
    out = tables("status").out
    assert "Coverage: 30.00 % of 10 steps by 2 passing tests" in out
    assert "7 limits missed" in out
    assert "      7  steps of flows that no passing test reaches\n" in out
    assert tables("status", "--json").data["coverage"]["missing"] == 7


def test_without_an_assistant_it_says_what_is_missing(workbench: Workbench) -> None:
    outcome = workbench("coverage")
    assert outcome.code == 1
    assert "no assistant in" in outcome.err
    assert not (workbench.folder / "e2e_coverage_results").exists()
