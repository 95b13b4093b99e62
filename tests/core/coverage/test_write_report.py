"""The files of a run: names, headings and figures of the reference."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from core.coverage.histogram import bar, histogram_lines, histogram_png
from core.coverage.report import CommandCount, CoverageReport, FlowCoverage, Side, StepCoverage, Way, WayMessage
from core.coverage.stored import report_from_data
from core.coverage.text import flow_rows, missing_lines
from core.coverage.write_report import coverage_csv, write_report
from core.errors import UsageError

STEPS = (
    StepCoverage("0_a", "collect", "city", 5, 9, 0, passed=2),
    StepCoverage("1_b", "action", "utter_b", 7, 8, 1),
    StepCoverage("2_c", "action", "utter_c", 10, 10, 0, failed=1),
)
COMMANDS = (CommandCount("cancel flow", 0, 0), CommandCount("set slot", 12, 1), CommandCount("start flow", 3, 0))
REPORT = CoverageReport(
    2,
    1,
    (
        FlowCoverage("ask, weather", "ask, weather", "data/flows.yml", 3, STEPS),
        FlowCoverage("say_hello", "say hello", "data/flows.yml", 12, STEPS[:1]),
    ),
    COMMANDS,
    ways=(Way("say_hello", "0_a", (WayMessage(("start flow say_hello",)),)),),
)


def _tests(side: Side) -> bytes:
    return f"# {side}\n".encode()


def test_all_files_of_both_sides_are_written(tmp_path: Path) -> None:
    written = write_report(REPORT, tmp_path / "deep" / "out", long_header=False, tests=_tests)
    assert sorted(path.name for path in written) == [
        "commands_histogram_for_failed_tests.png",
        "commands_histogram_for_passed_tests.png",
        "coverage_report_for_failed_tests.csv",
        "coverage_report_for_passed_tests.csv",
        "failed.yml",
        "passed.yml",
    ]
    assert (tmp_path / "deep" / "out" / "passed.yml").read_bytes() == b"# passed\n"
    again = {path.name: path.read_bytes() for path in written}
    write_report(REPORT, tmp_path / "deep" / "out", long_header=False, tests=_tests)
    assert {path.name: path.read_bytes() for path in written} == again


def test_the_table_of_passed_tests_to_the_byte() -> None:
    assert coverage_csv(REPORT, "passed", long_header=False) == (
        "Flow Name,Coverage,Num Steps,Missing Steps,Line Numbers\n"
        '"data/flows.yml::ask, weather",33.33333333333333,3,2,"[7-8, 10-10]"\n'
        "data/flows.yml::say hello,100.0,1,0,[]\n"
        "Total,50.00%,4,2,\n"
    )


def test_newer_versions_call_the_last_column_otherwise() -> None:
    heading = next(csv.reader(io.StringIO(coverage_csv(REPORT, "passed", long_header=True))))
    assert heading == ["Flow Name", "Coverage", "Num Steps", "Missing Steps", "Line Numbers for Missing Steps"]


def test_a_side_without_tests_is_a_heading_alone() -> None:
    nothing_failed = CoverageReport(2, 0, REPORT.flows, COMMANDS)
    assert coverage_csv(nothing_failed, "failed", long_header=False).splitlines() == [
        "Flow Name,Coverage,Num Steps,Missing Steps,Line Numbers"
    ]


def test_failed_tests_have_figures_of_their_own() -> None:
    assert '"data/flows.yml::ask, weather",33.33333333333333,3,2,"[5-9, 7-8]"' in coverage_csv(
        REPORT, "failed", long_header=False
    )


def test_the_console_sorts_by_coverage_and_rounds() -> None:
    assert flow_rows(REPORT, "passed") == [
        ("data/flows.yml::say hello", " 100.00%", 1, 0, ""),
        ("data/flows.yml::ask, weather", "  33.33%", 3, 2, "[7-8, 10-10]"),
        ("Total", "  50.00%", 4, 2, ""),
    ]


def test_missing_steps_name_file_and_lines() -> None:
    assert [line for line in missing_lines(REPORT) if not line.startswith(" ")] == [
        "data/flows.yml:7-8  action utter_b  (flow ask, weather)",
        "data/flows.yml:10-10  action utter_c  (flow ask, weather)",
    ]


def test_the_histogram_has_a_bar_for_each_kind_and_shows_zeros() -> None:
    assert histogram_lines(COMMANDS, "passed", cells=12) == [
        "cancel flow   0  ",
        "set slot     12  ████████████",
        "start flow    3  ███",
    ]


@pytest.mark.parametrize(("count", "most", "shown"), [(0, 9, ""), (1, 1000, "▏"), (9, 9, "████"), (1, 8, "▌")])
def test_what_is_not_zero_shows(count: int, most: int, shown: str) -> None:
    assert bar(count, most, 4) == shown


def test_the_picture_has_bars_as_long_as_the_counts() -> None:
    picture = Image.open(io.BytesIO(histogram_png(COMMANDS, "passed", "Commands")))
    assert picture.format == "PNG"
    blue = [0, 0, 0]
    for row in range(3):
        y = 56 + row * 34 + 17
        blue[row] = sum(picture.getpixel((x, y)) == (47, 111, 171) for x in range(picture.width))
    assert blue[0] == 0
    assert abs(blue[1] / blue[2] - 4) < 0.05  # 12 to 3


def test_a_picture_of_nothing_is_a_picture() -> None:
    assert Image.open(io.BytesIO(histogram_png((), "failed", "Commands"))).size[0] == 900


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write to"):
        write_report(REPORT, tmp_path / "file" / "out", long_header=False, tests=_tests)


def test_a_report_comes_back_from_its_json() -> None:
    assert report_from_data(json.loads(json.dumps(REPORT.as_data()))) == REPORT


def test_a_report_of_an_older_version_gets_defaults() -> None:
    data = json.loads(json.dumps(REPORT.as_data()))
    del data["extras"], data["is_whole"], data["flows"][0]["paths"]
    assert report_from_data(data) == REPORT


def test_data_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError):
        report_from_data({"flows": ["x"], "passed_tests": 1, "failed_tests": 0, "commands": []})
