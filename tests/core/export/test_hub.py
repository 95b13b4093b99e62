"""Pushing to a hub: the real client libraries against a hub of our own on this machine (`pip install '.[hf]'`)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.dataset.folder import read_lineage, read_rows
from core.dataset.models import DatasetVersion, Part
from core.project import Project
from tests.core.export.fake_hub import FakeHub, Repository, fake_hub
from tests.core.export.small_exports import small_dataset

pytestmark = [pytest.mark.real, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
TOKEN = "hf_not-a-real-token-0123456789"
NAME = "harbour/commands"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    pytest.importorskip("datasets")
    with fake_hub() as running:
        yield running


@pytest.fixture
def small(project: Project) -> tuple[Project, DatasetVersion]:
    return small_dataset(project)


def _push(project: Project, hub: FakeHub, *options: str, token: str | None = TOKEN) -> subprocess.CompletedProcess[str]:
    """`workbench export … --push-to-hub`, in a process of its own: the library reads its settings once."""
    settings = {
        "HF_ENDPOINT": hub.address, "HF_HOME": str(project.root / "hf"), "HF_HUB_DISABLE_XET": "1", "PYTHONPATH": str(ROOT),
        "HF_HUB_DISABLE_TELEMETRY": "1", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    if token is not None:
        settings["HF_TOKEN"] = token
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    code = "from tui.cli.main import run; import sys; sys.argv[0] = 'workbench'; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "-C", str(project.root), "export", "--out", str(project.root / "out"),
         "--dataset", "latest", "--format", "hf", "--push-to-hub", NAME, *options],
        env={**inherited, **settings}, capture_output=True, text=True,
    )  # fmt: skip


def _table(content: bytes) -> Any:
    import importlib

    return importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(content)).to_pylist()


def test_rows_lineage_and_card_are_pushed_to_a_private_repository(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    project, version = small
    done = _push(project, hub)
    assert done.returncode == 0, done.stderr
    assert f"pushed to {hub.address}/datasets/{NAME} (private)" in done.stderr
    repository = hub.repositories[NAME]
    assert repository.private
    assert repository.files.keys() == {
        "README.md", *(f"{folder}/{split}-00000-of-00001.parquet" for folder in ("data", "lineage")
                       for split in ("train", "validation")),
    }  # fmt: skip
    rows = _table(repository.files["data/train-00000-of-00001.parquet"])
    assert rows == [{"prompt": row.prompt, "completion": row.completion} for row in read_rows(version, Part.TRAIN)]
    lineage = _table(repository.files["lineage/validation-00000-of-00001.parquet"])
    assert [row["said"] for row in lineage] == [row.said for row in read_lineage(version, Part.VAL)]
    _, front, story = repository.files["README.md"].decode().split("---\n", 2)
    assert {one["config_name"] for one in yaml.safe_load(front)["configs"]} == {"default", "lineage"}
    assert yaml.safe_load(front)["license"] == "unknown"
    assert f"# Command generation, dataset {version.name}" in story


def test_the_token_is_sent_to_the_hub_and_stands_nowhere_else(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    project, _ = small
    done = _push(project, hub)
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in done.stdout + done.stderr
    assert TOKEN not in " ".join(done.args)
    for path in (*(project.root / "out").rglob("*"), project.database_path):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()


def test_a_second_push_replaces_the_rows(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    project, _ = small
    assert _push(project, hub).returncode == 0
    files = hub.repositories[NAME].files
    first = dict(files)
    files["data/train-00000-of-00001.parquet"] = b"old"
    files["data/train-00001-of-00002.parquet"] = b"of a larger dataset"
    assert _push(project, hub).returncode == 0
    assert files.keys() == first.keys()
    assert all(files[name] == first[name] for name in first if name != "README.md")


def test_public_is_only_what_is_asked_for(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    project, _ = small
    hub.repositories[NAME] = Repository(private=False)
    done = _push(project, hub)
    assert done.returncode == 2
    assert f"{NAME} is public, and your tests would be too; nothing was pushed" in done.stderr
    assert hub.repositories[NAME].files == {}
    assert _push(project, hub, "--public").returncode == 0
    assert "README.md" in hub.repositories[NAME].files


def test_a_hub_that_refuses_is_an_error_and_the_folder_stays(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    project, _ = small
    hub.refuse = True
    done = _push(project, hub)
    assert done.returncode == 1
    assert f"cannot push to {NAME}: " in done.stderr
    assert "403" in done.stderr
    assert "Traceback" not in done.stderr
    assert (project.root / "out/manifest.json").is_file()


def test_a_hub_that_is_not_there_is_an_error(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    hub.address = "http://127.0.0.1:9"
    done = _push(small[0], hub)
    assert done.returncode == 1
    assert f"cannot push to {NAME}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_token_nothing_is_written(small: tuple[Project, DatasetVersion], hub: FakeHub) -> None:
    done = _push(small[0], hub, token=None)
    assert done.returncode == 2
    assert "there is no token for the Hugging Face hub" in done.stderr
    assert not (small[0].root / "out").exists()
