"""Parquet and Hugging Face exports, read back by the libraries that read them elsewhere (`pip install '.[hf]'`)."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.dataset.folder import read_lineage, read_rows
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError, UsageError
from core.export import columns, libraries, parquet
from core.export.card import dataset_card
from core.export.source import Source
from core.preflight.names import CHECKS
from core.preflight.options import PreflightOptions
from core.preflight.run import preflight
from core.preflight.stored import save_preflight
from core.project import Project
from tests.core.export.small_exports import GO, Tests, export_as, small_dataset
from tests.core.pipeline.small import built, decide, tree_of
from tests.core.preflight.model_folders import write_model

SPLITS = {"train": Part.TRAIN, "validation": Part.VAL}


@pytest.fixture
def small(project: Project) -> tuple[Project, DatasetVersion]:
    return small_dataset(project)


def _rows(version: DatasetVersion, part: Part) -> list[dict[str, Any]]:
    return [{"prompt": row.prompt, "completion": row.completion} for row in read_rows(version, part)]


def _lineage(version: DatasetVersion, part: Part) -> list[dict[str, Any]]:
    names = columns.LINEAGE_COLUMNS
    found = [{name: getattr(row, name) for name in names} for row in read_lineage(version, part)]
    return [{**row, "flows": list(row["flows"])} for row in found]


@pytest.mark.real
def test_parquet_files_hold_the_rows_and_where_they_come_from(small: tuple[Project, DatasetVersion]) -> None:
    read = pytest.importorskip("pyarrow.parquet").read_table
    out = export_as(*small, "parquet")
    assert tree_of(out).keys() == {
        "README.md", "manifest.json", *(f"{folder}/{split}.parquet" for folder in ("data", "lineage") for split in SPLITS),
    }  # fmt: skip
    for split, part in SPLITS.items():
        assert read(out / f"data/{split}.parquet").to_pylist() == _rows(small[1], part)
        assert read(out / f"lineage/{split}.parquet").to_pylist() == _lineage(small[1], part)


@pytest.mark.real
def test_rows_are_written_in_groups_that_a_reader_can_hold(
    small: tuple[Project, DatasetVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(columns, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 1)
    out = export_as(*small, "parquet")
    assert pyarrow.ParquetFile(out / "data/train.parquet").num_row_groups == 4
    assert pyarrow.read_table(out / "data/train.parquet").to_pylist() == _rows(small[1], Part.TRAIN)


@pytest.mark.real
def test_load_dataset_reads_the_parquet_folder_as_it_is(small: tuple[Project, DatasetVersion], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    out = export_as(*small, "parquet")
    rows = datasets.load_dataset(str(out), cache_dir=str(tmp_path))
    assert {split: list(rows[split]) for split in rows} == {split: _rows(small[1], part) for split, part in SPLITS.items()}
    lineage = datasets.load_dataset(str(out), "lineage", cache_dir=str(tmp_path))
    assert list(lineage["train"]) == _lineage(small[1], Part.TRAIN)


@pytest.mark.real
def test_load_from_disk_reads_the_hf_folder(small: tuple[Project, DatasetVersion]) -> None:
    datasets = pytest.importorskip("datasets")
    out = export_as(*small, "hf")
    rows, lineage = datasets.load_from_disk(str(out)), datasets.load_from_disk(str(out / "lineage"))
    assert rows.keys() == lineage.keys() == SPLITS.keys()
    for split, part in SPLITS.items():
        assert list(rows[split]) == _rows(small[1], part)
        assert list(lineage[split]) == _lineage(small[1], part)
    assert not [name for name in tree_of(out) if name.startswith(".")]


@pytest.mark.real
@pytest.mark.parametrize("name", ["parquet", "hf"])
def test_a_second_export_gives_the_same_bytes(small: tuple[Project, DatasetVersion], name: str) -> None:
    pytest.importorskip("datasets")
    first = tree_of(export_as(*small, name))
    assert tree_of(export_as(*small, name)) == first


@pytest.mark.real
def test_half_a_character_is_an_error_that_says_where(small: tuple[Project, DatasetVersion]) -> None:
    pytest.importorskip("pyarrow")
    project, version = small
    path = version.folder / "train.jsonl"
    path.write_bytes(path.read_bytes().replace("周".encode(), rb"\ud800"))
    about = json.loads((version.folder / "dataset.json").read_text(encoding="utf-8"))
    about["files"]["train.jsonl"]["sha256"] = sha256(path.read_bytes()).hexdigest()
    (version.folder / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ProjectError, match="rows 1 to 4 of train holds half of a character"):
        export_as(project, version, "parquet")


@pytest.mark.parametrize(("name", "package"), [("parquet", "pyarrow"), ("hf", "datasets")])
def test_a_missing_library_is_named_with_what_to_install(
    small: tuple[Project, DatasetVersion], monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    def missing(asked: str) -> Any:
        if asked == package:
            raise ModuleNotFoundError(f"No module named '{package}'", name=package)

    monkeypatch.setattr(libraries, "import_module", missing)
    with pytest.raises(UsageError, match=f"the format {name} needs the package `{package}`") as error:
        export_as(*small, name)
    assert error.value.remedy == "pip install 'finetune-workbench[hf]'"
    assert not (small[0].root / "out").exists()


def test_the_other_formats_import_neither_pyarrow_nor_datasets() -> None:
    code = (
        "import sys, core.export.export, core.export.hub, tui.cli.main;"
        " print([name for name in ('pyarrow', 'datasets', 'huggingface_hub', 'transformers') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout.replace("'", '"')) == []


def _card(project: Project, version: DatasetVersion) -> str:
    with closing(project.open()) as connection:
        source = Source(project, version, holdout_purpose=None, reviewer="tester")
        return dataset_card(connection, source, as_repository=True).decode()


def test_the_card_tells_how_the_rows_came_about(project: Project) -> None:
    tests: Tests = {
        "a": [("one ticket", GO, ["a ticket", "1 ticket please"]), ("later", ("cancel flow",), [])],
        "b": [("one ticket", GO, [])],
    }  # fmt: skip
    project, _ = small_dataset(project, tests, train_frac=1.0)
    decide(project, "accept", "a ticket")
    version = built(project, train_frac=1.0, strategy="tests").version
    card = _card(project, version)
    for line in (
        "license: unknown",
        "  - split: train\n    path: data/train.parquet",
        f"# Command generation, dataset {version.name}",
        "| train | 6 |",
        "- 1 conversation test, with 4 rows in the words of the tests",
        "- 2 rephrasings of what users say",
        "- 1 of these were decided by one person",
        "- left out: 1 composed row (exact duplicate)",
        "- divided by whole tests",
        "No preflight was run on this version.",
        f"- dataset `{version.address}`",
        "- `near_duplicates`: 1.0",
    ):
        assert line in card
    assert "tester" not in card


def test_the_card_names_the_model_and_what_its_preflight_found_but_no_folder(
    small: tuple[Project, DatasetVersion], tmp_path: Path
) -> None:
    project, version = small
    model = write_model(tmp_path / "where models are" / "own")
    options = PreflightOptions(str(model), max_length=64, waived=("balance",))
    with closing(project.open()) as connection:
        save_preflight(connection, version.id, preflight(version, options))
    card = _card(project, version)
    assert (
        "Preflight with `own`, its chat template around prompt and answer: NOT passed, since these checks failed: long-rows"
        in card
    )
    assert "At 64 tokens a row; the longest row has " in card
    assert str(tmp_path) not in card
    assert "where models are" not in card


def test_the_card_says_what_was_waived(small: tuple[Project, DatasetVersion], tmp_path: Path) -> None:
    project, version = small
    options = PreflightOptions(str(write_model(tmp_path / "own")), max_length=64, waived=tuple(CHECKS))
    with closing(project.open()) as connection:
        save_preflight(connection, version.id, preflight(version, options))
    assert ": passed (failed and waived: long-rows" in _card(project, version)


@pytest.mark.real
@pytest.mark.parametrize("name", ["parquet", "hf"])
def test_the_card_says_how_the_folder_beside_it_is_loaded(
    small: tuple[Project, DatasetVersion], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its own first two lines are run."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    out = export_as(*small, name)
    code = (out / "README.md").read_text(encoding="utf-8").split("```")[1].splitlines()[1:3]
    found: dict[str, Any] = {"datasets": datasets, "FOLDER": str(out)}
    exec("\n".join(code), found)
    assert list(found["rows"]["train"]) == _rows(small[1], Part.TRAIN)
    assert list(found["lineage"]["train"]) == _lineage(small[1], Part.TRAIN)
