"""`workbench test`: what it prints, its exit code, what it writes, and where it finds everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.core.testing.small import FILES, write
from tests.tui.cli.calls import Workbench

RIGHT = """
    test_cases:
    - test_case: parcel number is asked for
      steps:
      - user: where is my parcel
      - utter: utter_ask_number
    """
WRONG = """
    test_cases:
    - test_case: shop is asked for
      steps:
      - user: I choose
        commands: [start flow choose]
      - bot: Which shop?
      - user: the one at the harbour
        commands: [set slot shop Harbour]
      - bot: You chose Hill.
    """
ASSERTED = """
    test_cases:
    - test_case: asserted
      steps:
      - user: where is it
        commands: [start flow where]
        assertions:
        - flow_started: where
        - generative_response_is_grounded: {threshold: 0.5}
    """
COMMANDS = {"file": "e2e_tests/right.yml", "line": 4, "user_step": 1, "commands": ["StartFlow(where)"]}


@pytest.fixture
def parcels(workbench: Workbench) -> Workbench:
    """Calls in a project with one test that passes, given a file of commands, one that fails, and one with assertions."""
    tests = {"e2e_tests/right.yml": RIGHT, "e2e_tests/wrong.yml": WRONG, "e2e_tests/asserted.yml": ASSERTED}
    write(workbench.folder, {**FILES, **tests})
    (workbench.folder / "commands.jsonl").write_text(json.dumps(COMMANDS) + "\n")
    return workbench


def test_all_pass_and_the_exit_code_says_so(parcels: Workbench) -> None:
    done = parcels("test", parcels.folder / "e2e_tests/right.yml", "--commands", parcels.folder / "commands.jsonl")
    assert done.code == 0
    assert done.out.splitlines()[:2] == [
        "file                 tests  passed  failed  not run",
        "e2e_tests/right.yml      1       1       0        0",
    ]
    assert "1 passed, 0 failed, 0 not run in " in done.out
    assert done.err == "custom actions: stubs, then led by the tests\n"


def test_a_failing_test_is_shown_with_a_diff_and_its_transcript(parcels: Workbench) -> None:
    done = parcels("test", parcels.folder / "e2e_tests/wrong.yml")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "FAILED e2e_tests/wrong.yml:2  shop is asked for"
    assert lines[1:4] == [
        "  user step 2 (e2e_tests/wrong.yml:9): the one at the harbour",
        "    - 9: bot: You chose Hill.",
        "    + You chose Harbour.",
    ]
    assert "      bot  Which shop? (from the test)" in lines
    assert '          = shop: "Harbour"' in lines


def test_without_a_path_the_assistant_s_tests_are_run(parcels: Workbench) -> None:
    done = parcels("test", "--commands", "recorded", "--commands", parcels.folder / "commands.jsonl", "--json")
    assert [(row["file"], row["passed"]) for row in done.data["results"]] == [
        ("e2e_tests/asserted.yml", True),
        ("e2e_tests/right.yml", True),
        ("e2e_tests/wrong.yml", False),
    ]
    assert done.code == 1


def test_a_test_without_commands_is_counted_as_not_run_and_fails_the_call(parcels: Workbench) -> None:
    done = parcels("test", parcels.folder / "e2e_tests/right.yml")
    assert done.code == 1
    assert "NOT RUN e2e_tests/right.yml:2  parcel number is asked for: no commands for user step 1" in done.out
    assert "0 passed, 0 failed, 1 not run" in done.out
    assert "--commands" in done.err


def test_recorded_commands_are_those_of_the_project(parcels: Workbench) -> None:
    annotated = """
        conversations:
        - original_test_case: e2e_tests/right.yml::parcel number is asked for
          steps:
          - user: where is my parcel
            llm_commands: [start flow where]
          - utter: utter_ask_number
        """
    write(parcels.folder, {"annotations/right.yml": annotated})
    assert parcels("ingest", parcels.folder / "e2e_tests", parcels.folder / "annotations").code == 0
    assert parcels("test", parcels.folder / "e2e_tests/right.yml").code == 0


def test_accuracy_by_assertion_type(parcels: Workbench) -> None:
    done = parcels("test", parcels.folder / "e2e_tests/asserted.yml")
    assert done.code == 0
    assert "Accuracy by assertion type" in done.out
    table = done.out.split("Accuracy by assertion type\n")[1].splitlines()
    assert table[1].split() == ["flow_started", "1", "0", "0", "100.0", "%"]
    assert table[2].split() == ["generative_response_is_grounded", "0", "0", "1", "-"]


def test_selection_by_name_and_k(parcels: Workbench) -> None:
    named = parcels("test", f"{parcels.folder / 'e2e_tests'}::shop is asked for", "--json")
    assert [row["name"] for row in named.data["results"]] == ["shop is asked for"]
    by_word = parcels("test", "-k", "asserted or right", "--json")
    assert [row["name"] for row in by_word.data["results"]] == ["asserted", "parcel number is asked for"]


def test_failed_first(parcels: Workbench) -> None:
    assert parcels("test", "-k", "not right").code == 1
    done = parcels("test", "--failed-first", "-k", "not right", "--json")
    assert [row["name"] for row in done.data["results"]] == ["shop is asked for", "asserted"]


def test_files_of_results(parcels: Workbench, tmp_path: Path) -> None:
    done = parcels("test", "-k", "not right", "--results", tmp_path / "out", "--junit", tmp_path / "out/junit.xml")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "e2e_results_failed.yml", "e2e_results_passed.yml", "failed.yml", "junit.xml", "passed.yml"
    ]  # fmt: skip
    assert ElementTree.parse(tmp_path / "out/junit.xml").getroot().get("failures") == "1"
    assert f"written: {tmp_path / 'out/passed.yml'}" in done.err
    assert parcels("test", tmp_path / "out/passed.yml").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.yml"], "No such file"),
        (["--commands", "llm:rephraser"], "no model answers tests as `rephraser`"),
        (["--commands", "gone.jsonl"], "No such file"),
        (["-k", "nothing like it"], "no test matches -k"),
        (["-k", "(a"], "`)` is missing"),
        (["--actions", "server"], "the assistant names no action server"),
        (["--actions", "magic"], "--actions"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_a_wrong_call_is_usage(parcels: Workbench, arguments: list[str], said: str) -> None:
    done = parcels("test", *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_wrong_test_file_is_named_with_its_line(parcels: Workbench) -> None:
    write(parcels.folder, {"e2e_tests/bad.yml": "test_cases:\n- test_case: x\n  steps:\n  - bto: hi\n"})
    done = parcels("test")
    assert done.code == 1
    assert "e2e_tests/bad.yml:4" in done.err


def test_an_assistant_that_cannot_be_read_is_an_error(parcels: Workbench) -> None:
    write(parcels.folder, {"data/broken.yml": "flows: [\n"})
    done = parcels("test")
    assert done.code == 1
    assert "broken.yml" in done.err


def test_stubs_only_names_the_action_that_has_none(parcels: Workbench) -> None:
    done = parcels("test", parcels.folder / "e2e_tests/wrong.yml", "--actions", "stubs")
    assert done.code == 1
    assert "action_ask_shop" in done.out


def test_a_bad_test_is_told_and_hides_no_other(parcels: Workbench) -> None:
    write(parcels.folder, {"e2e_tests/bad.yml": "test_cases:\n- test_case: bad\n  steps:\n  - usr: hi\n"})
    write(
        parcels.folder,
        {"e2e_tests/fixed.yml": ASSERTED.replace("- test_case: asserted", "- test_case: f\n      fixtures: [nope]")},
    )
    done = parcels("test", parcels.folder / "e2e_tests", "--json", "-k", "asserted or bad or fixed")
    assert done.code == 1
    outcomes = {row["file"]: row["outcome"] for row in done.data["results"]}
    assert outcomes["e2e_tests/asserted.yml"] == "passed"
    assert outcomes["e2e_tests/fixed.yml"] == "not run"
    assert "e2e_tests/bad.yml" in " ".join(done.data["problems"])
    assert "unknown fixture `nope`" in done.err


def test_a_judged_assertion_that_is_not_run_is_said(parcels: Workbench) -> None:
    (row,) = parcels("test", parcels.folder / "e2e_tests/asserted.yml", "--json").data["results"]
    assert row["warnings"] == ["not judged: 1 assertions that need a language model, and none is configured"]


def test_no_project_is_needed(tmp_path: Path, workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The assistant is the nearest folder above the tests that is laid out as one."""
    write(tmp_path / "plain", {**FILES, "e2e_tests/deep/asserted.yml": ASSERTED})
    workbench.folder = tmp_path
    monkeypatch.chdir(tmp_path)
    done = workbench("test", "plain/e2e_tests/deep", "--json")
    assert done.code == 0
    assert [row["file"] for row in done.data["results"]] == ["plain/e2e_tests/deep/asserted.yml"]
    assert not (tmp_path / "plain/.workbench").exists()
    assert workbench("test", "plain/e2e_tests", "--failed-first").code == 2


def test_the_project_is_the_one_the_tests_lie_in(parcels: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = parcels.folder.parent
    name = parcels.folder.name
    monkeypatch.chdir(outside)
    parcels.folder = outside
    done = parcels("test", f"{name}/e2e_tests", "-k", "asserted", "--json")
    assert [row["file"] for row in done.data["results"]] == ["e2e_tests/asserted.yml"]
    assert (outside / name / ".workbench/last_tests.json").is_file()


def test_the_assistant_may_lie_below_the_folder_that_is_named(tmp_path: Path, workbench: Workbench) -> None:
    write(tmp_path / "checkout/template", {**FILES, "e2e_tests/t.yml": ASSERTED})
    (tmp_path / "elsewhere").mkdir()
    workbench.folder = tmp_path / "elsewhere"
    done = workbench("test", tmp_path / "checkout", "--json")
    assert [row["passed"] for row in done.data["results"]] == [True]
    write(tmp_path / "checkout/copy", {**FILES})
    done = workbench("test", tmp_path / "checkout")
    assert done.code == 2
    assert "several assistants" in done.err


def test_tests_of_two_assistants_in_one_call_are_refused(tmp_path: Path, workbench: Workbench) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, {**FILES, "e2e_tests/t.yml": ASSERTED})
    workbench.folder = tmp_path
    done = workbench("test", tmp_path / "one/e2e_tests", tmp_path / "two/e2e_tests")
    assert done.code == 2
    assert "several assistants" in done.err
    assert workbench("test", tmp_path / "two/e2e_tests", "--assistant", tmp_path / "one").code == 0


def test_the_command_line_starts_without_the_parts_that_only_this_command_needs() -> None:
    code = "import sys, tui.cli.main; print([name for name in sys.modules if name.startswith('core.testing')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
