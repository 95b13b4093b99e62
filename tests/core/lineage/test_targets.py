"""What a text names."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.dataset.models import Part
from core.errors import UsageError
from core.lineage.targets import CommandTarget, FileRowTarget, RowTarget, Target, TestTarget, TextTarget, find_target
from core.project import Project
from tests.core.lineage.small import CABIN, TICKET
from tests.core.pipeline.small import put, query, write


def find(project: Project, text: str) -> Target:
    with closing(project.open()) as connection:
        return find_target(project, connection, text)


def id_of(project: Project, name: str) -> int:
    return int(query(project, "SELECT id FROM conversation WHERE name = ?", name)[0][0])


def test_a_row_of_each_part(ferry: Project) -> None:
    assert [find(ferry, text) for text in ("train:1", "val:12", "holdout:3")] == [
        RowTarget(Part.TRAIN, 1), RowTarget(Part.VAL, 12), RowTarget(Part.HOLDOUT, 3),
    ]  # fmt: skip


def test_a_test_by_its_file_and_name_by_a_line_of_it_and_by_its_name_alone(ferry: Project) -> None:
    cabin = id_of(ferry, "rents a cabin")
    whole = TestTarget(cabin)
    assert [find(ferry, text) for text in (CABIN, "cabins.yml::rents a cabin", "rents a cabin", f"{CABIN}#1")] == [whole] * 4
    assert find(ferry, "e2e_tests/cabins.yml:2") == whole
    ((step,),) = query(ferry, "SELECT id FROM user_step WHERE conversation_id = ? AND ordinal = 2", cabin)
    assert find(ferry, "e2e_tests/cabins.yml:6") == TestTarget(cabin, step)
    assert find(ferry, "e2e_tests/cabins.yml:7") == whole


def test_a_file_is_found_from_the_current_folder_too(ferry: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ferry.root / "e2e_tests")
    assert find(ferry, "./cabins.yml::rents a cabin") == TestTarget(id_of(ferry, "rents a cabin"))


def test_the_second_test_of_a_name_by_its_number(ferry: Project) -> None:
    case = "- test_case: twice\n  steps:\n  - user: {text}\n  - bot: ok\n"
    put(ferry, "e2e_tests/twice.yml", "test_cases:\n" + case.format(text="one") + case.format(text="two"))
    second = query(ferry, "SELECT id FROM conversation WHERE name = 'twice' AND occurrence = 2")[0][0]
    assert find(ferry, "e2e_tests/twice.yml::twice#2") == TestTarget(second)


def test_a_command_in_any_dialect(ferry: Project) -> None:
    for text in ("start flow buy_ticket", "StartFlow(buy_ticket)", "set slot nobody ever", "HumanHandoff()"):
        assert isinstance(find(ferry, text), CommandTarget), text


@pytest.mark.parametrize(
    "text", ["set slot ticket_count", "SetSlot(ticket_count", "SetSlot(ticket_count)", "set slot", "start"]
)
def test_how_commands_begin(ferry: Project, text: str) -> None:
    assert isinstance(find(ferry, text), CommandTarget)


def test_a_rephrasing_by_id_and_by_its_text_in_quotes_or_bare(ferry: Project) -> None:
    ((id_,),) = query(ferry, "SELECT id FROM rephrasing WHERE text = 'Friday night'")
    assert find(ferry, f"#{id_}") == find(ferry, '"Friday night"') == find(ferry, "“Friday night”")
    assert find(ferry, "Friday night") == TextTarget("Friday night", (id_,), ())


def test_words_of_tests_are_found_in_every_test_that_has_them(ferry: Project) -> None:
    found = find(ferry, "next Friday")
    assert isinstance(found, TextTarget)
    assert (found.rephrasings, len(found.steps)) == ((), 2)


def test_a_line_of_any_other_file_may_be_a_row(ferry: Project) -> None:
    path = write(ferry, "out/train.jsonl", "{}\n")
    assert find(ferry, f"{path}:1") == FileRowTarget(path.resolve(), 1)
    assert find(ferry, "out/train.jsonl:1") == FileRowTarget(path.resolve(), 1)


def test_what_stands_above_the_first_test_is_told(ferry: Project) -> None:
    with pytest.raises(UsageError, match=r"cabins.yml:1 stands above the first test"):
        find(ferry, "e2e_tests/cabins.yml:1")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("e2e_tests/tickets.yml::buys a tiket", TICKET),
        ("rents a cabbin", CABIN),
        ("set slot ticket_coutn", "set slot ticket_count"),
        ("SetSlot(ticket_coutn", "set slot ticket_count"),
    ],
)
def test_what_is_near_is_proposed(ferry: Project, text: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(ferry, text)
    assert f"Did you mean `{meant}`?" in caught.value.remedy


@pytest.mark.parametrize(
    "text", ["", " ", "#999", "nowhere.yml::no test", "nothing like it at all", '"not said"', "no.jsonl:3"]
)
def test_what_is_nothing_says_which_targets_there_are(ferry: Project, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(ferry, text)
    assert "rephrasing" in str(caught.value)


def test_a_path_that_two_files_end_in_is_ambiguous(ferry: Project) -> None:
    text = (ferry.root / "e2e_tests/cabins.yml").read_text(encoding="utf-8")
    put(ferry, "more/cabins.yml", text)
    with pytest.raises(UsageError, match="more than one file has a test"):
        find(ferry, "cabins.yml::rents a cabin")
    assert isinstance(find(ferry, CABIN), TestTarget)


def test_a_project_without_anything_names_nothing(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is nothing called"):
        find(project, "hello")
