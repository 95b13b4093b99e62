"""The real libraries take the splits as they are: `datasets` loads them, and TRL checks, prepares and trains on them."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.dataset.folder import Row, read_rows
from core.dataset.models import Part
from core.project import Project
from tests.core.export.small_exports import export_as, small_dataset, store_preflight
from tests.core.pipeline.small import FILES, take, write_all, write_out, written

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("trainer_accepts.py")
OTHERS = SCRIPT.with_name("other_trainers_accept.py")
PINS = ("torch==2.13.0", "trl==1.16.*")
OTHER_PINS = (
    "llamafactory==0.9.5", "axolotl==0.19.0", "peft==0.21.*", "omegaconf==2.3.*", "antlr4-python3-runtime==4.9.3",
    "pillow", "addict", "colorama",
)  # fmt: skip
"""Axolotl from 0.20 on wants Python 3.12."""


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


@pytest.fixture(scope="session")
def others_python(trl_python: Path) -> Path:
    """That of an environment with LLaMA-Factory and Axolotl on top of the one with TRL, without what they need a GPU for.

    They pin older versions of the libraries under them than are there; their own check of that is switched off.
    """
    folder = ROOT / ".cache" / "trainers"
    folder.mkdir(parents=True, exist_ok=True)
    python, stamp = folder / "env/bin/python", folder / "installed"
    wanted = "\n".join((str(trl_python), *PINS, *OTHER_PINS))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted or not python.exists():
            stamp.unlink(missing_ok=True)
            venv.create(folder / "env", with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *OTHER_PINS], check=True)
            below = subprocess.run(
                [trl_python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            for site in (folder / "env").glob("lib/python*/site-packages"):
                (site / "trl.pth").write_text(below.stdout)
            stamp.write_text(wanted)
    return python


def _run(python: Path | str, action: str, *folders: Path, script: Path = SCRIPT) -> list[dict[str, Any]]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment |= {"HF_HOME": str(folders[0].parent / "hf"), "DISABLE_VERSION_CHECK": "1", "AXOLOTL_DO_NOT_TRACK": "1"}
    shown = subprocess.run([python, script, action, *folders], env=environment, capture_output=True, text=True)
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
        write_out(project, shape=name, train_frac=0.5)
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
    assert conversational["text"] == f"<user>{first['prompt']}<assistant>{first['completion']}</s>"
    assert instruction["steps"] == conversational["steps"] == 1


def _exports(project: Project, trainer: str, names: Sequence[str]) -> tuple[list[Row], dict[str, Path]]:
    """The rows of train, and a folder for each format."""
    project, version = small_dataset(project)
    folders = {name: export_as(project, version, name, trainer, to=name) for name in names}
    return list(read_rows(version, Part.TRAIN)), folders


def _texts(rows: Sequence[Row], *, templated: bool) -> list[str]:
    before, between = ("<user>", "<assistant>") if templated else ("", "")
    return [f"{before}{row.prompt}{between}{row.completion}</s>" for row in rows]


def test_trl_takes_its_configuration_and_learns_the_answers_only(project: Project, trl_python: Path) -> None:
    rows, folders = _exports(project, "trl", ("instruction", "prompt-completion", "chat", "messages", "conversational"))
    for name, found in zip(folders, _run(trl_python, "config", *folders.values()), strict=True):
        assert found["rows"] == {"train": 4, "validation": 1}
        assert found["learned"] == [f"{row.completion}</s>" for row in rows]
        assert found["texts"] == _texts(rows, templated=name not in ("instruction", "prompt-completion"))
        assert (found["lora"], found["seed"], found["learning_rate"]) == ([True, 16, 16, "all-linear"], 1, 2e-4)
        assert found["max_length"] >= max(map(len, found["texts"]))


@pytest.mark.parametrize("trainer", ["trl", "unsloth", "axolotl"])
def test_the_options_of_the_preflight_reach_the_chat_template(
    project: Project, request: pytest.FixtureRequest, trainer: str
) -> None:
    """The tiny template writes its option `mark` before the first message."""
    project, version = small_dataset(project)
    store_preflight(project, version, form="chat", pad_token="<pad>", template_options={"mark": '周 it\'s: "a"'})
    names = ("chat", "messages", "conversational") if trainer != "axolotl" else ("messages", "conversational", "sharegpt")
    folders = [export_as(project, version, name, trainer, to=name) for name in names]
    if trainer == "axolotl":
        found = _run(request.getfixturevalue("others_python"), trainer, *folders, script=OTHERS)
    else:
        found = _run(request.getfixturevalue("trl_python"), "config" if trainer == "trl" else trainer, *folders)
    texts = [f'<周 it\'s: "a">{text}' for text in _texts(list(read_rows(version, Part.TRAIN)), templated=True)]
    assert [one["texts"] for one in found] == [texts] * len(names)


def test_a_column_of_template_options_is_passed_over_by_the_other_trainers(project: Project, others_python: Path) -> None:
    project, version = small_dataset(project)
    store_preflight(project, version, form="chat", template_options={"mark": "x"})
    out = export_as(project, version, "messages", "trl", "axolotl", "llamafactory")
    (axolotl,) = _run(others_python, "axolotl", out, script=OTHERS)
    (factory,) = _run(others_python, "llamafactory", out, script=OTHERS)
    texts = _texts(list(read_rows(version, Part.TRAIN)), templated=True)
    assert (axolotl["texts"], factory["texts"]) == ([f"<x>{text}" for text in texts], texts)


def test_trl_takes_a_configuration_without_val(project: Project, trl_python: Path) -> None:
    project, version = small_dataset(project, train_frac=1.0)
    (found,) = _run(trl_python, "config", export_as(project, version, "chat", "trl"))
    assert found["rows"] == {"train": 5}


def test_the_unsloth_script_runs_and_learns_the_answers_only(project: Project, trl_python: Path) -> None:
    """Everything of it but Unsloth itself, which needs a GPU."""
    rows, folders = _exports(project, "unsloth", ("instruction", "prompt-completion", "chat", "messages", "conversational"))
    for found in _run(trl_python, "unsloth", *folders.values()):
        assert found["learned"] == [f"{row.completion}</s>" for row in rows]
        assert found["texts"] == _texts(rows, templated=True)
        assert {found["loaded"][key] for key in ("r", "lora_alpha")} == {16}
        assert found["loaded"]["random_state"] == 1


@pytest.mark.parametrize(
    ("trainer", "plain", "templated"),
    [
        ("llamafactory", (), ("alpaca", "sharegpt", "messages", "conversational", "instruction", "prompt-completion")),
        ("axolotl", ("instruction", "prompt-completion"), ("messages", "conversational", "sharegpt")),
    ],
)
def test_other_trainers_take_their_configuration_and_learn_the_answers_only(
    project: Project, others_python: Path, trainer: str, plain: tuple[str, ...], templated: tuple[str, ...]
) -> None:
    rows, folders = _exports(project, trainer, plain + templated)
    for name, found in zip(folders, _run(others_python, trainer, *folders.values(), script=OTHERS), strict=True):
        assert found["learned"] == [f"{row.completion}</s>" for row in rows]
        assert found["texts"] == _texts(rows, templated=name in templated)
        assert (found["seed"], found["learning_rate"], found["val"], found["lora"][:3]) == (1, 2e-4, 1, ["lora", 16, 16])
        assert found["max_length"] >= max(map(len, found["texts"]))
        assert found.get("unknown", []) == []
        assert found.get("excess", "raise") == "raise"
