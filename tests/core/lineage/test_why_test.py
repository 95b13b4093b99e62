"""From a test forward to its rows."""

from __future__ import annotations

from contextlib import closing

from core.dataset.models import DatasetOptions, DatasetVersion, LeftOutPoint
from core.project import Project
from core.store.connection import transaction
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import CABIN, TICKET, asked, lines, two_tests
from tests.core.pipeline.small import query


def test_every_text_of_every_step_has_its_rows_or_why_it_has_none(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, TICKET)
    assert found["parts"] == (("train", 4),)
    first, second = found["steps"]
    assert [(text["text"], text["rows"], text["why_none"]) for text in first["texts"]] == [
        ("two tickets to the island", ["train:1"], ""),
        ("I need a pair of island tickets", ["train:2"], ""),
        ("the island, twice please", [], ""),
        ("one ticket to the island", [], "rejected by a person"),
    ]
    ((gone,),) = [text["left_out"] for text in first["texts"] if text["left_out"]]
    assert (gone["reason"], gone["twin"], gone["count"]) == (LeftOutPoint.NEAR.value, "train:1", 1)
    assert [text["rows"] for text in second["texts"]] == [["train:3"], ["train:4"]]


def test_a_line_of_the_test_tells_of_its_step_only(ferry: Project, version: DatasetVersion) -> None:
    found = asked(ferry, "e2e_tests/cabins.yml:6")
    assert (found["only_step"], [one["step"]["user_step"] for one in found["steps"]]) == (2, [2])
    assert found["parts"] == (("val", 3),)


def test_a_button_and_a_step_without_prompt_say_why_they_give_nothing(ferry: Project, version: DatasetVersion) -> None:
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute("UPDATE prompt SET known = 0, reason = 'the template has changed'")
    newer = small_version(ferry, without={"next Friday": LeftOutPoint.SAMPLED}, options=DatasetOptions(seed=2))
    told = lines(ferry, CABIN, dataset=newer.name)
    assert "no row: a button: not handled by the command generator" in told
    assert "left out: over the limit of data points" in told


def test_a_failing_test_says_so(ferry: Project) -> None:
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute("DELETE FROM face WHERE kind <> 'test'")
        connection.execute("UPDATE user_step SET commands = NULL, ingested_commands = NULL")
        connection.execute(
            "INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES (1, 'annotate', '', 'anna', '{}')"
        )
        connection.execute("INSERT INTO annotation SELECT id, 1, 'failed', '', '[]' FROM conversation")
    assert "no row: its test fails (`workbench annotate --failures`); no commands" in lines(ferry, TICKET)


def test_without_a_dataset_it_says_so_and_still_tells_what_a_build_would_not_take(ferry: Project) -> None:
    found = asked(ferry, TICKET)
    assert found["dataset"] is None
    whys = {text["text"]: text["why_none"] for text in found["steps"][0]["texts"]}
    assert whys["one ticket to the island"] == "rejected by a person"
    assert "there is no dataset yet" in lines(ferry, TICKET)


def test_a_rephrasing_newer_than_the_dataset_is_told_from_one_that_was_not_drawn(project: Project) -> None:
    two_tests(project)
    for most, told in ((None, "newer than the dataset"), (1, "max_per_conversation")):
        version = small_version(project, options=DatasetOptions(max_per_conversation=most))
        with closing(project.open()) as connection, transaction(connection):
            connection.execute("DELETE FROM data_point WHERE rephrasing_id IS NOT NULL AND dataset_id = ?", (version.id,))
        whys = {text["text"]: text["why_none"] for text in asked(project, TICKET)["steps"][0]["texts"]}
        assert told in whys["I need a pair of island tickets"]


def test_what_an_edit_of_the_test_would_change(ferry: Project, version: DatasetVersion) -> None:
    small_version(ferry, val=["buys a ticket"])
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute(
            "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256, dataset_id) VALUES"
            " ('', 'anna', 'out', '{}', '{}', '', ?)",
            (version.id,),
        )
    effect = asked(ferry, TICKET)["if_edited"]
    assert [(rows, name == version.name) for name, rows in effect["versions"]] == [(5, False), (4, True)]
    assert (effect["exports"], effect["rephrasings"], effect["decisions"]) == (1, 4, 2)
    assert "1 export of these datasets would be out of date" in lines(ferry, TICKET)


def test_commands_that_the_annotate_stage_found_name_its_run(ferry: Project) -> None:
    conversation = query(ferry, "SELECT id FROM conversation WHERE name = 'rents a cabin'")[0][0]
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute("UPDATE source SET path = ':annotate' WHERE path = 'labels.jsonl'")
        connection.execute(
            "INSERT INTO stage_run (id, stage, at, reviewer, parameters) VALUES"
            " (1, 'annotate', '2026-11-20T10:00:00.000Z', 'anna', '{}')"
        )
        connection.execute("INSERT INTO annotation VALUES (?, 1, 'annotated', '', '[]')", (conversation,))
        connection.execute(
            "INSERT INTO llm_call (key, stage, role, model, base_url, sample, item, at, state, attempts, seconds,"
            " prompt_tokens, completion_tokens, cached_tokens, exact_tokens, request) VALUES ('0123456789abcdef', 'annotate',"
            " 'annotator', 'big-model', 'x', 0, ?, '2026-11-20T10:00:00.000Z', 'answered', 1, 0.1, 1, 1, 0, 1, x'00')",
            (f"{CABIN} step 2",),
        )
    origin = asked(ferry, "e2e_tests/cabins.yml:6")["steps"][0]["step"]["origin"]
    assert (origin["kind"], origin["by"], origin["calls"][0]["model"]) == ("model", "anna", "big-model")
    assert "found by `workbench annotate`, 2026-11-20 10:00 by anna; the test passed with them" in lines(ferry, CABIN)
    with closing(ferry.open()) as connection, transaction(connection):
        connection.execute("UPDATE annotation SET outcome = 'kept'")
    assert "found by `workbench annotate`, 2026-11-20 10:00 by anna; the test fails with them" in lines(ferry, CABIN)
