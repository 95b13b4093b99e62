"""Runs in an environment with `datasets` (and `trl`): loads the splits of an export and gives them to a trainer.

    python trainer_accepts.py load|train|config|unsloth FOLDER…

Prints one JSON line for each folder. Imports nothing of the project, and by name, since this environment has none of it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import Any

CHAT_TEMPLATE = (
    "{% if mark is defined %}<{{ mark }}>{% endif %}"
    "{% for m in messages %}<{{ m['role'] }}>{% if m['role'] == 'assistant' %}{% generation %}{{ m['content'] }}</s>"
    "{% endgeneration %}{% else %}{{ m['content'] }}{% endif %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)


def load(folder: Path, cache: str) -> Any:
    """The splits as a dataset, read by the real library."""
    splits = {path.stem: str(path) for path in sorted((folder / "4_train_test_split/ft_splits").glob("*.jsonl"))}
    return import_module("datasets").load_dataset("json", data_files=splits, cache_dir=cache)


def describe(folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as cache:
        found = load(folder, cache)
        return {split: {"columns": rows.column_names, "rows": list(rows)} for split, rows in found.items()}


def train(folder: Path) -> dict[str, Any]:
    """What TRL makes of the rows: its own check of the format, its own preparation, and one step of training."""
    trl, data_utils = import_module("trl"), import_module("trl.data_utils")
    with tempfile.TemporaryDirectory() as scratch:
        rows = load(folder, f"{scratch}/cache")["train"]
        tokenizer = _tokenizer()
        text = data_utils.maybe_apply_chat_template(rows[0], tokenizer)
        options = trl.SFTConfig(
            output_dir=f"{scratch}/out", max_steps=1, per_device_train_batch_size=2, max_length=None, use_cpu=True,
            report_to="none", save_strategy="no", disable_tqdm=True, bf16=False,
        )  # fmt: skip
        trainer = trl.SFTTrainer(model=_model(len(tokenizer)), args=options, train_dataset=rows, processing_class=tokenizer)
        prepared = trainer.train_dataset[0]
        trained = trainer.train()
        return {
            "conversational": data_utils.is_conversational(rows[0]),
            "completion_only_loss": trainer.completion_only_loss,
            "templated": sorted(text),
            "learned": tokenizer.decode([token for token in prepared["labels"] if token != -100]),
            "text": tokenizer.decode(prepared["input_ids"]),
            "steps": trained.global_step,
        }


def config(folder: Path) -> dict[str, Any]:
    """What `trl sft --config trl.yaml` makes of the folder: its parser, the loading of its script, and one step."""
    trl, yaml = import_module("trl"), import_module("yaml")
    os.chdir(folder)
    parser = trl.TrlParser((trl.ScriptArguments, trl.SFTConfig, trl.ModelConfig, trl.DatasetMixtureConfig))
    settings = yaml.safe_load(Path("trl.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        here = {"bf16": False, "use_cpu": True, "output_dir": scratch, "max_steps": 1, "disable_tqdm": True}
        Path(scratch, "trl.yaml").write_text(yaml.safe_dump({**settings, **here}))
        script, options, model, _ = parser.parse_args_and_config(
            ["--config", f"{scratch}/trl.yaml"], fail_with_unknown_args=True
        )
        rows = import_module("datasets").load_dataset(script.dataset_name, name=script.dataset_config, cache_dir=scratch)
        tokenizer = _tokenizer()
        evaluated = rows[script.dataset_test_split] if options.eval_strategy != "no" else None
        trainer = trl.SFTTrainer(
            model=_model(len(tokenizer)), args=options, train_dataset=rows[script.dataset_train_split],
            eval_dataset=evaluated, processing_class=tokenizer,
        )  # fmt: skip
        return {
            "rows": {split: len(some) for split, some in rows.items()},
            "lora": [model.use_peft, model.lora_r, model.lora_alpha, model.lora_target_modules],
            "model": model.model_name_or_path,
            "max_length": options.max_length,
            "seed": options.seed,
            "learning_rate": options.learning_rate,
            "steps": trainer.train().global_step,
            **_learned(trainer.train_dataset, tokenizer),
        }


def unsloth(folder: Path) -> dict[str, Any]:
    """The script, run with a tiny model in the place of what Unsloth loads (it needs a GPU)."""
    trl: Any = import_module("trl")
    tokenizer = _tokenizer()
    loaded: dict[str, Any] = {}

    class FastLanguageModel:
        @staticmethod
        def from_pretrained(name: str, **options: Any) -> Any:
            loaded.update(options, model=name)
            return _model(len(tokenizer)), tokenizer

        @staticmethod
        def get_peft_model(model: Any, **options: Any) -> Any:
            loaded.update(options)
            return model

    stand_in: Any = ModuleType("unsloth")
    stand_in.FastLanguageModel = FastLanguageModel
    sys.modules["unsloth"] = stand_in
    trl.SFTConfig = partial(trl.SFTConfig, use_cpu=True, bf16=False, max_steps=1, disable_tqdm=True)
    os.chdir(folder)
    found = run_path("train_unsloth.py")
    return {"loaded": loaded, "rows": len(found["rows"]["train"]), **_learned(found["trainer"].train_dataset, tokenizer)}


def _learned(rows: Any, tokenizer: Any) -> dict[str, Any]:
    """Text and learned text of each prepared row."""
    return {
        "texts": [tokenizer.decode(row["input_ids"]) for row in rows],
        "learned": [tokenizer.decode([token for token in row["labels"] if token != -100]) for row in rows],
    }


def _tokenizer() -> Any:
    """One token a byte: needs no download."""
    tokenizers, transformers = import_module("tokenizers"), import_module("transformers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    inner = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={sign: at for at, sign in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="</s>", pad_token="<pad>")
    tokenizer.add_tokens("<|finetune_right_pad_id|>", special_tokens=True)  # the default model's, as configurations name it
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _model(vocabulary: int) -> Any:
    transformers = import_module("transformers")
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=vocabulary, **shape))


if __name__ == "__main__":
    action = {"load": describe, "train": train, "config": config, "unsloth": unsloth}[sys.argv[1]]
    for name in sys.argv[2:]:
        found = action(Path(name).resolve())
        print("RESULT", json.dumps(found, ensure_ascii=False), flush=True)
