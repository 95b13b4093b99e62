"""A dataset and what hangs on it."""

from __future__ import annotations

from contextlib import closing

from core.dataset.holdout import open_holdout
from core.dataset.models import DatasetOptions, DatasetVersion
from core.lineage.overview import AS_WRITTEN, DatasetOverview, dataset_overview
from core.project import Project
from core.store.connection import transaction
from tests.core.dataset.versions import small_version


def overview(project: Project, version: DatasetVersion) -> DatasetOverview:
    with closing(project.open()) as connection:
        return dataset_overview(connection, version)


def test_what_was_left_out_is_shown_with_its_twin(ferry: Project, version: DatasetVersion) -> None:
    (group,) = overview(ferry, version).left_out
    assert (group.reason, group.count) == ("near-duplicate", 1)
    assert str(group.first[0]) == (
        "“the island, twice please” (e2e_tests/tickets.yml:4), a twin of “two tickets to the island” (e2e_tests/tickets.yml:4)"
    )


def test_options_other_than_the_defaults_preflight_and_exports(ferry: Project) -> None:
    version = small_version(ferry, options=DatasetOptions(train_frac=0.7, max_points=5))
    with closing(ferry.open()) as connection, transaction(connection):
        for model, passed in (("old", 1), ("new", 0)):
            connection.execute("INSERT INTO preflight VALUES (NULL, ?, '', ?, ?, '{}', '{}')", (version.id, model, passed))
        connection.execute(
            "INSERT INTO export (at, reviewer, out, parameters, summary, manifest_sha256, dataset_id, format)"
            " VALUES ('', 'anna', 'out', '{}', '{}', '', ?, 'alpaca')",
            (version.id,),
        )
    row = overview(ferry, version).row
    assert row.options == {"train_frac": 0.7, "max_points": 5}
    assert str(row.preflight) == "failed for new"
    assert [use.out for use in row.exports] == ["out"]


def test_every_file_is_compared_with_what_was_written(ferry: Project, version: DatasetVersion) -> None:
    assert {file.state for file in overview(ferry, version).files} == {AS_WRITTEN}
    path = version.folder / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("island", "Island", 1), encoding="utf-8")
    (version.folder / "val.jsonl").unlink()
    states = {file.name: file.state for file in overview(ferry, version).files}
    assert states == {"train.jsonl": "changed", "val.jsonl": "gone", "lineage.jsonl": AS_WRITTEN}


def test_looks_at_the_holdout_are_told(ferry: Project) -> None:
    version = small_version(ferry, holdout=["rents a cabin"])
    open_holdout(ferry, version, reviewer="anna", purpose="the last word")
    assert [look[1:] for look in overview(ferry, version).looks] == [("anna", "the last word")]
    assert overview(ferry, version).as_data()["holdout_looks"][0]["purpose"] == "the last word"
