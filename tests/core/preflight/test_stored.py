from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ProjectError, UsageError
from core.preflight.models import Preflight
from core.preflight.options import PreflightOptions
from core.preflight.run import preflight
from core.preflight.stored import blocking, latest_preflight, save_preflight
from tests.core.preflight.conftest import Check, names
from tests.core.preflight.model_folders import write_model
from tests.core.preflight.versions_by_hand import Example, balanced, store_version, write_version


def test_a_report_comes_back_from_the_store_as_it_was(connection: sqlite3.Connection, tmp_path: Path) -> None:
    version = write_version(tmp_path / "datasets", [*balanced(), Example("Renew. " * 80, "cancel flow")])
    store_version(connection, version)
    shape = {
        "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
        "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152,
    }  # fmt: skip
    model = write_model(tmp_path / "model", pad="<|im_end|>", config=shape)
    report = preflight(version, PreflightOptions(model=str(model), max_length=64, template_options={"a": 1}))
    assert report.gpus
    saved = save_preflight(connection, version.id, report)
    again = latest_preflight(connection, version.id)
    assert again == saved
    assert again is not None
    assert not again.passed
    assert again.report == Preflight.from_data(json.loads(json.dumps(report.as_data())))
    assert again.report.findings == report.findings
    assert again.report.probes == report.probes


def test_the_latest_of_a_model_is_found_beside_that_of_another(connection: sqlite3.Connection, tmp_path: Path) -> None:
    version = write_version(tmp_path / "datasets", balanced())
    store_version(connection, version)
    reports = [preflight(version, PreflightOptions(model=str(write_model(tmp_path / name)))) for name in ("one", "two")]
    for report in reports:
        save_preflight(connection, version.id, report)
    first = latest_preflight(connection, version.id, model=str(tmp_path / "one"))
    latest = latest_preflight(connection, version.id)
    assert first is not None
    assert latest is not None
    assert (first.report.target.model, latest.report.target.model) == (str(tmp_path / "one"), str(tmp_path / "two"))
    assert latest_preflight(connection, version.id, model="another") is None
    assert latest_preflight(connection, 99) is None


def test_what_fails_blocks_until_it_is_waived_by_name(check: Check, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", pad="<|im_end|>")
    report = check(model, [*balanced(), Example("Renew. " * 80, "start flow renew_loan")], max_length=64)
    assert names(blocking(report)) == ["long-rows", "pad-token"]
    assert names(blocking(report, ["long-rows"])) == ["pad-token"]
    assert blocking(report, ["long-rows", "pad-token"]) == ()


def test_waived_checks_are_recorded_and_a_waived_report_passes(connection: sqlite3.Connection, tmp_path: Path) -> None:
    version = write_version(tmp_path / "datasets", balanced())
    store_version(connection, version)
    model = write_model(tmp_path / "model", pad="<|im_end|>")
    saved = save_preflight(connection, version.id, preflight(version, PreflightOptions(str(model), waived=("pad-token",))))
    assert saved.passed
    assert list(saved.report.parameters["waived"]) == ["pad-token"]


def test_a_check_that_does_not_exist_cannot_be_waived(check: Check, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no check `lenght`"):
        check(write_model(tmp_path / "model"), balanced(), waived=("lenght",))


def test_a_dataset_without_rows_and_one_whose_lineage_is_short_are_refused(tmp_path: Path) -> None:
    options = PreflightOptions(model=str(write_model(tmp_path / "model")))
    version = write_version(tmp_path / "datasets", balanced())
    with pytest.raises(ProjectError, match="has no rows"):
        preflight(replace(version, points=dict.fromkeys(version.points, 0)), options)
    lineage = version.folder / "lineage.jsonl"
    lineage.write_text("".join(lineage.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(ProjectError, match=r"lineage.jsonl is not what was written"):
        preflight(version, options)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Beyond what is loaded once: nothing of a row is kept in memory but counts, names of the first and three probes."""
    import tracemalloc

    options = PreflightOptions(model=str(write_model(tmp_path / "model")))

    def peak(rows: int) -> int:
        version = write_version(tmp_path / f"datasets{rows}", (Example(f"Renew book {n}.", "cancel flow") for n in range(rows)))
        tracemalloc.start()
        preflight(version, options)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    small, large = peak(300), peak(2400)
    assert large < small + 2_000_000
