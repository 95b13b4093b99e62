"""The sample project is copied whole or not at all, and never over something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import sample
from core.errors import ProjectError
from core.sample import copy_sample, is_sample_copy, sample_folder


def test_the_sample_has_tests_annotations_and_rephrasings() -> None:
    assert {path.name for path in sample_folder().iterdir()} >= {"e2e_tests", "annotations", "rephrasings", "contexts.yml"}


def test_a_copy_is_a_project_with_everything_of_the_sample(tmp_path: Path) -> None:
    project = copy_sample(tmp_path / "new" / "demo")
    assert project.database_path.is_file()
    assert is_sample_copy(project.root)
    names = {path.relative_to(sample_folder()) for path in (sample_folder() / "e2e_tests").rglob("*.yml")}
    assert names
    assert all((project.root / name).is_file() for name in names)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["demo"]


def test_a_copy_is_left_as_it_is_unless_a_fresh_one_is_wanted(tmp_path: Path) -> None:
    mine = copy_sample(tmp_path / "demo").root / "mine.txt"
    mine.write_text("mine")
    copy_sample(tmp_path / "demo")
    assert mine.read_text() == "mine"
    copy_sample(tmp_path / "demo", fresh=True)
    assert not mine.exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_of_something_else_is_never_touched(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(ProjectError, match="is not a copy of the sample project"):
        copy_sample(tmp_path, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "demo"
    target.mkdir()
    assert copy_sample(target).root == target.resolve()


def test_a_failure_midway_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sample, "create_project", fail)
    with pytest.raises(OSError, match="disk full"):
        copy_sample(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []
