"""One measured LoRA run in a process of its own: `training_run.py RUN.json MODELS LOCK RESULTS.jsonl`.

Imports first, then waits for LOCK: the next run's imports (20 s) go on beside this run's loading, nothing beside its timed
steps: while the file LOCK.timing is there, training_runs.py stops the processes that wait. Appends one JSON line to RESULTS:
the run, the tokens of a step (padding counted), the seconds of each step after the warm-up, the allocator's peak memory.
"""

# mypy: ignore-errors
# Its imports are there on GPU hosts only, and untyped in part.

from __future__ import annotations

import fcntl
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

RUN = json.loads(Path(sys.argv[1]).read_text())
STARTED = time.time()
if RUN["trainer"] == "unsloth":  # it patches what is imported after it
    from unsloth import FastLanguageModel
import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from training_models import WORDS  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, Trainer, TrainerCallback, TrainingArguments  # noqa: E402
from trl import SFTConfig, SFTTrainer  # noqa: E402

WARM_UP = 4
COMPLETION_TOKENS = 20
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
GIB = 2**30
imported = time.time() - STARTED


def texts() -> list[tuple[str, str]]:
    """Prompts and completions; with both, rows are 85 to 100 % of the run's length, as rows of one assistant are."""
    rng = random.Random(0)
    rows = []
    for _ in range(RUN["steps"] * RUN["batch"] * RUN["accumulation"]):
        words = int(RUN["length"] * rng.uniform(0.85, 1.0)) - COMPLETION_TOKENS - 2
        prompt = "".join(" " + rng.choice(WORDS) for _ in range(words))
        rows.append((prompt, "".join(" " + rng.choice(WORDS) for _ in range(COMPLETION_TOKENS))))
    return rows


class Clock(TrainerCallback):
    """Ends of steps, and the padded tokens of each forward pass (through a hook of the model)."""

    def __init__(self, timing: Path) -> None:
        self.ends: list[float] = []
        self.tokens: list[int] = []
        self.timing = timing

    def on_step_end(self, *_: Any, **__: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.ends.append(time.time())
        if len(self.ends) == WARM_UP - 1:
            self.timing.write_text(str(os.getpid()))

    def before_forward(self, module: Any, arguments: Any, keywords: dict[str, Any]) -> None:
        ids = keywords.get("input_ids")
        if ids is not None and module.training:
            self.tokens.append(int(ids.numel()))


def arguments(kind: Any, **more: Any) -> Any:
    checkpointing = RUN["checkpointing"] == "full"
    if checkpointing:
        more["gradient_checkpointing_kwargs"] = {"use_reentrant": False}
    cuda = torch.cuda.is_available()
    return kind(
        output_dir=f"trained/{RUN['name']}", per_device_train_batch_size=RUN["batch"],
        gradient_accumulation_steps=RUN["accumulation"], max_steps=RUN["steps"], learning_rate=2e-4, logging_steps=5, bf16=cuda,
        use_cpu=not cuda, gradient_checkpointing=checkpointing and RUN["trainer"] != "unsloth", optim=RUN["optimizer"],
        report_to="none", save_strategy="no", seed=42, disable_tqdm=True, **more,
    )  # fmt: skip


def plain_model(folder: str) -> Any:
    more: dict[str, Any] = {}
    if RUN["base"] == "4bit":
        more["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16, bnb_4bit_use_double_quant=True
        )
    if torch.cuda.is_available():
        more["device_map"] = {"": 0}
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="sdpa", **more)


def lora() -> LoraConfig:
    rank = RUN["rank"]
    return LoraConfig(r=rank, lora_alpha=rank, lora_dropout=0.0, bias="none", target_modules=LINEARS, task_type="CAUSAL_LM")


def trl_trainer(folder: str, clock: Clock) -> Any:
    rows = Dataset.from_list([{"prompt": prompt, "completion": completion} for prompt, completion in texts()])
    more = {"use_liger_kernel": True} if RUN["liger"] else {}
    settings = arguments(SFTConfig, max_length=RUN["length"] + 64, packing=False, completion_only_loss=True, **more)
    return SFTTrainer(
        model=plain_model(folder), args=settings, train_dataset=rows, processing_class=AutoTokenizer.from_pretrained(folder),
        peft_config=lora(), callbacks=[clock],
    )  # fmt: skip


def full_logits_trainer(folder: str, clock: Clock) -> Any:
    """transformers' own Trainer: the loss over all logits, as TRL computed it before 1.15."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = [tokenizer(prompt + completion)["input_ids"] for prompt, completion in texts()]

    def collate(batch: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in batch)
        ids = [row["input_ids"] + [5] * (longest - len(row["input_ids"])) for row in batch]
        mask = [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in batch]
        return {"input_ids": torch.tensor(ids), "labels": torch.tensor(ids), "attention_mask": torch.tensor(mask)}

    model = get_peft_model(plain_model(folder), lora())
    if RUN["checkpointing"] == "full":
        model.enable_input_require_grads()
    settings = arguments(TrainingArguments, remove_unused_columns=False)
    rows_dataset = Dataset.from_dict({"input_ids": rows})
    return Trainer(model=model, args=settings, train_dataset=rows_dataset, data_collator=collate, callbacks=[clock])


def unsloth_trainer(folder: str, clock: Clock) -> Any:
    checkpointing = {"none": False, "full": True, "unsloth": "unsloth"}[RUN["checkpointing"]]
    model, tokenizer = FastLanguageModel.from_pretrained(
        folder, max_seq_length=RUN["length"] + 64, dtype=torch.bfloat16, load_in_4bit=RUN["base"] == "4bit",
        local_files_only=True, use_gradient_checkpointing=checkpointing,
    )  # fmt: skip
    model = FastLanguageModel.get_peft_model(
        model, r=RUN["rank"], lora_alpha=RUN["rank"], lora_dropout=0, bias="none", target_modules=LINEARS,
        use_gradient_checkpointing=checkpointing, random_state=3407,
    )  # fmt: skip
    rows = Dataset.from_list([{"text": prompt + completion} for prompt, completion in texts()])
    settings = arguments(
        SFTConfig, max_length=RUN["length"] + 64, packing=False, dataset_text_field="text", dataset_num_proc=1,
        padding_free=False,
    )  # fmt: skip
    return SFTTrainer(model=model, args=settings, train_dataset=rows, processing_class=tokenizer, callbacks=[clock])


TRAINERS = {"trl": trl_trainer, "transformers": full_logits_trainer, "unsloth": unsloth_trainer}


def main(models: str, lock: str, results: str) -> None:
    with Path(lock).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        begun = time.time()
        clock = Clock(Path(f"{lock}.timing"))
        trainer = TRAINERS[RUN["trainer"]](f"{models}/{RUN['shape']}", clock)
        trainer.model.register_forward_pre_hook(clock.before_forward, with_kwargs=True)
        trained = [parameter for parameter in trainer.model.parameters() if parameter.requires_grad]
        cuda = torch.cuda.is_available()
        loaded_bytes = torch.cuda.memory_allocated() if cuda else 0
        if cuda:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        prepared = time.time()
        trainer.train()
        clock.timing.unlink(missing_ok=True)
        spans = [end - start for start, end in zip(clock.ends, clock.ends[1:], strict=False)][WARM_UP - 1 :]
        accumulation = RUN["accumulation"]
        tokens = [sum(clock.tokens[at : at + accumulation]) for at in range(0, len(clock.tokens), accumulation)]
        result = {
            **RUN,
            "trained_parameters": sum(parameter.numel() for parameter in trained),
            "trained_dtype": str(trained[0].dtype),
            "loaded_gib": round(loaded_bytes / GIB, 3),
            "allocated_gib": round(torch.cuda.max_memory_allocated() / GIB, 3) if cuda else None,
            "reserved_gib": round(torch.cuda.max_memory_reserved() / GIB, 3) if cuda else None,
            "seconds_per_step": round(statistics.median(spans), 4),
            "steps_seconds": [round(span, 3) for span in spans],
            "tokens_per_step": round(statistics.mean(tokens[WARM_UP:])),
            "most_tokens": max(clock.tokens),
            "import_seconds": round(imported, 1),
            "load_seconds": round(prepared - begun, 1),
            "first_step_seconds": round(clock.ends[0] - prepared, 1),
        }
        with Path(results).open("a") as file:
            file.write(json.dumps(result) + "\n")
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[2:5])
