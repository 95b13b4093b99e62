"""Runs in an environment with TRL: what its SFTTrainer makes of rows, and what its collator gives the model.

Usage: trl_labels.py JOBS, a file with a JSON list of {"model": folder, "rows": [{"prompt", "completion"}], "max_length": …}.
Prints a line `RESULT` with JSON for each job: {"rows": [[ids, labels], …], "batch": [[ids, labels], …], "padded_labels": …}.
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

datasets, torch, transformers, trl = map(import_module, ("datasets", "torch", "transformers", "trl"))


def prepared(job: dict[str, Any]) -> dict[str, Any]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(job["model"])
    shape = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, head_dim=8
    )
    rows = [_shaped(row, tokenizer.chat_template is not None) for row in job["rows"]]
    with tempfile.TemporaryDirectory() as out:
        trainer = trl.SFTTrainer(
            transformers.LlamaForCausalLM(shape),
            args=trl.SFTConfig(out, max_length=job["max_length"], report_to="none", use_cpu=True, bf16=False),
            train_dataset=datasets.Dataset.from_list(rows),
            processing_class=tokenizer,
        )
        kept_rows = [[row["input_ids"], row["labels"]] for row in trainer.train_dataset]
        batch = trainer.data_collator([{"input_ids": ids, "labels": labels} for ids, labels in kept_rows]) if kept_rows else {}
    kept = batch.get("attention_mask", torch.zeros(0)).bool()
    return {
        "rows": kept_rows,
        "batch": [
            [ids[mask].tolist(), labels[mask].tolist()]
            for ids, labels, mask in zip(batch.get("input_ids", ()), batch.get("labels", ()), kept, strict=True)
        ],
        "padded_labels": [labels[~mask].tolist() for labels, mask in zip(batch.get("labels", ()), kept, strict=True)],
    }


def _shaped(row: dict[str, str], chat: bool) -> dict[str, Any]:
    if not chat:
        return row
    return {
        "prompt": [{"role": "user", "content": row["prompt"]}],
        "completion": [{"role": "assistant", "content": row["completion"]}],
    }


for one in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
    print("RESULT", json.dumps(prepared(one)), flush=True)
