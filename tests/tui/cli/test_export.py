"""What `workbench export` builds, exports and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.core.preflight.model_folders import write_model
from tests.tui.cli.calls import Workbench


@pytest.mark.parametrize(("out", "code"), [("", 2), (".", 2), ("/", 2), ("/proc/no/such", 1)])
def test_a_place_that_cannot_be_an_export_is_an_error_without_a_traceback(
    ferry: Workbench, monkeypatch: pytest.MonkeyPatch, out: str, code: int
) -> None:
    monkeypatch.chdir(ferry.folder)
    outcome = ferry("export", "--out", out)
    assert outcome.code == code
    assert "--out" in outcome.err


def test_the_documented_call_works_beside_an_assistants_data(ferry: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    (ferry.folder / "data").mkdir()
    (ferry.folder / "data" / "flows.yml").write_text("flows: {}\n")
    monkeypatch.chdir(ferry.folder)
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    call = next(line for line in readme.splitlines() if line.strip().startswith("workbench export"))
    assert ferry(*call.partition("#")[0].split()[1:]).code == 0


def _out(ferry: Workbench) -> Path:
    return ferry.folder / "exported"


def test_the_summary_names_the_dataset_that_was_built(ferry: Workbench) -> None:
    outcome = ferry("export", "--out", _out(ferry))
    assert outcome.code == 0
    manifest = json.loads((_out(ferry) / "manifest.json").read_text(encoding="utf-8"))["workbench_export"]
    assert outcome.out.splitlines()[-1] == f"dataset {manifest['dataset'][:12]} written to {_out(ferry)}"
    assert outcome.out.splitlines()[0].split() == ["train", "val", "all"]


def test_json_has_the_summary_and_the_dataset(ferry: Workbench) -> None:
    found = json.loads(ferry("export", "--out", _out(ferry), "--format", "messages", "--json").out)
    assert (found["format"], sum(found["rows"].values())) == ("messages", found["table"]["data points"]["all"])
    assert len(found["dataset"]) == 64


def test_a_dataset_that_is_there_can_be_exported_again_in_another_format(ferry: Workbench) -> None:
    first = json.loads(ferry("export", "--out", _out(ferry), "--seed", "3", "--json").out)["dataset"]
    second = json.loads(ferry("export", "--out", _out(ferry), "--seed", "4", "--json").out)["dataset"]
    assert first != second
    assert json.loads(ferry("export", "--out", _out(ferry), "--dataset", "latest", "--json").out)["dataset"] == second
    outcome = ferry("export", "--out", _out(ferry), "--dataset", first[:8], "--format", "alpaca", "--json")
    assert json.loads(outcome.out)["dataset"] == first
    assert (_out(ferry) / "dataset_info.json").is_file()


def test_options_of_the_dataset_do_not_go_with_one_that_is_there(ferry: Workbench) -> None:
    assert ferry("export", "--out", _out(ferry)).code == 0
    outcome = ferry("export", "--out", _out(ferry), "--dataset", "latest", "--strategy", "tests")
    assert outcome.code == 2
    assert "--strategy says what is to be built, and --dataset names what was built" in outcome.err


def test_a_dataset_that_is_not_there_is_an_error(ferry: Workbench) -> None:
    outcome = ferry("export", "--out", _out(ferry), "--dataset", "abcdef")
    assert (outcome.code, "there is no dataset `abcdef`" in outcome.err) == (2, True)


def test_configurations_of_trainers_are_written_beside_the_rows(ferry: Workbench) -> None:
    trainers = [part for name in ("trl", "unsloth", "axolotl", "llamafactory") for part in ("--trainer", name)]
    assert ferry("export", "--out", _out(ferry), "--format", "messages", *trainers).code == 0
    assert {path.name for path in _out(ferry).iterdir()} >= {
        "trl.yaml", "train_unsloth.py", "axolotl.yaml", "llamafactory.yaml", "dataset_info.json", "train.jsonl",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "alpaca", "--trainer", "trl"), "no configuration of trl is written for the format alpaca"),
        (("--push-to-hub", "me/rows"), "--push-to-hub pushes the format hf, not instruction"),
        (("--public",), "--public goes with --push-to-hub"),
        (("--format", "hf", "--push-to-hub", "me/rows", "--open-holdout", "x"), "the holdout is not pushed"),
        (("--format", "du", "--full-tree"), "the recipe's folders belong to its tree"),
        (("--train-frac", "0"), "--train-frac must be greater than 0"),
        (("--open-holdout", "final comparison"), "has no holdout"),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_written(
    ferry: Workbench, options: tuple[str, ...], message: str
) -> None:
    outcome = ferry("export", "--out", _out(ferry), *options)
    assert outcome.code == 2
    assert message in outcome.err
    assert not _out(ferry).exists()


def test_the_model_of_the_preflight_is_found_from_the_exports_folder(
    ferry: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_model(tmp_path / "models" / "base")
    monkeypatch.chdir(tmp_path)
    assert ferry("dataset", "build").code == 0
    assert ferry("preflight", "--model", "models/base").out
    outcome = ferry("export", "--out", _out(ferry), "--trainer", "trl")
    config = yaml.safe_load((_out(ferry) / "trl.yaml").read_text(encoding="utf-8"))
    monkeypatch.chdir(_out(ferry))
    assert Path(config["model_name_or_path"], "tokenizer.json").is_file()
    assert "trl trains plain text, served by /v1/completions; the preflight was of chat" in outcome.err


def test_the_projects_own_format_may_be_any(ferry: Workbench) -> None:
    path = ferry.folder / "workbench.toml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace('# format = "instruction"', 'format = "messages"'), encoding="utf-8")
    assert ferry("export", "--out", _out(ferry)).code == 0
    assert (_out(ferry) / "train.jsonl").is_file()
    path.write_text(written.replace('# format = "instruction"', 'format = "message"'), encoding="utf-8")
    outcome = ferry("export", "--out", _out(ferry))
    assert outcome.code == 1
    assert "export.format: input should be 'instruction', 'conversational', 'prompt-completion', 'chat'" in outcome.err
