"""Projects are found upward, made without overwriting anything, and name files relative to themselves."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.errors import ProjectError, StoreError
from core.project import CONFIG_NAME, Project, create_project, find_project, read_toml


def test_the_nearest_folder_upward_with_a_configuration_is_the_project(project: Project) -> None:
    inner = project.root / "e2e_tests" / "loans"
    inner.mkdir(parents=True)
    assert find_project(inner).root == find_project(project.root).root == project.root
    nested, _ = create_project(inner)
    assert find_project(inner).root == nested.root


def test_no_project_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no workbench\.toml in .* or any folder above it") as error:
        find_project(tmp_path)
    assert "workbench init" in error.value.remedy


def test_a_folder_that_does_not_exist_never_means_the_project_above_it(project: Project) -> None:
    with pytest.raises(ProjectError, match="is not a folder"):
        find_project(project.root / "no such folder")


def test_a_new_project_has_configuration_database_and_gitignore(tmp_path: Path) -> None:
    project, created = create_project(tmp_path)
    assert created == ("workbench.toml", ".workbench/.gitignore", ".workbench/workbench.db")
    assert all((tmp_path / name).is_file() for name in created)
    ignored = (tmp_path / ".workbench/.gitignore").read_text().splitlines()
    assert "*" in ignored
    assert project.settings.project.compat == "3.12"


def test_creating_a_project_again_changes_nothing(project: Project) -> None:
    project.config_path.write_text("# mine\n")
    before = project.database_path.read_bytes()
    assert create_project(project.root)[1] == ()
    assert project.config_path.read_text() == "# mine\n"
    assert project.database_path.read_bytes() == before


@pytest.mark.parametrize("name", ['a "quoted" name', "back\\slash", "two\nlines", "中文 助手", "ünï'code"])
def test_the_written_configuration_is_toml_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    project, _ = create_project(folder)
    assert project.raw_config == {"project": {"compat": "3.12"}, "export": {}, "coverage": {}}
    assert project.name == name


def test_every_commented_setting_is_a_valid_one(project: Project) -> None:
    text = project.config_path.read_text()
    lines = [re.sub(r"^# (?=\[|\w+ += )", "", line) for line in text.splitlines()]
    project.config_path.write_text("\n".join(lines))
    assert set(tomllib.loads("\n".join(lines))["project"]) == {"name", "dialect", "prompt_template", "tokenizer", "compat"}
    assert project.settings.export.train_frac == 0.8
    assert project.settings.llm.rephraser is not None


def test_only_what_fills_a_database_makes_one_in_a_fresh_clone(tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).write_text("")
    project = Project(tmp_path)
    with pytest.raises(StoreError, match="no database at"):
        project.open()
    assert not project.state_folder.exists()
    project.open(create=True).close()
    assert project.database_path.is_file()
    assert (project.state_folder / ".gitignore").is_file()


def test_creating_a_project_in_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is not a folder"):
        create_project(tmp_path / "missing")


def test_the_name_is_the_configured_one_else_the_folders(project: Project) -> None:
    assert project.name == "assistant"
    project.config_path.write_text('[project]\nname = "Ferry 渡轮"\n')
    assert Project(project.root).name == "Ferry 渡轮"


def test_files_are_named_relative_with_forward_slashes(project: Project) -> None:
    assert project.relative(project.root / "e2e_tests" / "a.yml") == "e2e_tests/a.yml"
    assert project.relative(project.root.parent / "gold.jsonl") == "../gold.jsonl"


def test_broken_toml_names_the_file_and_the_place(tmp_path: Path) -> None:
    path = tmp_path / CONFIG_NAME
    for text, place in (("[project\n", "1:9"), ("a = 1\na = 2\n", "2:6"), ("a = 1\nb =\n\n", "2:4")):
        path.write_text(text)
        with pytest.raises(ProjectError, match=r"not valid TOML: [^()]*$") as error:
            read_toml(path)
        assert str(error.value.where) == f"{path}:{place}"
        assert str(path) not in error.value.what  # the place is printed before it


def test_a_configuration_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / CONFIG_NAME
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(ProjectError, match="cannot be read: 'utf-8'"):
        read_toml(path)
