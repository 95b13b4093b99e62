"""Who is at the keyboard: environment, then the user's file, then the login name."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.settings import load_user_settings
from core.user import User, current_user, user_config_path


@pytest.fixture
def user_file() -> Path:
    return Path(os.environ["WORKBENCH_CONFIG"])


@pytest.fixture(autouse=True)
def _no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_REVIEWER")


def test_the_login_name_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")
    assert current_user() == User("grace", "textual-dark", {}, is_login=True)


def test_a_machine_that_knows_no_names_gives_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert current_user().reviewer == f"uid-{os.getuid()}"


def test_the_file_gives_name_theme_and_keys(user_file: Path) -> None:
    user_file.write_text('reviewer = "Ada 阿达"\ntheme = "nord"\n[keymap]\n"review.accept" = "y"\n', encoding="utf-8")
    assert current_user() == User("Ada 阿达", "nord", {"review.accept": "y"})


def test_the_environment_goes_first(user_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file.write_text('reviewer = "ada"\ntheme = "nord"\n')
    monkeypatch.setenv("WORKBENCH_REVIEWER", "grace")
    monkeypatch.setenv("WORKBENCH_THEME", "ansi-dark")
    user = current_user()
    assert (user.reviewer, user.theme) == ("grace", "ansi-dark")


def test_both_readers_of_the_file_agree(user_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file.write_text('reviewer = "ada"\n[keymap]\nquit = "q"\n')
    for name in ("", "grace"):
        monkeypatch.setenv("WORKBENCH_REVIEWER", name)
        user, settings = current_user(), load_user_settings()
        assert (user.reviewer, user.theme, user.keymap) == (settings.reviewer, settings.theme, settings.keymap)


def test_a_broken_file_is_an_error(user_file: Path) -> None:
    user_file.write_text("reviewer = ")
    with pytest.raises(ProjectError, match="not valid TOML"):
        current_user()


@pytest.mark.parametrize("line", ["reviewer = 5", "theme = true"])
def test_what_is_no_text_is_refused_as_the_settings_refuse_it(user_file: Path, line: str) -> None:
    user_file.write_text(line)
    with pytest.raises(ProjectError, match="must be text"):
        current_user()
    with pytest.raises(ProjectError, match="must be text"):
        load_user_settings()


def test_without_an_override_the_file_lies_in_the_configuration_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = user_config_path()
    assert path.name == "config.toml"
    assert path.parent.name == "finetune-workbench"
    assert path.is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["team", " Team "])
def test_nobody_may_be_called_as_the_team_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("WORKBENCH_REVIEWER", name)
    with pytest.raises(ProjectError, match="kept for what the team's answers come to"):
        current_user()
