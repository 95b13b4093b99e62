from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset.folder import datasets_folder
from core.dataset.models import DatasetVersion
from core.preflight.stored import latest_preflight
from core.project import Project
from tests.core.preflight.model_folders import write_model
from tests.core.preflight.versions_by_hand import Example, balanced, store_version, write_version
from tests.tui.cli.calls import Workbench


@pytest.fixture
def version(workbench: Workbench) -> DatasetVersion:
    """A stored dataset of seventeen rows, one of them long."""
    project = Project(workbench.folder)
    made = write_version(datasets_folder(project), [*balanced(), Example("Renew. " * 300, "start flow renew_loan", line=99)])
    connection = project.open()
    store_version(connection, made)
    connection.close()
    return made


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", config={"max_position_embeddings": 4096})


def test_a_dataset_that_passes_is_told_in_tables_and_kept(workbench: Workbench, version: DatasetVersion, model: Path) -> None:
    shown = workbench("preflight", "--model", model)
    assert shown.code == 0, shown.out
    assert f"dataset {version.name}: 13 train + 4 val rows" in shown.out
    assert "rendered by its chat template" in shown.out
    lines = shown.out.splitlines()
    assert any(line.startswith("prompt ") for line in lines)
    assert any("█" in line for line in lines)
    trl = next(line for line in lines if line.startswith("TRL's default"))
    assert "1,024" in trl
    assert "✓ ok    long-rows" in shown.out
    assert lines[-1].startswith("passed")
    connection = Project(workbench.folder).open()
    stored = latest_preflight(connection, version.id)
    connection.close()
    assert stored is not None
    assert stored.passed


def test_a_check_that_fails_names_rows_and_the_fix_and_exits_with_1(
    workbench: Workbench, version: DatasetVersion, model: Path
) -> None:
    shown = workbench("preflight", version.name, "--model", model, "--max-length", "128")
    assert shown.code == 1
    assert "✗ FAIL  long-rows: at 128 tokens the whole completion of 1 row is cut" in shown.out
    assert "→ Train with --max-length" in shown.out
    assert "train:13 (e2e_tests/loans.yml:99)" in shown.out
    assert "1 check failed: long-rows" in shown.out
    assert "--waive" in shown.err


def test_a_waived_check_no_longer_stops_and_is_recorded(workbench: Workbench, version: DatasetVersion, model: Path) -> None:
    call = ("preflight", "--model", model, "--max-length", "128", "--waive", "long-rows")
    shown = workbench(*call)
    assert shown.code == 0
    assert "long-rows (waived)" in shown.out
    report = workbench(*call, "--json").data
    assert report["passed"] is True
    assert report["parameters"]["waived"] == ["long-rows"]
    assert report["findings"][0]["rows"][0] == {
        "part": "train", "row": 13, "place": "e2e_tests/loans.yml:99",
        "note": report["findings"][0]["rows"][0]["note"],
    }  # fmt: skip


def test_json_holds_the_whole_report(workbench: Workbench, version: DatasetVersion, model: Path) -> None:
    report = workbench("preflight", "--model", model, "--json").data
    assert report["dataset"] == version.address
    assert report["lengths"]["rows"] == 17
    assert report["lengths"]["advised"] >= report["lengths"]["needed"] > 600
    assert [cut["trainer"] for cut in report["cuts"]][1:] == ["TRL's default", "Axolotl's default", "LLaMA-Factory's default"]
    probe = report["probes"][0]
    assert probe["tokens"][probe["border"] :]
    assert report["target"]["form"] == "chat"


def test_options_of_the_template_are_json_or_text(workbench: Workbench, version: DatasetVersion, model: Path) -> None:
    options = ("--template-option", "enable_thinking=false", "--template-option", "date_string=26 Jul 2024")
    report = workbench("preflight", "--model", model, "--json", *options).data
    assert report["parameters"]["template_options"] == {"enable_thinking": False, "date_string": "26 Jul 2024"}
    wrong = workbench("preflight", "--model", model, "--template-option", "nothing")
    assert (wrong.code, "no NAME=VALUE" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        ((), 2, "no model is named"),
        (("--model", "./nowhere"), 1, "there is no folder ./nowhere"),
        (("--model", "./nowhere", "--waive", "everything"), 2, "no check `everything`"),
        (("0123456789", "--model", "./nowhere"), 2, "there is no dataset `0123456789`"),
    ],
)
def test_wrong_calls_say_what_to_do(
    workbench: Workbench, version: DatasetVersion, arguments: tuple[str, ...], code: int, what: str
) -> None:
    shown = workbench("preflight", *arguments)
    assert (shown.code, shown.out) == (code, "")
    assert what in shown.err
    assert "→" in shown.err


def test_without_a_dataset_the_way_to_one_is_told(workbench: Workbench, model: Path) -> None:
    shown = workbench("preflight", "--model", model)
    assert shown.code == 2
    assert "workbench dataset build" in shown.err


LLAMA_8B = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072,
}  # fmt: skip


def test_gpu_types_are_estimated_for_the_models_shape_and_the_recipe(
    workbench: Workbench, version: DatasetVersion, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "llama8b", config=LLAMA_8B)
    shown = workbench("preflight", "--model", model, "--recipe", "trl epochs=1", "--price", "A100 80GB=2")
    assert shown.code == 0, shown.err
    assert "GPU types for trl epochs=1" in shown.out
    a100 = next(line for line in shown.out.splitlines() if line.startswith("A100 80GB"))
    assert a100.endswith("fits")
    t4 = next(line for line in shown.out.splitlines() if line.startswith("T4"))
    assert "base weights in 4 bits" in t4
    report = workbench("preflight", "--model", model, "--json", "--price", "A100 80GB=2").data
    estimates = {one["gpu"]: one for one in report["gpus"]}
    assert estimates["A100 80GB"]["cost"] == pytest.approx(estimates["A100 80GB"]["minutes"] / 60 * 2)
    assert estimates["T4 16GB"]["cost"] is None


def test_a_model_whose_shape_is_not_known_is_estimated_nothing_and_checked_all_the_same(
    workbench: Workbench, version: DatasetVersion, model: Path, tmp_path: Path
) -> None:
    assert "GPU types for unsloth\nno estimate: " in workbench("preflight", "--model", model).out
    bare = write_model(tmp_path / "bare")
    assert f"no estimate: {bare} has no config.json" in workbench("preflight", "--model", bare).out


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("--recipe", "magic", "There is no recipe magic"),
        ("--price", "A100 80GB=cheap", "names no price"),
        ("--price", "Abacus=1", "No GPU type Abacus"),
    ],
)
def test_recipes_and_prices_are_checked_before_anything_is_loaded(
    workbench: Workbench, version: DatasetVersion, option: str, value: str, what: str
) -> None:
    shown = workbench("preflight", "--model", "./nowhere", option, value)
    assert (shown.code, what in shown.err) == (2, True)
