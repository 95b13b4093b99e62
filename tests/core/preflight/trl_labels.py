"""Runs in an environment with TRL: what its SFTTrainer makes of rows, and what its collator gives the model.

Usage: trl_labels.py JOBS. JOBS is a JSON list of {"model": folder, "rows": [{"prompt", "completion"}], "max_length": int | null}.
Prints a line `RESULT` with JSON for each job: {"rows": [[ids, labels], …], "batch": [[ids, labels], …]}.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer


def prepared(job: dict[str, Any]) -> dict[str, Any]:
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, head_dim=8
    )
    with tempfile.TemporaryDirectory() as out:
        trainer = SFTTrainer(
            LlamaForCausalLM(shape),
            args=SFTConfig(out, max_length=job["max_length"], report_to="none", use_cpu=True, bf16=False),
            train_dataset=Dataset.from_list([_shaped(row, tokenizer.chat_template is not None) for row in job["rows"]]),
            processing_class=tokenizer,
        )
        rows = [[row["input_ids"], row["labels"]] for row in trainer.train_dataset]
        batch = trainer.data_collator([{"input_ids": ids, "labels": labels} for ids, labels in rows]) if rows else {}
    kept = batch.get("attention_mask", torch.zeros(0)).bool()
    return {
        "rows": rows,
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
