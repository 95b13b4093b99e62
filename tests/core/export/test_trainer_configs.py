"""For which formats a configuration is written, and how long a row may get according to its configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.dataset.models import DatasetVersion
from core.errors import UsageError
from core.export.options import ExportFormat, Trainer
from core.export.trainers.configs import formats_of
from core.preflight.cutting import DEFAULTS
from core.project import Project
from tests.core.export.small_exports import export_as, small_dataset, store_preflight

LONGEST = len(r"`start flow x` USER: two \"quick\" tickets\nAI: ok\nUSER: 周五\n###\n周五".encode()) + len(
    rb"set slot ticket_count 2\nset slot day " + "周五".encode()
)
LENGTHS = {"trl": "max_length", "axolotl": "sequence_len", "llamafactory": "cutoff_len"}


@pytest.fixture
def small(project: Project) -> tuple[Project, DatasetVersion]:
    return small_dataset(project)


def _config(out: Path, trainer: str) -> dict[str, Any]:
    return dict(yaml.safe_load((out / f"{trainer}.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("trainer", LENGTHS)
def test_without_a_preflight_and_a_tokenizer_no_row_is_cut(small: tuple[Project, DatasetVersion], trainer: str) -> None:
    out = export_as(*small, "messages", trainer)
    length = _config(out, trainer)[LENGTHS[trainer]]
    assert LONGEST + 256 < length <= LONGEST + 256 + 64 + 2
    assert f"AN UPPER BOUND: the longest row has {LONGEST} bytes" in (out / f"{trainer}.yaml").read_text(encoding="utf-8")


def test_the_preflight_says_how_long_a_row_is_and_for_which_model(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="chat")
    for name in ("messages", "instruction"):
        out = export_as(*small, name, "trl")
        config = _config(out, "trl")
        assert (config["max_length"], config["model_name_or_path"]) == (1152, "models/own")
        assert "the longest row has 1,103 tokens (workbench preflight with this model)" in (out / "trl.yaml").read_text()


@pytest.mark.parametrize(("trainer", "key"), [("trl", "model_name_or_path"), ("axolotl", "base_model")])
def test_a_models_folder_is_named_so_that_it_is_found_from_the_exports_folder(
    small: tuple[Project, DatasetVersion], trainer: str, key: str
) -> None:
    store_preflight(*small, form="chat", folder="/where the/models are/own")
    out = export_as(*small, "messages", trainer, "unsloth", "llamafactory")
    assert _config(out, trainer)[key] == "/where the/models are/own"
    assert _config(out, "llamafactory")["model_name_or_path"] == "/where the/models are/own"
    script = (out / "train_unsloth.py").read_text(encoding="utf-8")
    assert "\nMODEL = '/where the/models are/own'\n" in script
    assert all("a folder of the machine it ran on" in text for text in (script, (out / f"{trainer}.yaml").read_text()))


def test_a_preflight_of_plain_rows_does_not_count_the_chat_template(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="plain")
    assert _config(export_as(*small, "instruction", "trl"), "trl")["max_length"] == 1152
    config = _config(export_as(*small, "chat", "trl"), "trl")
    assert (config["max_length"] > LONGEST, config["max_length"] != 1152) == (True, True)
    assert config["model_name_or_path"] == "models/own"


def test_what_the_preflight_was_told_is_told_to_the_trainer(small: tuple[Project, DatasetVersion]) -> None:
    """A padding token of its own is why the preflight passed: a run without it is another run."""
    store_preflight(
        *small, form="chat", pad_token="<|pad: it|>", template_options={"enable_thinking": False, "date": "1 May: 周五"}
    )
    out = export_as(*small, "messages", *Trainer)
    assert _config(out, "trl")["pad_token"] == "<|pad: it|>"
    axolotl = _config(out, "axolotl")
    assert axolotl["special_tokens"] == {"pad_token": "<|pad: it|>"}
    assert axolotl["chat_template_kwargs"] == {"enable_thinking": False, "date": "1 May: 周五"}
    assert _config(out, "llamafactory")["enable_thinking"] is False
    for name in ("trl.yaml", "llamafactory.yaml"):
        said = '# The preflight rendered the chat template with {"enable_thinking": false, "date": "1 May: 周五"}'
        assert said in (out / name).read_text(encoding="utf-8")
    script = (out / "train_unsloth.py").read_text(encoding="utf-8")
    compile(script, "train_unsloth.py", "exec")
    assert "\ntokenizer.pad_token = '<|pad: it|>'" in script
    assert "\nTEMPLATE_OPTIONS = {'enable_thinking': False, 'date': '1 May: 周五'}\n" in script
    assert script.count("apply_chat_template(") == script.count(", **TEMPLATE_OPTIONS)") == 2


@pytest.mark.parametrize("name", ["messages", "chat", "conversational"])
def test_template_options_stand_in_every_row_for_trl_alone(small: tuple[Project, DatasetVersion], name: str) -> None:
    """TRL has no setting for them."""
    folder = "4_train_test_split/ft_splits" if name == "conversational" else "."
    plain = [json.loads(line) for line in (export_as(*small, name, "trl") / folder / "train.jsonl").read_bytes().splitlines()]
    store_preflight(*small, form="chat", template_options={"enable_thinking": False})
    out = export_as(*small, name, "trl")
    rows = [json.loads(line) for line in (out / folder / "train.jsonl").read_bytes().splitlines()]
    assert rows == [{**row, "chat_template_kwargs": {"enable_thinking": False}} for row in plain]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["workbench_export"]
    assert manifest["parameters"]["chat_template_kwargs"] == {"enable_thinking": False}
    out = export_as(*small, name, "unsloth")
    assert [json.loads(line) for line in (out / folder / "train.jsonl").read_bytes().splitlines()] == plain


def test_plain_rows_have_no_template_and_so_no_options_of_one(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="chat", template_options={"enable_thinking": False})
    out = export_as(*small, "prompt-completion", "trl", "axolotl", "unsloth")
    for name in ("trl.yaml", "axolotl.yaml", "train.jsonl"):
        assert "enable_thinking" not in (out / name).read_text(encoding="utf-8")
    assert "**TEMPLATE_OPTIONS" in (out / "train_unsloth.py").read_text(encoding="utf-8")


def test_a_padding_token_holds_for_rows_that_the_preflight_did_not_render(small: tuple[Project, DatasetVersion]) -> None:
    store_preflight(*small, form="plain", pad_token="<pad>")
    assert _config(export_as(*small, "chat", "trl"), "trl")["pad_token"] == "<pad>"


def test_the_default_model_is_padded_with_a_token_of_its_vocabulary(small: tuple[Project, DatasetVersion]) -> None:
    out = export_as(*small, "messages", *Trainer)
    assert _config(out, "trl")["model_name_or_path"] == "meta-llama/Llama-3.1-8B-Instruct"
    assert _config(out, "trl")["pad_token"] == "<|finetune_right_pad_id|>"
    assert _config(out, "axolotl")["special_tokens"] == {"pad_token": "<|finetune_right_pad_id|>"}
    assert "tokenizer.pad_token = '<|finetune_right_pad_id|>'" in (out / "train_unsloth.py").read_text()
    store_preflight(*small, form="chat")
    assert "pad_token" not in (export_as(*small, "messages", "trl") / "trl.yaml").read_text(encoding="utf-8")


def test_evaluation_takes_no_larger_batches_than_training(small: tuple[Project, DatasetVersion]) -> None:
    """The libraries' default of 8 would be the first thing that does not fit."""
    out = export_as(*small, "messages", *Trainer)
    for name in ("trl", "llamafactory"):
        config = _config(out, name)
        assert config["per_device_eval_batch_size"] == config["per_device_train_batch_size"] == 2
    assert _config(out, "axolotl")["eval_batch_size"] == _config(out, "axolotl")["micro_batch_size"] == 2
    assert "per_device_eval_batch_size=2," in (out / "train_unsloth.py").read_text(encoding="utf-8")


def test_the_configuration_says_of_llamafactory_what_the_preflight_says(small: tuple[Project, DatasetVersion]) -> None:
    (rule,) = (rule for rule in DEFAULTS if rule.trainer.startswith("LLaMA-Factory"))
    text = (export_as(*small, "messages", "llamafactory") / "llamafactory.yaml").read_text(encoding="utf-8")
    assert f"LLaMA-Factory's own default is {rule.length}, and it {rule.words}" in text


def test_the_projects_tokenizer_counts_where_there_is_no_preflight(small: tuple[Project, DatasetVersion]) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    project, version = small
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(project.root / "tokenizer.json"))
    project.config_path.write_text('[project]\nprompt_template = "own.jinja2"\ntokenizer = "tokenizer.json"\n')
    out = export_as(Project(project.root), version, "instruction", "trl")
    assert _config(out, "trl")["max_length"] == 64
    assert "(the project's tokenizer)" in (out / "trl.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("trainer", list(Trainer))
def test_every_configuration_is_written_beside_every_format_it_is_for(
    small: tuple[Project, DatasetVersion], trainer: Trainer
) -> None:
    file = "train_unsloth.py" if trainer is Trainer.UNSLOTH else f"{trainer}.yaml"
    for name in formats_of(trainer):
        out = export_as(*small, name, trainer)
        text = (out / file).read_text(encoding="utf-8")
        assert f"rows of dataset {small[1].name}" in text
        assert max(map(len, text.splitlines())) <= 128
        if trainer is Trainer.UNSLOTH:
            compile(text, file, "exec")
        else:
            assert yaml.safe_load(text)["learning_rate"] == 2e-4  # a number for every YAML loader
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert file in manifest["workbench_export"]["files"]


@pytest.mark.parametrize(
    ("name", "trainers", "advice"),
    [
        ("alpaca", ("trl",), "instruction or conversational or prompt-completion or chat or messages"),
        ("chat", ("axolotl",), "instruction or conversational or prompt-completion or messages or sharegpt"),
        ("du", ("llamafactory",), "instruction or conversational or prompt-completion or messages or alpaca or sharegpt"),
        ("sharegpt", ("axolotl", "unsloth"), "instruction or conversational or prompt-completion or messages"),
    ],
)
def test_a_trainer_without_a_configuration_for_the_format_is_an_error(
    small: tuple[Project, DatasetVersion], name: str, trainers: tuple[str, ...], advice: str
) -> None:
    with pytest.raises(UsageError, match=f"no configuration of {trainers[-1]} is written for the format {name}") as error:
        export_as(*small, name, *trainers)
    assert error.value.remedy == f"Use --format {advice}."
    assert not (small[0].root / "out").exists()


def test_messages_is_for_all_trainers() -> None:
    assert all(ExportFormat.MESSAGES in formats_of(trainer) for trainer in Trainer)
