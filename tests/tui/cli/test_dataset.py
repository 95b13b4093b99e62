"""`workbench dataset`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from core.dataset.models import DatasetOptions, LeftOutPoint
from core.project import Project
from core.store.connection import transaction
from tests.core.dataset.versions import small_version
from tests.core.lineage.small import two_tests
from tests.core.pipeline.small import query
from tests.tui.cli.calls import Workbench


@pytest.fixture
def project(ferry: Workbench) -> Project:
    return two_tests(Project(ferry.folder))


def test_a_build_prints_its_table_and_is_listed_and_shown(ferry: Workbench) -> None:
    done = ferry("dataset", "build", "--train-frac", "1", "--seed", "7")
    assert done.code == 0, done.err
    name = done.out.splitlines()[-1].removeprefix("dataset ")
    assert [line.split() for line in done.out.splitlines() if line.startswith("data points")] == [
        ["data", "points", "6", "0", "6"]
    ]
    (listed,) = ferry("dataset", "list", "--json").data
    assert (listed["name"], listed["rows"]) == (name, {"train": 6, "val": 0, "holdout": 0})
    assert listed["options"] == {"train_frac": 1.0, "seed": 7}
    shown = ferry("dataset", "show", name[:5])
    assert shown.code == 0
    assert "train.jsonl" in shown.out
    assert "preflight: none yet" in shown.out


def test_the_list_counts_exports_and_fits_a_narrow_terminal(
    ferry: Workbench, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_version(
        project, val=["rents a cabin"], options=DatasetOptions(seed=7, train_frac=0.7, max_points=9, holdout_frac=0.1)
    )
    gone = small_version(project, holdout=["rents a cabin"])
    with closing(project.open()) as connection, transaction(connection):
        connection.execute("UPDATE dataset SET reviewer = 'somebody.with.a.long.name@example.org'")
        for number in range(12):
            connection.execute(
                "INSERT INTO export (at, reviewer, out, format, dataset_id, parameters, manifest_sha256, summary)"
                " VALUES ('2026-01-01T00:00', 'me', ?, 'trl', ?, '{}', '', '{}')",
                (f"/a/long/way/to/an/export/{number}", gone.id),
            )
    shutil.rmtree(gone.folder)
    full = ferry("dataset", "list").out
    assert "/a/long/way" not in full
    assert "train_frac 0.7" in full
    assert [one["has_folder"] for one in ferry("dataset", "list", "--json").data] == [False, True]
    monkeypatch.setattr("tui.cli.dataset_list.terminal_width", lambda: 80)
    head, *lines = ferry("dataset", "list").out.splitlines()
    assert head.split() == ["name", "built", "by", "train", "val", "holdout", "preflight", "exports"]
    assert lines[0].split()[-1] == "12"
    assert lines[1] == "  its folder is gone: it can be neither exported nor checked"
    monkeypatch.setattr("tui.cli.dataset_list.terminal_width", lambda: 40)
    assert ferry("dataset", "list").out.splitlines()[-1].endswith("…")
    assert max(map(len, [head, *lines])) <= 80


def test_the_same_build_again_is_the_same_version(ferry: Workbench) -> None:
    first = ferry("dataset", "build", "--train-frac", "1", "--json").data
    assert ferry("dataset", "build", "--train-frac", "1", "--json").data["address"] == first["address"]
    assert len(ferry("dataset", "list", "--json").data) == 1
    assert first["summary"]["table"]["data points"]["train"] == 6


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--train-frac", "0"], "--train-frac must be greater than 0 and at most 1, not 0"),
        (["--train-frac", "nan"], "--train-frac must be"),
        (["--holdout-frac", "1"], "--holdout-frac must be at least 0 and less than 1"),
        (["--train-frac", "0.9", "--holdout-frac", "0.2"], "come to more than 1"),
        (["--near-duplicates", "0"], "--near-duplicates must be"),
        (["--max-per-conversation", "-1"], "--max-per-conversation must be 0 or more"),
        (["--max-points", "0"], "--max-points must be 1 or more"),
    ],
)
def test_options_out_of_range_are_named(ferry: Workbench, arguments: list[str], told: str) -> None:
    done = ferry("dataset", "build", *arguments)
    assert done.code == 2
    assert told in done.err


def test_options_that_are_not_given_come_from_the_project(ferry: Workbench) -> None:
    (ferry.folder / "workbench.toml").write_text(
        '[export]\ntrain_frac = 0.7\nholdout_frac = 0.3\nseed = 5\nrephrasings = "none"\n', encoding="utf-8"
    )
    parameters = ferry("dataset", "build", "--seed", "6", "--json").data["options"]
    assert parameters == {"train_frac": 0.7, "holdout_frac": 0.3, "seed": 6, "rephrasings": "none"}


def test_no_dataset_yet(ferry: Workbench) -> None:
    assert "There is no dataset yet" in ferry("dataset", "list").err
    for command in (["show"], ["show", "abcd"], ["diff", "abcd"], ["holdout", "--out", "x.jsonl", "--purpose", "p"]):
        assert ferry("dataset", *command).code == 2


def test_a_changed_file_is_named_by_show(ferry: Workbench, project: Project) -> None:
    version = small_version(project, val=["rents a cabin"], without={"on Friday": LeftOutPoint.EXACT})
    (version.folder / "val.jsonl").write_text("", encoding="utf-8")
    done = ferry("dataset", "show")
    assert done.code == 1
    assert [line.split()[-1] for line in done.out.splitlines() if line.startswith("val.jsonl")] == ["changed"]
    assert "left out: exact duplicate: 1\n  “on Friday” (e2e_tests/tickets.yml:6), a twin of “next Friday”" in done.out


def test_a_difference_is_listed_with_its_places(ferry: Workbench, project: Project) -> None:
    old = small_version(project)
    small_version(project, val=["rents a cabin"], options=DatasetOptions(seed=7))
    done = ferry("dataset", "diff", old.name)
    assert done.code == 0
    assert "seed: 42 → 7" in done.out
    assert "tests that changed sides: 1\n  e2e_tests/cabins.yml:2  rents a cabin: train → val" in done.out
    data = ferry("dataset", "diff", old.name, "latest", "--json").data
    assert data["points"]["val"] == {"old": 0, "new": 3}
    assert "the same rows, made in the same way" in ferry("dataset", "diff", old.name, old.name).out


def test_the_holdout_is_written_for_a_purpose_that_is_recorded(ferry: Workbench, project: Project, tmp_path: Path) -> None:
    version = small_version(project, holdout=["rents a cabin"])
    out = tmp_path / "holdout.jsonl"
    assert ferry("dataset", "holdout", "--out", out, "--purpose", " ").code == 2
    done = ferry("dataset", "holdout", version.name, "--out", out, "--purpose", "the last word")
    assert (done.code, done.out) == (0, f"{out}\n")
    assert len([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]) == 3
    shown = ferry("dataset", "show").out
    assert "holdout: opened once" in shown
    assert "by tester: the last word" in shown
    assert ferry("dataset", "holdout", "--out", out, "--purpose", "again").code == 2, "the file is there already"
    assert ferry("dataset", "holdout", "--out", tmp_path / "no/such", "--purpose", "again").code == 2
    assert len(query(project, "SELECT * FROM holdout_use")) == 1


def test_a_dataset_without_holdout_has_none_to_open(ferry: Workbench, project: Project, tmp_path: Path) -> None:
    small_version(project)
    done = ferry("dataset", "holdout", "--out", tmp_path / "x.jsonl", "--purpose", "p")
    assert done.code == 2
    assert "has no holdout" in done.err
