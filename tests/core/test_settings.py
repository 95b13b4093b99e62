"""Configuration is checked in full: what is wrong, where it stands, and where each effective value comes from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.project import Project
from core.settings import effective, load_user_settings


def _user_file(text: str) -> Path:
    path = Path(os.environ["WORKBENCH_CONFIG"])
    path.write_text(text, encoding="utf-8")
    return path


def _origins(project: Project | None) -> dict[str, tuple[object, str]]:
    return {name: (value, origin) for name, value, origin in effective(project)}


def test_defaults(project: Project) -> None:
    settings = project.settings
    assert (settings.project.dialect, settings.project.prompt_template) == ("auto", None)
    assert settings.export.model_dump() == {
        "format": "instruction", "train_frac": 0.8, "seed": 42, "rephrasings": "validated",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('[project]\nlanguage = "de"\n', 2, "project.language: unknown key (got 'de')"),
        ("[exports]\n", 1, "exports: unknown key (got {})"),
        ('[project]\n\ndialect = "v4"\n', 3, "project.dialect: input should be 'auto', 'v1', 'v2' or 'v3' (got 'v4')"),
        ("[export]\ntrain_frac = 0\n", 2, "export.train_frac: input should be greater than 0 (got 0)"),
        ("[export]\ntrain_frac = 1.5\n", 2, "export.train_frac: input should be less than or equal to 1 (got 1.5)"),
    ],
)
def test_a_wrong_setting_names_its_line_and_value(project: Project, text: str, line: int, what: str) -> None:
    project.config_path.write_text(text)
    with pytest.raises(ProjectError) as error:
        _ = project.settings
    assert (str(error.value.where), error.value.what) == (f"{project.config_path}:{line}", what)


def test_limits_of_the_coverage_have_the_guides_defaults_and_names_are_checked(project: Project) -> None:
    assert project.settings.coverage.model_dump() == {"total": 90.0, "flow": 80.0, "commands": "usable"}
    project.config_path.write_text('[coverage]\nflow = 101\ncommands = ["start flo"]\n')
    with pytest.raises(ProjectError) as error:
        _ = Project(project.root).settings
    assert "coverage.flow: input should be less than or equal to 100 (got 101)" in error.value.what
    assert 'coverage.commands: must be "usable" or a list of `cancel flow`, `chitchat`' in error.value.what
    project.config_path.write_text('[coverage]\ncommands = ["start flow", "set slot"]\n')
    assert Project(project.root).settings.coverage.commands == ("start flow", "set slot")
    assert _origins(Project(project.root))["coverage.total"] == (90.0, "default")


def test_every_wrong_setting_is_reported_at_once(project: Project) -> None:
    project.config_path.write_text('[project]\ncompat = "new"\n[export]\nseed = "x"\n')
    with pytest.raises(ProjectError) as error:
        _ = project.settings
    assert "project.compat" in error.value.what
    assert "export.seed" in error.value.what


def test_every_value_names_its_origin(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.config_path.write_text("[export]\nseed = 7\n")
    path = _user_file('theme = "nord"\n')
    monkeypatch.setenv("WORKBENCH_REVIEWER", "ada")
    found = _origins(project)
    assert found["export.seed"] == (7, str(project.config_path))
    assert found["export.format"] == ("instruction", "default")
    assert found["theme"] == ("nord", str(path))
    assert found["reviewer"] == ("ada", "environment WORKBENCH_REVIEWER")
    assert found["keymap"] == ({}, "default")


def test_the_environment_goes_before_the_users_file_and_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _user_file('reviewer = "file"\n')
    monkeypatch.setenv("WORKBENCH_REVIEWER", "environment")
    assert load_user_settings().reviewer == "environment"
    monkeypatch.setenv("WORKBENCH_REVIEWER", "")
    assert load_user_settings().reviewer == "file"
    assert _origins(None)["reviewer"] == ("file", str(path))


def test_without_a_name_the_login_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_REVIEWER")
    monkeypatch.setenv("LOGNAME", "grace")
    assert _origins(None)["reviewer"] == ("grace", "login name")


def test_other_variables_of_workbench_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TEST_DATA", "/somewhere")
    assert load_user_settings().theme == "textual-dark"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("theme = \n", "not valid TOML"),
        ("colour = 'red'\n", "colour: unknown key"),
        ("keymap = 3\n", "keymap: input should be a valid dictionary"),
    ],
)
def test_a_wrong_user_file_is_an_error_that_names_it(text: str, what: str) -> None:
    path = _user_file(text)
    with pytest.raises(ProjectError, match=what) as error:
        load_user_settings()
    assert error.value.where is not None
    assert error.value.where.path == str(path)


def test_a_keymap_in_the_environment_must_be_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_KEYMAP", '{"review.accept": "y"}')
    assert load_user_settings().keymap == {"review.accept": "y"}
    monkeypatch.setenv("WORKBENCH_KEYMAP", "review.accept=y")
    with pytest.raises(ProjectError, match="an environment variable cannot be read"):
        load_user_settings()
