"""The files of a version, read back."""

from __future__ import annotations

import json

import pytest

from core.dataset.folder import LINEAGE, lineage_at, lineage_data, read_lineage, read_rows, row_at
from core.dataset.models import DatasetVersion, Part
from core.errors import ProjectError
from core.project import Project
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import two_tests


@pytest.fixture
def version(project: Project) -> DatasetVersion:
    return small_version(two_tests(project), val=["rents a cabin"])


def test_a_single_row_and_its_lineage_are_those_of_the_whole(version: DatasetVersion) -> None:
    for part in (Part.TRAIN, Part.VAL):
        rows, lineages = list(read_rows(version, part)), list(read_lineage(version, part))
        assert len(rows) == len(lineages) == version.points[part]
        assert [row_at(version, part, row.number) for row in rows] == rows
        assert [lineage_at(version, part, one.number) for one in lineages] == lineages


@pytest.mark.parametrize(("part", "number"), [(Part.TRAIN, 0), (Part.TRAIN, 99), (Part.VAL, 4), (Part.HOLDOUT, 1)])
def test_a_row_past_the_end_is_none(version: DatasetVersion, part: Part, number: int) -> None:
    assert (row_at(version, part, number), lineage_at(version, part, number)) == (None, None)


@pytest.mark.parametrize("line", ["nonsense", "[]", "{}", '{"part": "train"}', ""])
def test_a_damaged_line_is_named(version: DatasetVersion, line: str) -> None:
    for name in (LINEAGE, "train.jsonl"):
        path = version.folder / name
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], line, *lines[2:]]) + "\n", encoding="utf-8")
    readers = (
        lambda: list(read_lineage(version)), lambda: list(read_lineage(version, Part.VAL)), lambda: list(lineage_data(version)),
        lambda: lineage_at(version, Part.TRAIN, 2), lambda: row_at(version, Part.TRAIN, 2),
    )  # fmt: skip
    for read in readers:
        with pytest.raises(ProjectError, match=r"damaged: .*:2 is not what was written"):
            read()


def test_a_lineage_that_does_not_fit_the_row_is_damage(version: DatasetVersion) -> None:
    path = version.folder / LINEAGE
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(first), "number": 7}), *rest]) + "\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="damaged"):
        lineage_at(version, Part.TRAIN, 1)
