"""The real libraries take the splits as they are: `datasets` loads them, and TRL checks, prepares and trains on them."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.project import Project
from tests.core.pipeline.small import FILES, take, write_all, write_out, written

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("trainer_accepts.py")
PINS = ("torch==2.13.0", "trl==1.16.*")


@pytest.fixture(scope="session")
def trl_python() -> Path:
    """The interpreter of an environment with TRL, built once and kept in `.cache` of the repository.

    Plain pip decides where torch comes from: on Linux name an index of CPU builds in its configuration, else the one
    with CUDA is fetched, which works too.
    """
    folder = ROOT / ".cache" / "trl"
    folder.mkdir(parents=True, exist_ok=True)
    python, stamp = folder / "env/bin/python", folder / "installed"
    wanted = "\n".join(PINS)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted or not python.exists():
            stamp.unlink(missing_ok=True)
            venv.create(folder / "env", with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS], check=True)
            stamp.write_text(wanted)
    return python


def _run(python: Path | str, action: str, *folders: Path) -> list[dict[str, Any]]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment["HF_HOME"] = str(folders[0].parent / "hf")
    shown = subprocess.run([python, SCRIPT, action, *folders], env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line.removeprefix("RESULT ")) for line in shown.stdout.splitlines() if line.startswith("RESULT ")]


@pytest.fixture
def exports(project: Project) -> dict[str, Path]:
    """The same export in both formats: Chinese, quotes, two tests, one on each side."""
    write_all(
        project,
        {name: text.replace("on Friday", '周五 "坐船" 去').replace("next Friday", "下周五") for name, text in FILES.items()},
    )
    write_all(project, {f"second/{name}": text for name, text in FILES.items()})
    take(project)
    folders = {}
    for name in ("instruction", "conversational"):
        write_out(project, format=name, train_frac=0.5)
        folders[name] = (project.root / "out").rename(project.root / name)
    return folders


def test_datasets_loads_both_formats_row_by_row(exports: dict[str, Path], request: pytest.FixtureRequest) -> None:
    python = sys.executable if find_spec("datasets") else request.getfixturevalue("trl_python")
    instruction, conversational = _run(python, "load", *exports.values())
    assert instruction.keys() == conversational.keys() == {"train", "val"}
    for split in ("train", "val"):
        assert instruction[split]["columns"] == ["prompt", "completion"]
        assert conversational[split]["columns"] == ["messages"]
        for name, found in (("instruction", instruction), ("conversational", conversational)):
            lines = (exports[name] / f"4_train_test_split/ft_splits/{split}.jsonl").read_text(encoding="utf-8").splitlines()
            assert found[split]["rows"] == [json.loads(line) for line in lines]
            assert lines


def test_an_export_without_val_loads_too(project: Project, request: pytest.FixtureRequest) -> None:
    write_all(project)
    take(project)
    write_out(project, train_frac=1.0)
    python = sys.executable if find_spec("datasets") else request.getfixturevalue("trl_python")
    (found,) = _run(python, "load", project.root / "out")
    assert found["train"]["rows"] == written(project)
    assert found.keys() == {"train"}


def test_trl_takes_both_formats_and_trains_on_them(exports: dict[str, Path], trl_python: Path) -> None:
    instruction, conversational = _run(trl_python, "train", *exports.values())
    assert instruction["conversational"] is False
    assert instruction["completion_only_loss"] is True  # learns the commands, not the prompt
    assert instruction["templated"] == ["completion", "prompt"]
    first = json.loads((exports["instruction"] / "4_train_test_split/ft_splits/train.jsonl").read_text().splitlines()[0])
    assert instruction["text"] == first["prompt"] + first["completion"] + "</s>"
    assert instruction["learned"] == first["completion"] + "</s>"
    assert conversational["conversational"] is True
    assert conversational["templated"] == ["text"]
    assert conversational["text"] == f"<user>{first['prompt']}<assistant>{first['completion']}"
    assert instruction["steps"] == conversational["steps"] == 1
