"""Configuration is checked in full: what is wrong, where it stands, and where each effective value comes from."""

from __future__ import annotations

import os
import traceback
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
        "format": "instruction", "train_frac": 0.8, "seed": 42, "rephrasings": "validated", "holdout_frac": 0.0,
        "strategy": "components", "max_per_conversation": None, "max_points": None, "near_duplicates": 0.8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('[project]\nlanguage = "de"\n', 2, "project.language: unknown key"),
        ("[exports]\n", 1, "exports: unknown key"),
        ('[project]\n\ndialect = "v4"\n', 3, "project.dialect: input should be 'auto', 'v1', 'v2' or 'v3' (got 'v4')"),
        ("[export]\ntrain_frac = 0\n", 2, "export.train_frac: input should be greater than 0 (got 0)"),
        (
            "[export]\ntrain_frac = 0.9\nholdout_frac = 0.2\n",
            1,
            "export: `train_frac` and `holdout_frac` together must be at most 1 (got {'train_frac': 0.9, 'holdout_frac': 0.2})",
        ),
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
        ("keymap = 3\n", r"keymap: must be a table: \[keymap\]"),
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


def _error(project: Project, text: str) -> ProjectError:
    project.config_path.write_text(text)
    with pytest.raises(ProjectError) as error:
        _ = Project(project.root).settings
    return error.value


TWO_ROLES = '[llm.annotator]\nmodel = "m"\n\n[llm.judge]\n'


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        (f'{TWO_ROLES}modle = "m"\n', 5, "llm.judge.modle: unknown key", "Did you mean `model`?"),
        ('[llm.anotator]\nmodel = "m"\n', 1, "llm.anotator: unknown key", "Did you mean `annotator`?"),
        ("[vaildate]\nvotes = 3\n", 1, "vaildate: unknown key", "Did you mean `validate`?"),
        ('[llm]\nannotator = "gpt"\n', 2, "llm.annotator: must be a table: [llm.annotator]", "Mend"),
        ("[rephrase.mix.register]\ncasul = 2\n", 2, "rephrase.mix.register.casul: unknown key", "Did you mean `casual`?"),
        (
            "[rephrase.mix]\nregister = {casul = 2}\n",
            2,
            "rephrase.mix.register.casul: unknown key",
            "Did you mean `casual`?",
        ),
        (f"{TWO_ROLES}max_tokens = 1.5\n", 5, "llm.judge.max_tokens: must be a whole number (got 1.5)", "Mend"),
        ('[project]\nname = """\n[llm.judge]\nmodle = 1\n"""\n[llm.judge]\nmodle = 1\n', 7, "llm.judge.modle: unknown", ""),
    ],
)
def test_a_typing_error_is_found_in_its_own_section_and_named_in_plain_words(
    project: Project, text: str, line: int, what: str, remedy: str
) -> None:
    error = _error(project, text)
    assert str(error.where) == f"{project.config_path}:{line}"
    assert error.what.startswith(what)
    assert remedy in error.remedy


def test_each_of_several_mistakes_has_its_line(project: Project) -> None:
    error = _error(project, f'{TWO_ROLES}modle = "m"\n[rephrase]\ncout = 3\n')
    assert error.what == "llm.judge.modle: unknown key; line 7: rephrase.cout: unknown key"
    assert error.remedy.startswith("llm.judge.modle: Did you mean `model`? rephrase.cout: Did you mean `count`? Mend or remove")


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ('api_key = "sk-SECRET-0123456789"', "write `api_key_env` = the NAME of that variable"),
        ('api_key_ev = "sk-SECRET-0123456789"', "Did you mean `api_key_env`?"),
        ('api_key_env = "sk-SECRET-0123456789"', "Write the NAME of the variable"),
        ('temperature = "sk-SECRET-0123456789"', "Mend"),
    ],
)
def test_a_key_in_the_wrong_setting_is_not_shown(project: Project, line: str, remedy: str) -> None:
    error = _error(project, f"{TWO_ROLES}{line}\n")
    assert str(error.where) == f"{project.config_path}:5"
    assert remedy in error.remedy
    assert "SECRET" not in "".join(traceback.format_exception(error))


def test_a_key_in_the_place_of_a_variables_name_is_called_that(project: Project) -> None:
    assert "this looks like the key itself" in _error(project, f'{TWO_ROLES}api_key_env = "sk-SECRET"\n').what


def test_a_section_that_is_misspelt_does_not_show_what_is_in_it(project: Project) -> None:
    assert "SECRET" not in str(_error(project, '[lm.judge]\napi_key = "sk-SECRET"\n'))


def test_settings_are_shown_without_passwords(project: Project) -> None:
    project.config_path.write_text(
        '[llm.judge]\nmodel = "m"\nbase_url = "http://ada:PASSW0RD@host/v1"\napi_key_env = "JUDGE_KEY"\n'
        'extra_body = {api_key = "sk-SECRET", top_k = 3, headers = {authorization = "Bearer SECRET"}}\n'
    )
    judge, _ = _origins(Project(project.root))["llm.judge"]
    assert isinstance(judge, dict)
    assert (judge["base_url"], judge["api_key_env"]) == ("http://***@host/v1", "JUDGE_KEY")
    assert judge["extra_body"] == {"api_key": "***", "top_k": 3, "headers": {"authorization": "***"}}
