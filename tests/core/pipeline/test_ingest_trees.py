"""Whole output trees: of the reference recipe, of this project's own exports, and of those of another project."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.conversations.models import FileKind
from core.pipeline.ingest_report import IngestReport
from core.project import Project, create_project
from tests.core.pipeline.small import (
    FILES,
    TESTS,
    dump,
    put,
    query,
    read_rows,
    states,
    take,
    tree_of,
    write,
    write_all,
    write_out,
)

ECS = "data/chunyuanlee__rasa_bot_ecs"
TEMPLATE = "spec/templates/compact_v2_ecs_exact.jinja2"


def ecs_project(test_data: Path, folder: Path, *, output: bool = True) -> Project:
    """The assistant with a complete real output of the recipe, and the template its prompts were made with."""
    shutil.copytree(test_data / ECS, folder, ignore=None if output else shutil.ignore_patterns("output"))
    shutil.copy(test_data / TEMPLATE, folder / "template.jinja2")
    project, _ = create_project(folder)
    project.config_path.write_text('[project]\nprompt_template = "template.jinja2"\n')
    return Project(folder)


COUNTS = {
    "SELECT count(*) FROM conversation WHERE active = 1": 15,
    "SELECT count(*) FROM user_step WHERE active = 1": 63,
    "SELECT count(*) FROM user_step WHERE active = 1 AND commands IS NOT NULL": 4,
    "SELECT count(*) FROM user_step WHERE active = 1 AND is_button = 1": 19,
    "SELECT count(*) FROM rephrasing WHERE active = 1 AND verdict = 'same'": 32,
    "SELECT count(*) FROM rephrasing WHERE active = 1 AND verdict = 'different'": 7,
    "SELECT count(*) FROM prompt WHERE known = 1": 4,
    "SELECT count(*) FROM row_evidence": 42,
}


def _counted(project: Project) -> dict[str, int]:
    return {sql: query(project, sql)[0][0] for sql in COUNTS}


@pytest.mark.data
def test_facts_that_a_tree_repeats_are_stored_once(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    report = take(project)
    assert (report.problems, report.left_out, report.stale) == ([], [], [])
    assert dict(report.evidence) == {"fine-tuning rows": 84, "copies of tests": 2}
    assert (report.conversations_added, report.steps_added, report.rephrasings_added, report.prompts_added) == (15, 63, 39, 4)
    assert (report.conversations_changed, report.commands_changed, report.dialect) == (0, 0, "v2")
    assert _counted(project) == COUNTS


@pytest.mark.data
def test_the_same_tree_twice_changes_nothing(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project)
    before = dump(project)
    assert not take(project).changed_anything
    assert dump(project) == before


@pytest.mark.data
@pytest.mark.parametrize("order", [("output", "e2e_tests"), ("e2e_tests", "output")])
def test_tree_and_tests_in_either_order_give_the_same_data(test_data: Path, tmp_path: Path, order: tuple[str, str]) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    for name in order:
        take(project, name)
    assert _counted(project) == COUNTS
    assert query(project, "SELECT DISTINCT file FROM conversation WHERE active = 1 AND file LIKE 'output%'") == []


@pytest.mark.data
def test_a_tree_without_its_tests_is_complete_in_itself(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project, "output")
    conversations, steps, buttons = (list(COUNTS)[at] for at in (0, 1, 3))
    assert _counted(project) == {**COUNTS, conversations: 2, steps: 10, buttons: 4}
    assert query(project, "SELECT DISTINCT file FROM conversation") == [("e2e_tests/e2e_test.yml",)]


@pytest.mark.data
def test_all_real_data_and_gold_labels_in_any_order(test_data: Path, tmp_path: Path) -> None:
    contents: list[object] = []
    for number, order in enumerate((("data", "gold"), ("gold", "data"))):
        (tmp_path / str(number)).mkdir()
        project, _ = create_project(tmp_path / str(number))
        shutil.copytree(test_data / "gold", project.root / "gold")
        shutil.copytree(test_data / "data", project.root / "data")
        waiting = take(project, order[0])
        assert bool(waiting.left_out) == (order[0] == "gold")
        report = take(project, order[1])
        assert (report.problems, report.left_out) == ([], [])
        steps = "SELECT c.file, c.name, s.ordinal, s.text, s.line, s.commands, s.skip FROM user_step s JOIN conversation c"
        contents.append(
            (
                query(project, f"{steps} ON c.id = s.conversation_id WHERE s.active = 1 ORDER BY 1, 2, 3"),
                sorted(query(project, "SELECT text, verdict FROM rephrasing WHERE active = 1")),
            )
        )
    assert contents[0] == contents[1]
    assert query(project, "SELECT count(*) FROM rephrasing") == [(408 + 39,)]


@pytest.mark.data
def test_annotations_and_rephrasings_written_back_load_as_equal_yaml(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project)
    write_out(project, full_tree=True)
    for folder in ("1_command_annotations", "2_rephrasings"):
        original = _conversations(project.root / "output" / folder)
        back = _conversations(project.root / "out" / folder)
        assert original
        assert {name: back.get(name) for name in original} == original


@pytest.mark.data
def test_our_own_tree_read_into_a_new_project_and_written_again_is_the_same_tree(test_data: Path, tmp_path: Path) -> None:
    project = ecs_project(test_data, tmp_path / "ecs")
    take(project)
    write_out(project, train_frac=0.8, full_tree=True)
    second = ecs_project(test_data, tmp_path / "second", output=False)
    shutil.rmtree(second.root / "e2e_tests")
    shutil.copytree(project.root / "out", second.root / "theirs")
    report = _take_files(second, "theirs")
    assert (report.problems, report.left_out) == ([], [])
    write_out(second, train_frac=0.8, full_tree=True)
    for folder in ("1_command_annotations", "2_rephrasings"):
        assert _conversations(second.root / "out" / folder) == _conversations(project.root / "out" / folder)
    rows = "3_llm_finetune_data/llm_ft_data.jsonl"
    assert sorted(map(str, read_rows(second.root / "out" / rows))) == sorted(map(str, read_rows(project.root / "out" / rows)))


def _conversations(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yml")):
        data = yaml.load(path.read_bytes(), yaml.CSafeLoader)
        found |= {one["original_test_case"]: one for one in data["conversations"]}
    return found


@pytest.fixture
def exported(project: Project) -> Project:
    """A small project with an export in its folder `out`."""
    write_all(project)
    take(project)
    write_out(project, full_tree=True)
    return project


def test_an_export_is_passed_over_and_counted(exported: Project) -> None:
    before = dump(exported)
    report = take(exported)
    assert (report.changed_anything, report.bad_files) == (False, [])
    assert dict(report.passed_over) == {"out": len(tree_of(exported.root / "out"))}
    assert dump(exported) == before


@pytest.mark.parametrize("name", ["out", "out/4_train_test_split", "out/2_rephrasings"])
def test_a_folder_of_an_export_is_passed_over_even_where_it_is_named(exported: Project, name: str) -> None:
    before = dump(exported)
    assert take(exported, name).passed_over["out"] > 0
    assert dump(exported) == before


def test_a_file_of_an_export_that_is_named_is_read(exported: Project) -> None:
    report = take(exported, "out/4_train_test_split/ft_splits/train.jsonl", "out/lineage.jsonl")
    assert (report.files[FileKind.TRAINING_ROWS], dict(report.passed_over)) == (1, {})


def test_a_moved_or_older_export_is_passed_over(exported: Project) -> None:
    (exported.root / "out").rename(exported.root / "first")
    write_out(exported, rephrasings="none")
    before = dump(exported)
    assert take(exported).changed_anything is False
    assert dump(exported) == before


def test_an_export_made_with_a_database_that_is_gone_brings_no_val_row_into_train(exported: Project) -> None:
    first = tree_of(exported.root / "out")
    shutil.rmtree(exported.state_folder)
    create_project(exported.root)
    report = take(exported)
    assert (report.conversations_added, dict(report.passed_over)) == (1, {"out": len(first)})


def test_a_manifest_of_another_program_hides_nothing(project: Project) -> None:
    write(project, "e2e_tests/manifest.json", '{"files": []}')
    write(project, "e2e_tests/tickets.yml", TESTS)
    assert take(project).conversations_added == 1


@contextmanager
def _another(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "another"
    folder.mkdir()
    yield create_project(folder)[0]


def _take_files(project: Project, folder: str) -> IngestReport:
    """Ingest the files of a folder by their names, as it takes where an export is wanted back."""
    return take(project, *(f"{folder}/{name}" for name in tree_of(project.root / folder)))


def test_the_files_of_an_export_of_another_project_are_read_like_a_recipes_output(exported: Project, tmp_path: Path) -> None:
    with _another(tmp_path) as other:
        shutil.copytree(exported.root / "out", other.root / "theirs")
        assert take(other).conversations_added == 0
        report = _take_files(other, "theirs")
        assert query(other, "SELECT file, name FROM conversation") == [("e2e_tests/tickets.yml", "buys a ticket")]
        assert query(other, "SELECT count(*) FROM user_step WHERE commands IS NOT NULL") == [(2,)]
        assert set(states(other)) == set(states(exported))
        assert report.evidence["copies of tests"] == 1
        assert query(other, "SELECT count(*) FROM prompt WHERE known = 1") == [(2,)]


def test_copies_of_tests_with_one_name_fill_one_conversation_each(project: Project) -> None:
    case = TESTS.removeprefix("test_cases:\n")
    conversations = FILES["annotations/tickets.yml"]
    write(project, "output/1_command_annotations/tickets.yml", conversations + conversations.removeprefix("conversations:\n"))
    write(project, "output/4_train_test_split/e2e_tests/train.yaml", "test_cases:\n" + case + case)
    write(project, "output/result_summary.yaml", "num_ft_data_points: 4\n")
    report = take(project)
    assert report.evidence["copies of tests"] == 2
    faces = query(
        project, "SELECT c.occurrence FROM face f JOIN conversation c ON c.id = f.conversation_id WHERE f.kind = 'test'"
    )
    assert faces == [(1,), (2,)]
    assert query(project, "SELECT count(*) FROM conversation") == [(2,)]


def test_copies_of_tests_nothing_else_speaks_of_are_tests(project: Project) -> None:
    put(project, "output/result_summary.yaml", "num_ft_data_points: 4\n")
    put(project, "output/4_train_test_split/e2e_tests/train.yaml", TESTS)
    ((file, name),) = query(project, "SELECT file, name FROM conversation")
    assert re.fullmatch(r"output/.*/train\.yaml", file)
    assert name == "buys a ticket"
