"""Runs in an environment with `datasets` (and `trl`): loads the splits of an export and gives them to a trainer.

    python trainer_accepts.py load|train FOLDER…

Prints one JSON line for each folder. Imports nothing of the project, and by name, since this environment has none of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

CHAT_TEMPLATE = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"


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


def _tokenizer() -> Any:
    """One token a byte: needs no download."""
    tokenizers, transformers = import_module("tokenizers"), import_module("transformers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    inner = tokenizers.Tokenizer(tokenizers.models.BPE(vocab={sign: at for at, sign in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="</s>", pad_token="<pad>")
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _model(vocabulary: int) -> Any:
    transformers = import_module("transformers")
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=vocabulary, **shape))


if __name__ == "__main__":
    action = {"load": describe, "train": train}[sys.argv[1]]
    for name in sys.argv[2:]:
        print("RESULT", json.dumps(action(Path(name)), ensure_ascii=False), flush=True)
