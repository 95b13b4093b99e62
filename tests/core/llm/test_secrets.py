"""The key of a role is found where it was put, and nowhere else; a missing one says what to do."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from core.errors import ProjectError
from core.llm.models import Role
from core.llm.roles import RoleSettings
from core.llm.secrets import api_key
from core.project import Project


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "HARBOUR_KEY"):
        monkeypatch.delenv(name, raising=False)


def key_of(project: Project, **settings: Any) -> str | None:
    return api_key(project, RoleSettings(model="m", **settings), Role.JUDGE)


def test_the_environment_comes_before_the_file_beside_the_configuration(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / ".env").write_text('HARBOUR_KEY="from-the-file"\n')
    assert key_of(project, api_key_env="HARBOUR_KEY") == "from-the-file"
    monkeypatch.setenv("HARBOUR_KEY", " from-the-environment\n")
    assert key_of(project, api_key_env="HARBOUR_KEY") == "from-the-environment"


def test_reading_the_file_leaves_the_environment_alone(project: Project) -> None:
    (project.root / ".env").write_text("export HARBOUR_KEY=abc$HOME\nOTHER=1\n")
    before = dict(os.environ)
    assert key_of(project, api_key_env="HARBOUR_KEY") == "abc$HOME"
    assert dict(os.environ) == before


def test_openai_s_own_host_has_a_usual_variable_and_other_hosts_have_none(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert key_of(project) == key_of(project, base_url="https://api.openai.com/v1") == "secret"
    assert key_of(project, base_url="http://127.0.0.1:8000/v1") is None
    assert key_of(project, base_url="https://api.openai.com.example.org/v1") is None
    assert key_of(project, provider="embedded") is None


def test_azure_has_a_variable_of_its_own(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of another host")
    with pytest.raises(ProjectError, match="AZURE_OPENAI_API_KEY is neither in the environment"):
        key_of(project, provider="azure", base_url="https://harbour.example")


def test_a_missing_key_names_the_role_the_variable_and_what_to_do(project: Project) -> None:
    with pytest.raises(ProjectError, match="no key for the role `judge`: HARBOUR_KEY is neither in") as error:
        key_of(project, base_url="http://127.0.0.1:8000/v1", api_key_env="HARBOUR_KEY")
    assert "export HARBOUR_KEY=..." in error.value.remedy
    assert str(project.config_path) in str(error.value)


def test_an_empty_variable_is_a_missing_key(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(ProjectError, match="no key for the role"):
        key_of(project)


def test_a_key_with_a_line_break_is_refused_without_being_shown(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARBOUR_KEY", "sk-secret\nX-Header: 1")
    with pytest.raises(ProjectError) as error:
        key_of(project, api_key_env="HARBOUR_KEY")
    assert "sk-secret" not in str(error.value)


def test_a_file_that_is_not_utf8_is_an_error_with_its_place(project: Project) -> None:
    (project.root / ".env").write_bytes(b"HARBOUR_KEY=\xff\xfe\n")
    with pytest.raises(ProjectError, match=r"\.env: cannot be read: it is not UTF-8"):
        key_of(project, api_key_env="HARBOUR_KEY")


class TestKeyring:
    """With the package's own interface for backends, and no keyring of the machine."""

    @pytest.fixture(autouse=True)
    def _keyring(self) -> Any:
        keyring = pytest.importorskip("keyring")
        from keyring.backend import KeyringBackend

        class OneEntry(KeyringBackend):
            priority = 1.0

            def get_password(self, service: str, username: str) -> str | None:
                return "from-the-keyring" if (service, username) == ("https://harbour.example", "ada") else None

            def set_password(self, service: str, username: str, password: str) -> None: ...

            def delete_password(self, service: str, username: str) -> None: ...

        before = keyring.get_keyring()
        keyring.set_keyring(OneEntry())  # type: ignore[no-untyped-call]
        yield
        keyring.set_keyring(before)

    def test_an_entry_is_named_by_service_and_name(self, project: Project) -> None:
        assert key_of(project, api_key_keyring="https://harbour.example/ada") == "from-the-keyring"

    def test_a_named_entry_comes_before_the_usual_variable(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "of somebody else")
        assert key_of(project, api_key_keyring="https://harbour.example/ada") == "from-the-keyring"

    def test_a_named_variable_comes_before_it(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HARBOUR_KEY", "mine")
        assert key_of(project, api_key_env="HARBOUR_KEY", api_key_keyring="https://harbour.example/ada") == "mine"

    def test_a_missing_entry_says_how_to_make_it(self, project: Project) -> None:
        with pytest.raises(ProjectError, match="the keyring has no entry `harbour/bob`") as error:
            key_of(project, api_key_keyring="harbour/bob")
        assert "`keyring set harbour bob`" in error.value.remedy

    def test_an_entry_without_a_service_is_refused(self, project: Project) -> None:
        with pytest.raises(ProjectError, match="names no entry") as error:
            key_of(project, api_key_keyring="sk-secret")
        assert "service/name" in error.value.remedy
        assert "sk-secret" not in str(error.value), "it may be the key itself"


def test_a_keyring_that_does_not_open_says_so(project: Project) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(ProjectError, match="the keyring does not give the key") as error:
            key_of(project, api_key_keyring="harbour/ada")
    finally:
        keyring.set_keyring(before)
    assert "api_key_env" in error.value.remedy


def test_without_the_package_the_error_says_what_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ProjectError, match="`keyring` is not installed") as error:
        key_of(project, api_key_keyring="harbour/ada")
    assert "pip install keyring" in error.value.remedy
