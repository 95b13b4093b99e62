"""Recorded commands: of the project's database, of test files, of files that the caller names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.commands import CancelFlow, Command, SetSlot, StartFlow
from core.errors import InputError, UsageError
from core.pipeline.ingest import ingest
from core.project import Project
from core.testing.cases import LoadedTest, load_tests
from core.testing.command_sources import Lookup, RecordedCommands, in_test_file, stored_commands
from core.testing.commands_file import file_commands
from core.testing.selection import Selector
from tests.core.testing.small import write

TESTS = """
    test_cases:
    - test_case: pays
      steps:
      - user: I pay
      - bot: how much?
      - user: /SetSlots(a=1)
      - user: stop
    """
PAY, STOP = (StartFlow("pay"), SetSlot("amount", "4")), (CancelFlow(),)


def load(folder: Path, name: str = "e2e/t.yml") -> LoadedTest:
    return load_tests([Selector(folder / name)], folder, shown_as=lambda path: path.name).tests[0]


def commands_of(test: LoadedTest, *lookups: Lookup) -> list[tuple[Command, ...]]:
    """Of every user step; none are asked of a conversation, so none is needed."""
    source = RecordedCommands(lookups)
    return [source.commands(test, turn, None) for turn in test.script.turns]  # type: ignore[arg-type]


def missing(test: LoadedTest, *lookups: Lookup) -> str:
    return RecordedCommands(lookups).readiness(test).missing


@pytest.fixture
def test(tmp_path: Path) -> LoadedTest:
    return load(write(tmp_path, {"e2e/t.yml": TESTS}))


def rows(folder: Path, *rows: dict[str, object]) -> Lookup:
    path = folder / "commands.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file_commands(path)


FIRST = {"file": "e2e/t.yml", "user_step": 1, "commands": ["StartFlow(pay)", "SetSlot(amount, 4)"]}
THIRD = {"file": "e2e/t.yml", "user_step": 3, "commands": ["cancel flow"]}


def test_rows_mean_a_step_by_its_line(tmp_path: Path, test: LoadedTest) -> None:
    found = rows(tmp_path, FIRST | {"line": 4}, THIRD | {"line": 7})
    assert commands_of(test, found) == [PAY, (), STOP]
    assert missing(test, found) == ""


def test_rows_mean_a_step_by_its_number_and_the_line_of_the_test(tmp_path: Path, test: LoadedTest) -> None:
    assert commands_of(test, rows(tmp_path, FIRST | {"line": 2}, THIRD | {"line": 2})) == [PAY, (), STOP]


def test_rows_mean_a_step_by_its_number_and_the_name_of_the_test(tmp_path: Path, test: LoadedTest) -> None:
    named = {"test_case": "pays", "text": "I pay"}
    assert commands_of(test, rows(tmp_path, FIRST | named, THIRD | named | {"text": "stop"})) == [PAY, (), STOP]


@pytest.mark.parametrize(
    "other",
    [
        {"line": 5},
        {"line": 4, "file": "other/e2e/t.yml"},
        {"line": 4, "test_case": "other"},
        {"line": 4, "text": "I do not pay"},
        {"test_case": "pays", "text": "I paid"},
    ],
)
def test_a_row_of_something_else_does_not_count(tmp_path: Path, test: LoadedTest, other: dict[str, object]) -> None:
    assert commands_of(test, rows(tmp_path, FIRST | other))[0] == ()
    assert missing(test, rows(tmp_path, FIRST | other)) == "no commands for user step 1 (t.yml:4)"


def test_a_row_of_another_assistant_with_the_same_file_does_not_count(tmp_path: Path) -> None:
    one = load(write(tmp_path / "one", {"e2e/t.yml": TESTS}))
    ours, theirs = {"assistant": "one", "line": 4}, {"assistant": "two", "line": 4, "commands": ["StartFlow(theirs)"]}
    assert commands_of(one, rows(tmp_path, FIRST | theirs, FIRST | ours))[0] == PAY
    moved = load(write(tmp_path / "copy", {"e2e/t.yml": TESTS}))
    assert commands_of(moved, rows(tmp_path, FIRST | ours))[0] == PAY


def test_a_skipped_step_is_given_no_commands_and_says_so(tmp_path: Path, test: LoadedTest) -> None:
    skipped = {"file": "e2e/t.yml", "line": 4, "user_step": 1, "commands": [], "skip": "an NLU form answers"}
    found = rows(tmp_path, skipped, THIRD | {"line": 7})
    assert commands_of(test, found) == [(), (), STOP]
    readiness = RecordedCommands((found,)).readiness(test)
    assert readiness.missing == ""
    assert readiness.warnings == ("user step 1 (t.yml:4) was given no commands: an NLU form answers",)


def test_rows_of_buttons_say_nothing(tmp_path: Path, test: LoadedTest) -> None:
    button = {"file": "e2e/t.yml", "line": 4, "user_step": 1, "button": True}
    assert missing(test, rows(tmp_path, button, THIRD | {"line": 7})) == "no commands for user step 1 (t.yml:4)"


def test_commands_that_are_not_understood_leave_the_test_not_run(tmp_path: Path, test: LoadedTest) -> None:
    odd = {"file": "e2e/t.yml", "line": 4, "user_step": 1, "commands": ["launch flow pay"]}
    assert "commands not understood: launch flow pay" in missing(test, rows(tmp_path, odd))


def test_a_file_of_commands_that_is_wrong_or_empty_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"file": "t.yml", "test_case": "a", "text": "b", "user_step": 0, "commands": []}\n')
    with pytest.raises(InputError, match="cannot be used for commands"):
        file_commands(tmp_path / "bad.jsonl")
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UsageError, match="no commands in"):
        file_commands(tmp_path / "notes.txt")
    with pytest.raises(UsageError, match="No such file"):
        file_commands(tmp_path / "gone.jsonl")


DU = TESTS.replace("- user: I pay\n", "- user: I pay\n        commands: [start flow pay, set slot amount 4]\n")


def test_a_dialogue_understanding_test_has_its_own_commands(tmp_path: Path) -> None:
    test = load(write(tmp_path, {"e2e/t.yml": DU}))
    assert commands_of(test, in_test_file) == [PAY, (), ()]
    assert "user step 3" in missing(test, in_test_file)


ANNOTATED = """
    conversations:
    - original_test_case: e2e/t.yml::pays
      steps:
      - user: I pay
        llm_commands:
        - start flow pay
        - set slot amount 4
      - bot: how much?
      - user: /SetSlots(a=1)
      - user: stop
    """


def test_a_file_of_annotations_gives_commands_and_steps_that_have_none(tmp_path: Path, test: LoadedTest) -> None:
    found = file_commands(write(tmp_path, {"out/annotated.yml": ANNOTATED}) / "out")
    assert commands_of(test, found) == [PAY, (), ()]
    assert missing(test, found) == ""


def stored(project: Project, *names: str) -> Lookup:
    connection = project.open()
    try:
        ingest(project, connection, [project.root / name for name in names], reviewer="tester")
        return stored_commands(connection, project.relative)
    finally:
        connection.close()


def test_the_project_knows_commands_of_ingested_annotations(project: Project) -> None:
    write(project.root, {"e2e/t.yml": TESTS, "annotations/t.yml": ANNOTATED})
    found = stored(project, "e2e", "annotations")
    assert commands_of(load(project.root), found) == [PAY, (), ()]
    assert missing(load(project.root), found) == ""


def test_commands_recorded_for_another_text_are_not_used(project: Project) -> None:
    write(project.root, {"e2e/t.yml": TESTS, "annotations/t.yml": ANNOTATED})
    found = stored(project, "e2e", "annotations")
    write(project.root, {"e2e/t.yml": TESTS.replace("I pay", "I pay now")})
    assert "recorded for another text: I pay" in missing(load(project.root), found)


def test_a_place_that_knows_commands_goes_before_one_that_knows_why_there_are_none(tmp_path: Path) -> None:
    test = load(write(tmp_path, {"e2e/t.yml": DU}))
    skipped = {"file": "e2e/t.yml", "line": 4, "user_step": 1, "commands": [], "skip": "unclear"}
    assert commands_of(test, rows(tmp_path, skipped), in_test_file)[0] == PAY
