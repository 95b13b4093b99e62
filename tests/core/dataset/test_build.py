"""A dataset version: the same for the same project, and nothing in it that must not be."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from core.dataset.build import build
from core.dataset.folder import about, read_lineage, read_rows
from core.dataset.holdout import open_holdout
from core.dataset.models import DatasetOptions, DatasetVersion, Part
from core.dataset.version import digest_of
from core.errors import ProjectError, UsageError
from core.project import Project
from core.stages.lock import project_lock
from core.store.datasets import all_datasets, find_dataset, holdout_uses
from tests.core.pipeline.small import built, contexts, conversation, decide, put, query, talk, use_template

Steps = Sequence[tuple[str, Sequence[str], Sequence[str]]]


def corpus(project: Project, tests: dict[str, Steps]) -> Project:
    """A project of these tests, with a template that prints conversation and message."""
    project = use_template(project)
    text = "conversations:\n" + "".join(conversation(name, steps) for name, steps in tests.items())
    put(project, "rephrasings/t.yml", text)
    put(project, "contexts.yml", contexts({name: [step[0] for step in steps] for name, steps in tests.items()}))
    return project


def rows(version: DatasetVersion, part: Part = Part.TRAIN) -> list[str]:
    return [f"{talk({'prompt': row.prompt})} -> {row.completion}" for row in read_rows(version, part)]


BUY = ["start flow buy_ticket"]
SAIL = ["start flow timetable"]


def many(project: Project, count: int = 12) -> Project:
    words = ["anchor", "buoy", "cabin", "deck", "engine", "funnel", "galley", "harbour", "island", "jetty", "keel", "lantern"]
    return corpus(
        project,
        {
            f"test {number}": [
                (
                    f"please tell me about the {word} of this ship",
                    BUY if number % 2 else SAIL,
                    [f"{word}: what is that like here"],
                )
            ]
            for number, word in enumerate(words[:count])
        },
    )


def test_the_same_project_and_options_give_the_same_dataset(project: Project) -> None:
    many(project)
    first = built(project, train_frac=0.7).version
    files = {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()}
    again = built(project, train_frac=0.7).version
    assert again == first
    assert {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()} == files
    with closing(project.open()) as connection:
        assert [one.name for one in all_datasets(project, connection)] == [first.name]


def test_the_address_is_that_of_rows_and_parameters(project: Project) -> None:
    many(project)
    names = {
        built(project, train_frac=0.7).version.name,
        built(project, train_frac=0.7, seed=1).version.name,
        built(project, train_frac=0.5).version.name,
    }
    decide(project, "reject", "anchor: what is that like here")
    names.add(built(project, train_frac=0.7).version.name)
    assert len(names) == 4


def test_a_change_of_a_test_that_changes_no_row_is_another_version(project: Project) -> None:
    """The tests of each side are part of it: an evaluation runs them."""
    many(project)
    before = built(project).version
    said = "please tell me about the anchor of this ship"
    put(
        project, "e2e_tests/t.yml",
        f"test_cases:\n- test_case: test 0\n  steps:\n  - user: {said}\n  - utter: utter_anchor\n",
    )  # fmt: skip
    after = built(project).version
    assert rows(before) == rows(after)
    assert after.name != before.name


def test_what_is_said_of_the_rows_is_stored_and_true(project: Project) -> None:
    version = built(many(project), train_frac=0.6, holdout_frac=0.2).version
    stored = about(version)
    assert stored["address"] == version.address
    assert {name: found["sha256"] for name, found in stored["files"].items()} == {
        path.relative_to(version.folder).as_posix(): digest_of(path)
        for path in version.folder.rglob("*")
        if path.is_file() and path.name != "dataset.json"
    }
    points = query(project, "SELECT part, row, step_id, variant, rephrasing_id, decision_id FROM data_point ORDER BY part, row")
    lineage = sorted(
        (one.part.value, one.number, one.step, one.variant, one.rephrasing, one.decision)
        for part in Part
        for one in read_lineage(version, part)
    )
    assert points == lineage
    assert [one.part for one in read_lineage(version)] == sorted(
        (one.part for one in read_lineage(version)), key=list(Part).index
    )
    assert {part: sum(1 for one in read_lineage(version, part)) for part in Part} == version.points
    for part in (Part.TRAIN, Part.VAL):
        for row, one in zip(read_rows(version, part), read_lineage(version, part), strict=True):
            assert talk({"prompt": row.prompt}).endswith(f"## {one.said}")


def test_texts_that_differ_in_case_and_punctuation_only_are_one_row(project: Project) -> None:
    corpus(project, {"a": [("two tickets", BUY, ["Two tickets!", "a pair of tickets"])], "b": [("TWO  tickets.", BUY, [])]})
    version = built(project).version
    assert rows(version) == [
        "USER: two tickets ## two tickets -> start flow buy_ticket",
        "USER: a pair of tickets ## a pair of tickets -> start flow buy_ticket",
    ]
    assert query(project, "SELECT reason, r.text, s.text, l.twin_variant FROM left_out_point l LEFT JOIN rephrasing r ON r.id ="
                 " l.rephrasing_id JOIN user_step s ON s.id = l.twin_step_id ORDER BY number") == [
        ("exact duplicate", "Two tickets!", "two tickets", 0),
        ("exact duplicate", None, "two tickets", 0),
    ]  # fmt: skip


def test_nearly_the_same_words_are_one_row_and_other_commands_are_another(project: Project) -> None:
    long = "I would like to know when the next ferry leaves for the island please"
    near = "I would like to know when next ferry leaves for the island please"
    corpus(project, {"a": [(long, SAIL, [near])], "b": [(near, BUY, [])]})
    version = built(project, near_duplicates=0.8).version
    assert [row.rpartition("-> ")[2] for row in rows(version)] == ["start flow timetable", "start flow buy_ticket"]
    assert version.summary["left_out"]["near-duplicate"] == 1
    assert len(rows(built(project, near_duplicates=1.0).version)) == 3


def test_the_same_prompt_with_other_commands_is_reported(project: Project) -> None:
    corpus(project, {"a": [("two tickets", BUY, ["a pair"])], "b": [("Two tickets!", SAIL, [])], "c": [("a boat", BUY, [])]})
    built_one = built(project)
    assert len(rows(built_one.version)) == 4
    assert built_one.places("contradictions") == [
        ("e2e_tests/t.yml::b", "same prompt and words, other commands: e2e_tests/t.yml::a")
    ]
    assert built_one.notes["data points with the prompt of another and other commands"] == 1


def test_the_same_words_after_other_words_are_another_row(project: Project) -> None:
    """What was said before stands in the prompt: the row is not the same."""
    corpus(project, {"a": [("hello you", SAIL, ["good morning to you"]), ("two tickets", BUY, [])]})
    assert rows(built(project).version) == [
        "USER: hello you ## hello you -> start flow timetable",
        "USER: hello you / AI: ok / USER: two tickets ## two tickets -> start flow buy_ticket",
        "USER: good morning to you ## good morning to you -> start flow timetable",
        "USER: good morning to you / AI: ok / USER: two tickets ## two tickets -> start flow buy_ticket",
    ]


def test_no_words_stand_on_two_sides_in_the_same_state(project: Project) -> None:
    """Every test answers the same question with the same word, and has words of its own."""
    tests: dict[str, Steps] = {
        f"test {number}": [
            (f"{word} is what this is all about", BUY, [f"let us speak of {word} now"]),
            ("yes", SAIL, ["yes please do", "sure"]),
        ]
        for number, word in enumerate(
            ["ropes", "sails", "winds", "tides", "stars", "charts", "knots", "crews", "masts", "docks"]
        )
    }
    corpus(project, tests)
    version = built(project, train_frac=0.7, holdout_frac=0.1).version
    sides: dict[tuple[str, str], set[Part]] = {}
    for one in (one for part in Part for one in read_lineage(version, part)):
        sides.setdefault((one.state, one.said), set()).add(one.part)
    assert all(len(parts) == 1 for parts in sides.values())
    assert version.points[Part.VAL] > 0
    report = version.summary["split"]
    assert report["strategy"] == "tests"
    assert version.summary["left_out"]["its state and utterance occur in another part"] > 0
    assert report["recipe"]["leaked"] > 0


def test_at_most_so_many_new_conversations_of_a_test(project: Project) -> None:
    texts = ["sell me a ticket", "I need to get across", "one seat on the ferry", "a crossing please", "put me aboard"]
    corpus(project, {"a": [("a ticket", BUY, texts)]})
    assert len(rows(built(project).version)) == 6
    some = rows(built(project, max_per_conversation=2).version)
    assert len(some) == 3
    assert some[0].startswith("USER: a ticket ##")
    assert len({tuple(rows(built(project, max_per_conversation=2, seed=seed).version)) for seed in range(8)}) > 1
    assert len(rows(built(project, max_per_conversation=0).version)) == 1


def test_a_limited_dataset_says_what_it_left_out(project: Project) -> None:
    many(project)
    version = built(project, max_points=6).version
    assert version.points[Part.TRAIN] == 6
    assert version.summary["left_out"]["over the limit of data points"] == 18
    assert query(project, "SELECT count(*) FROM left_out_point WHERE reason = 'over the limit of data points'") == [(18,)]


def test_the_holdout_is_sealed_and_every_look_is_recorded(project: Project) -> None:
    version = built(many(project), train_frac=0.6, holdout_frac=0.2).version
    assert version.points[Part.HOLDOUT] > 0
    assert (version.folder / "holdout.jsonl").stat().st_mode & 0o777 == 0o400
    with pytest.raises(UsageError, match="sealed"):
        open_holdout(project, version, reviewer="ann", purpose=" ")
    assert len(list(open_holdout(project, version, reviewer="ann", purpose="the last word"))) == version.points[Part.HOLDOUT]
    with closing(project.open()) as connection:
        assert [use[1:] for use in holdout_uses(connection, version.id)] == [("ann", "the last word")]


def test_a_dataset_without_holdout_says_so(project: Project) -> None:
    with pytest.raises(UsageError, match="has no holdout"):
        open_holdout(project, built(many(project)).version, reviewer="ann", purpose="a look")


def test_versions_are_found_by_the_beginning_of_their_name(project: Project) -> None:
    many(project)
    first, second = built(project).version, built(project, seed=2).version
    with closing(project.open()) as connection:
        assert find_dataset(project, connection) == second
        assert find_dataset(project, connection, first.name[:8]) == first
        for wrong in ("ffff0000ffff", first.name[:2], "no name", "%"):
            with pytest.raises(UsageError, match="there is no dataset"):
                find_dataset(project, connection, wrong)


def test_the_latest_is_what_the_last_build_came_to(project: Project) -> None:
    many(project)
    first, second = built(project).version, built(project, seed=2).version
    assert built(project).version == first
    with closing(project.open()) as connection:
        assert find_dataset(project, connection) == first
        assert list(all_datasets(project, connection)) == [first, second]


def test_what_tells_of_the_holdout_is_sealed_with_it(project: Project) -> None:
    version = built(many(project), train_frac=0.6, holdout_frac=0.2).version
    assert {one.part for one in read_lineage(version)} == {Part.TRAIN, Part.VAL}
    sealed = {one.original for one in read_lineage(version, Part.HOLDOUT)}
    assert sealed
    for path in version.folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o077:
            text = path.read_text(encoding="utf-8")
            assert not [original for original in sealed if original in text], path.name


def test_a_changed_file_is_found_by_who_reads_it(project: Project) -> None:
    version = built(many(project)).version
    for name, read in (
        ("train.jsonl", lambda: read_rows(version, Part.TRAIN)),
        ("lineage.jsonl", lambda: read_lineage(version)),
    ):
        path = version.folder / name
        path.write_bytes(path.read_bytes().replace(b"anchor", b"ANCHOR"))
        with pytest.raises(ProjectError, match="is not what was written"):
            list(read())


def test_two_builds_at_once_are_refused(project: Project) -> None:
    many(project)
    with (
        project_lock(project, "dataset.lock", "build", taken="-"),
        pytest.raises(UsageError, match="a dataset of this project is being built already"),
    ):
        built(project)


def test_what_a_killed_build_left_behind_is_cleared(project: Project) -> None:
    many(project)
    left = project.state_folder / "datasets" / ".build-killed"
    left.mkdir(parents=True)
    (left / "train.jsonl").write_text("half a row")
    with closing(sqlite3.connect(project.database_path)) as connection:
        connection.execute(
            "INSERT INTO dataset (address, at, reviewer, parameters, dialect, template, template_sha256, code_version, train,"
            " val, holdout, summary) VALUES ('abcd', '', '', '{}', 'v2', '', '', '', 1, 0, 0, '{}')"
        )
        connection.execute("INSERT INTO data_point VALUES (1, 'train', 1, 1, 0, NULL, NULL, NULL)")
        connection.commit()
    with closing(project.open()) as connection:
        assert list(all_datasets(project, connection)) == []
    version = built(project).version
    assert not left.exists()
    assert query(project, "SELECT DISTINCT dataset_id FROM data_point") == [(version.id,)]
    assert [address for (address,) in query(project, "SELECT address FROM dataset")] == [version.address]


def test_files_that_were_lost_are_made_again(project: Project) -> None:
    many(project)
    version = built(project).version
    (version.folder / "dataset.json").unlink()
    (version.folder / "train.jsonl").unlink()
    with pytest.raises(ProjectError, match=r"has lost its file dataset\.json"):
        list(read_rows(version, Part.TRAIN))
    assert built(project).version == version
    assert len(list(read_rows(version, Part.TRAIN))) == version.points[Part.TRAIN]


def test_a_damaged_file_names_its_line(project: Project) -> None:
    version = built(many(project)).version
    path = version.folder / "train.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b'{"prompt": "only"}\n', *lines[2:]]))
    with pytest.raises(ProjectError, match=r"train\.jsonl:2 is not what was written"):
        list(read_rows(version, Part.TRAIN))


def test_a_project_without_a_data_point_says_what_is_missing(project: Project) -> None:
    put(project, "rephrasings/t.yml", "conversations:\n" + conversation("a", [("two tickets", BUY, [])]))
    with pytest.raises(ProjectError, match="nothing to build a dataset of"):
        built(project)
    assert [path.name for path in (project.state_folder / "datasets").iterdir()] == []


def test_a_full_disk_changes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many(project)
    before = built(project).version

    def full(path: Path, *arguments: object) -> None:
        raise OSError(28, os.strerror(28), str(path))

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(ProjectError, match="No space left on device"):
        built(project, seed=9)
    monkeypatch.undo()
    assert [path.name for path in (project.state_folder / "datasets").iterdir()] == [before.name]
    with closing(project.open()) as connection:
        assert [one.name for one in all_datasets(project, connection)] == [before.name]


def test_a_reviewer_may_go_on_deciding_during_a_build(project: Project) -> None:
    many(project)
    asked: list[str] = []

    def decide_meanwhile(what: str, done: int, total: int) -> None:
        if what == "writing" and not asked:
            asked.append(what)
            decide(project, "reject", "anchor: what is that like here")

    options = DatasetOptions(train_frac=1.0)
    version = build(project, options, reviewer="tester", progress=decide_meanwhile)
    assert (version.summary["rephrasings"]["used"], asked) == (12, ["writing"])
    assert build(project, options, reviewer="tester").summary["rephrasings"]["used"] == 11


def test_the_summary_is_plain_data(project: Project) -> None:
    version = built(many(project), train_frac=0.7).version
    assert json.loads(json.dumps(version.summary)) == version.summary
    assert version.summary["table"]["data points"]["all"] == sum(version.points.values())
