"""Which trainer reads which format, and how long a row may get according to its configuration."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.dataset.models import DatasetVersion
from core.errors import UsageError
from core.export.options import ExportFormat, Trainer
from core.export.trainers.configs import formats_of
from core.project import Project
from core.store.connection import transaction
from tests.core.export.small_exports import export_as, small_dataset

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


def _preflight(project: Project, version: DatasetVersion, form: str, **told: object) -> None:
    report = {"lengths": {"needed": 1103, "advised": 1152}, "target": {"form": form}}
    with closing(project.open()) as connection, transaction(connection):
        connection.execute(
            "INSERT INTO preflight (dataset_id, at, model, passed, parameters, report) VALUES (?, '', 'models/own', 1, ?, ?)",
            (version.id, json.dumps(told), json.dumps(report)),
        )


def test_the_preflight_says_how_long_a_row_is_and_for_which_model(small: tuple[Project, DatasetVersion]) -> None:
    _preflight(*small, form="chat")
    for name in ("messages", "instruction"):
        out = export_as(*small, name, "trl")
        config = _config(out, "trl")
        assert (config["max_length"], config["model_name_or_path"]) == (1152, "models/own")
        assert "the longest row has 1,103 tokens (workbench preflight with this model)" in (out / "trl.yaml").read_text()


def test_a_preflight_of_plain_rows_does_not_count_the_chat_template(small: tuple[Project, DatasetVersion]) -> None:
    _preflight(*small, form="plain")
    assert _config(export_as(*small, "instruction", "trl"), "trl")["max_length"] == 1152
    config = _config(export_as(*small, "chat", "trl"), "trl")
    assert (config["max_length"] > LONGEST, config["max_length"] != 1152) == (True, True)
    assert config["model_name_or_path"] == "models/own"


def test_what_the_preflight_was_told_is_told_to_the_trainer(small: tuple[Project, DatasetVersion]) -> None:
    """A padding token of its own is why the preflight passed: a run without it is another run."""
    _preflight(*small, form="chat", pad_token="<|pad: it|>", template_options={"enable_thinking": False})
    out = export_as(*small, "messages", "trl", "axolotl", "unsloth")
    assert _config(out, "trl")["pad_token"] == "<|pad: it|>"
    assert _config(out, "axolotl")["special_tokens"] == {"pad_token": "<|pad: it|>"}
    script = (out / "train_unsloth.py").read_text(encoding="utf-8")
    compile(script, "train_unsloth.py", "exec")
    assert "\ntokenizer.pad_token = '<|pad: it|>'" in script
    for name in ("trl.yaml", "axolotl.yaml", "train_unsloth.py"):
        assert '# The preflight rendered the chat template with {"enable_thinking": false}' in (out / name).read_text()


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
def test_every_configuration_is_written_beside_every_format_it_reads(
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
def test_a_trainer_that_does_not_read_the_format_is_an_error(
    small: tuple[Project, DatasetVersion], name: str, trainers: tuple[str, ...], advice: str
) -> None:
    with pytest.raises(UsageError, match=f"{trainers[-1]} does not read rows of the format {name}") as error:
        export_as(*small, name, *trainers)
    assert error.value.remedy == f"Use --format {advice}."
    assert not (small[0].root / "out").exists()


def test_messages_is_read_by_all_trainers() -> None:
    assert all(ExportFormat.MESSAGES in formats_of(trainer) for trainer in Trainer)
