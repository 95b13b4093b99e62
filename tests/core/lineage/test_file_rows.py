"""A row of a file, found in the dataset it comes from."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.dataset.folder import Row, read_rows
from core.dataset.holdout_file import write_holdout_file
from core.dataset.models import DatasetVersion, LeftOutPoint, Part
from core.errors import UsageError
from core.lineage.why import explain
from core.project import Project
from core.store.datasets import holdout_uses
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import asked
from tests.core.pipeline.small import jsonl


def rows(version: DatasetVersion, part: Part = Part.TRAIN) -> list[dict[str, str]]:
    return [{"prompt": row.prompt, "completion": row.completion} for row in read_rows(version, part)]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


SHAPES: dict[str, Any] = {
    "instruction": lambda p, c: {"prompt": p, "completion": c},
    "common file": lambda p, c: {"prompt": p, "output": c, "original_test_name": "x"},
    "conversational": lambda p, c: {"messages": [user(p), assistant(c)]},
    "with a system message": lambda p, c: {"messages": [{"role": "system", "content": "x"}, user(p), assistant(c)]},
    "chat": lambda p, c: {"prompt": [user(p)], "completion": [assistant(c)]},
    "alpaca": lambda p, c: {"instruction": p, "input": "", "output": c},
    "sharegpt": lambda p, c: {"conversations": [{"from": "human", "value": p}, {"from": "gpt", "value": c}]},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_is_found_by_what_it_says_in_every_format(
    ferry: Project, version: DatasetVersion, tmp_path: Path, shape: str
) -> None:
    made = [SHAPES[shape](row["prompt"], row["completion"]) for row in reversed(rows(version))]
    path = tmp_path / "shuffled.jsonl"
    path.write_text(jsonl(made), encoding="utf-8")
    assert asked(ferry, f"{path}:1")["row"] == "train:4"
    assert asked(ferry, f"{path}:4")["row"] == "train:1"


def test_a_file_of_the_version_itself_is_found_by_its_place(ferry: Project, version: DatasetVersion) -> None:
    assert asked(ferry, f"{version.folder / 'val.jsonl'}:2")["row"] == "val:2"


def test_the_dataset_is_the_one_the_export_names_and_not_the_latest(
    ferry: Project, version: DatasetVersion, tmp_path: Path
) -> None:
    out = tmp_path / "out/splits"
    out.mkdir(parents=True)
    (out / "train.jsonl").write_text(jsonl(rows(version)), encoding="utf-8")
    (tmp_path / "out/manifest.json").write_text(json.dumps({"workbench_export": {"dataset": version.address}}))
    newer = small_version(ferry)
    assert newer.points[Part.TRAIN] > version.points[Part.TRAIN]
    assert asked(ferry, f"{out / 'train.jsonl'}:1")["dataset"]["name"] == version.name
    assert asked(ferry, f"{out / 'train.jsonl'}:1", dataset=newer.name)["dataset"]["name"] == newer.name


def test_older_datasets_are_looked_through_too(ferry: Project, version: DatasetVersion, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(jsonl(rows(version, Part.VAL)[:1]), encoding="utf-8")
    small_version(ferry, val=["buys a ticket"], without={"a cabin with two beds": LeftOutPoint.SAMPLED})
    assert asked(ferry, f"{path}:1")["said"] == "a cabin with two beds"


@pytest.mark.parametrize(
    ("line", "content", "told"),
    [
        (2, "{}\n", "has no line 2"),
        (0, "{}\n", "has no line 0"),
        (1, "{}\n", "no row of training data"),
        (1, "not json\n", "no row of training data"),
        (1, '{"messages": "x"}\n', "no row of training data"),
        (1, '{"prompt": "p", "completion": "c"}\n', "is no row of the dataset of this project"),
        (1, "\xff\n", "cannot be read as text"),
    ],
)
def test_what_is_no_row_of_the_project_says_why(
    ferry: Project, version: DatasetVersion, tmp_path: Path, line: int, content: str, told: str
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=told):
        asked(ferry, f"{path}:{line}")


def test_the_sealed_part_is_not_looked_through(ferry: Project, tmp_path: Path) -> None:
    version = small_version(ferry, holdout=["rents a cabin"])
    path = tmp_path / "holdout.jsonl"
    path.write_text(jsonl(rows(version, Part.HOLDOUT)), encoding="utf-8")
    with pytest.raises(UsageError, match="sealed"):
        asked(ferry, f"{path}:1")


def first_line(project: Project, target: str, **options: Any) -> str:
    with closing(project.open()) as connection:
        return next(text for _, text in explain(project, connection, target, **options).tree().lines())


def test_a_file_that_names_no_dataset_is_not_said_to_be_of_the_one_where_its_row_is_found(
    ferry: Project, version: DatasetVersion, tmp_path: Path
) -> None:
    copy = tmp_path / "val.jsonl"
    copy.write_bytes((version.folder / "val.jsonl").read_bytes())
    told = f"val:2 of dataset {version.name}"
    assert first_line(ferry, f"{copy}:2") == f"this file names no dataset; the same row is {told}"
    assert first_line(ferry, f"{version.folder / 'val.jsonl'}:2") == told
    assert first_line(ferry, f"{copy}:2", dataset=version.name) == told
    (tmp_path / "manifest.json").write_text(json.dumps({"workbench_export": {"dataset": "f" * 64}}))
    assert first_line(ferry, f"{copy}:2") == (
        f"this file is of the dataset ffffffffffff, where this row was not found; the same row is {told}"
    )


def test_a_file_of_a_holdout_is_known_and_opened_for_a_purpose_only(ferry: Project, tmp_path: Path) -> None:
    version = small_version(ferry, holdout=["rents a cabin"])
    newer = small_version(ferry, val=["rents a cabin"])
    path = tmp_path / "taken.jsonl"
    write_holdout_file(path, version, read_rows(version, Part.HOLDOUT))
    with pytest.raises(UsageError, match=f"the holdout of the dataset {version.name} is sealed"):
        asked(ferry, f"{path}:2")
    assert holdout_looks(ferry, version) == []
    assert first_line(ferry, f"{path}:2", purpose="a wrong answer", reviewer="me") == f"holdout:2 of dataset {version.name}"
    assert holdout_looks(ferry, version) == [("me", "a wrong answer")]
    assert first_line(ferry, f"{path}:2", dataset=newer.name) == f"val:2 of dataset {newer.name}"
    path.write_text(jsonl(rows(newer)[:2]), encoding="utf-8")
    with pytest.raises(UsageError, match="was changed since"):
        asked(ferry, f"{path}:1", purpose="p")


def test_a_holdout_file_of_another_project_is_said_to_be_one(ferry: Project, version: DatasetVersion, tmp_path: Path) -> None:
    path = tmp_path / "taken.jsonl"
    write_holdout_file(path, replace(version, address="e" * 64), [Row(Part.HOLDOUT, 1, "p", "c")])
    with pytest.raises(UsageError, match="of the holdout of the dataset eeeeeeeeeeee, which this project does not have"):
        asked(ferry, f"{path}:1", purpose="p")


def holdout_looks(project: Project, version: DatasetVersion) -> list[tuple[str, str]]:
    with closing(project.open()) as connection:
        return [(by, purpose) for _, by, purpose in holdout_uses(connection, version.id)]
