"""Which rows teach a command."""

from __future__ import annotations

from contextlib import closing

import pytest

from core.dataset.models import DatasetVersion
from core.lineage.command_pattern import CommandPattern
from core.project import Project
from core.store.connection import transaction
from tests.core.dataset.versions import rewrite, small_version
from tests.core.lineage.small import CABIN, TICKET, asked, lines
from tests.core.pipeline.small import correct, query

LABEL = '[["start flow","rent_cabin"],["set slot","cabin_beds","2"]]'


def test_rows_are_counted_by_part_and_by_test(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, "start flow buy_ticket")
    assert found["rows"] == {"train": 2}
    assert found["tests"] == [
        {"test": TICKET, "part": "train", "first_row": "train:1", "rows": 2, "of_original_texts": 1, "rephrasings": 1}
    ]
    assert "2 rows teach it: 2 in train" in lines(ferry, "start flow buy_ticket")


def test_a_pattern_takes_every_value(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, "set slot")
    assert found["rows"] == {"train": 4, "val": 3}
    assert found["labels"] == {
        "set slot ticket_count 2": 2, "set slot travel_day Friday": 2, "set slot cabin_night Friday": 2,
        "set slot cabin_beds 2": 1,
    }  # fmt: skip
    assert {one["test"] for one in found["tests"]} == {TICKET, CABIN}


def test_rephrasings_are_counted_by_state_verdict_and_reason(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, "StartFlow(buy_ticket)")
    assert found["states"] == {"accept": 1, "undecided": 1, "reject": 1}
    assert found["verdicts"] == {"same": 2, "different": 1}
    assert found["left_out_rephrasings"] == {"rejected by a person": 1}
    assert found["left_out_points"] == {"near-duplicate": 1}


def test_a_step_that_has_the_command_and_no_row_says_why(ferry: Project, version: DatasetVersion) -> None:
    step = query(ferry, "SELECT id FROM user_step WHERE text = 'a cabin with two beds'")[0][0]
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute("DELETE FROM data_point WHERE step_id = ?", (step,))
        connection.execute("UPDATE user_step SET unparsed = '[\"bed 2\"]' WHERE id = ?", (step,))
    lineage = version.folder / "lineage.jsonl"
    rows = [row for row in lineage.read_text(encoding="utf-8").splitlines(True) if "two beds" not in row]
    rewrite(version, "lineage.jsonl", "".join(rows))
    found = asked(ferry, "start flow rent_cabin")
    assert (found["rows"], found["steps"], found["steps_without"]) == ({}, 1, 1)
    assert found["without"] == [{"where": "e2e_tests/cabins.yml:4", "reason": "commands not understood: bed 2"}]
    assert "no row teaches it" in lines(ferry, "start flow rent_cabin")


def test_the_labels_of_the_dataset_count_not_those_of_now(ferry: Project, version: DatasetVersion) -> None:
    step = query(ferry, "SELECT id FROM user_step WHERE text = 'a cabin with two beds'")[0][0]
    correct(ferry, step, "start flow rent_room")
    assert asked(ferry, "start flow rent_cabin")["rows"] == {"val": 1}
    assert asked(ferry, "start flow rent_room")["rows"] == {}
    assert asked(ferry, "start flow rent_room", dataset=small_version(ferry).name)["rows"] == {"train": 1}


def test_a_command_nobody_has_is_no_error(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, "hand over")
    assert (found["rows"], found["steps"], found["tests"]) == ({}, 0, [])


def test_without_a_dataset_it_says_how_to_make_one(ferry: Project) -> None:
    assert "there is no dataset yet: `workbench dataset build`" in lines(ferry, "set slot")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("start flow rent_cabin", True), ("start flow rent", False), ("start flow", True), ("StartFlow", True),
        ("SetSlot(cabin_beds, 2)", True), ("SetSlot(cabin_beds", True), ("SET  SLOT cabin_beds", True), ("cabin_beds", False),
        ("Clarify", False),
    ],
)  # fmt: skip
def test_words_match_from_the_first_on_and_whole(text: str, matches: bool) -> None:
    assert CommandPattern(text).matches(LABEL) is matches
