"""TRL: `trl sft --config trl.yaml` (https://huggingface.co/docs/trl/clis)."""

from __future__ import annotations

from core.export.options import ExportFormat
from core.export.trainers.rows import (
    ACCUMULATION,
    BATCH,
    EPOCHS,
    LEARNING_RATE,
    LORA_RANK,
    MESSAGE_FORMATS,
    PLAIN_FORMATS,
    WARMUP_STEPS,
    Rows,
)
from core.yaml.scalars import scalar

FILE = "trl.yaml"
FORMATS = (*PLAIN_FORMATS, ExportFormat.CHAT, *MESSAGE_FORMATS)

_OPTIONS = """\
The preflight rendered the chat template with {}.
TRL has no setting for that: it takes the column `chat_template_kwargs`, which every row beside this file has. The server
needs it too."""


def trl_config(rows: Rows) -> str:
    return f"""\
# TRL (checked with 1.16): train a LoRA adapter on the rows of dataset {rows.name}. Run in this folder:
#     trl sft --config {FILE}

# {rows.target.model_why}
model_name_or_path: {scalar(rows.target.model)}
dtype: bfloat16

dataset_name: {scalar(_place(rows))}{_place_note(rows)}
dataset_train_split: train
{_eval(rows)}
{_loss(rows)}
# {rows.target.length.why}.
# TRL's own default is 1024 and cuts the end, where the label is; rows without a label are then dropped without a word.
max_length: {rows.target.length.tokens}
packing: false
{_tokens(rows)}{rows.target.options_note(_OPTIONS)}
# The notebook of the reference recipe: LoRA r = alpha = 16 on all linear layers, batch 2 x 4, 2e-4, linear, 5 warm-up steps.
use_peft: true
lora_r: {LORA_RANK}
lora_alpha: {LORA_RANK}
lora_dropout: 0.0
lora_target_modules: [all-linear]
per_device_train_batch_size: {BATCH}
gradient_accumulation_steps: {ACCUMULATION}
learning_rate: {LEARNING_RATE}
lr_scheduler_type: linear
warmup_steps: {WARMUP_STEPS}
num_train_epochs: {EPOCHS}
bf16: true

seed: {rows.seed}                          # the dataset's
output_dir: ../trl-output
save_strategy: epoch
logging_steps: 1
report_to: none
"""


def _place(rows: Rows) -> str:
    """`load_dataset` takes the last part of the path for the dataset's name, so `.` will not do."""
    return f"../{rows.out_name}" if rows.folder == "." else rows.folder


def _place_note(rows: Rows) -> str:
    return "   # this folder: the library wants its name" if rows.folder == "." else ""


def _eval(rows: Rows) -> str:
    if not rows.has_val:
        return "eval_strategy: 'no'              # the dataset has no val rows\n"
    batch = f"per_device_eval_batch_size: {BATCH}   # as in training; TRL's own default is 8\n"
    return f"dataset_test_split: validation   # val.jsonl, by the name that datasets gives it\neval_strategy: epoch\n{batch}"


def _tokens(rows: Rows) -> str:
    why = rows.target.tokens_why
    return "".join(f"# {why}\n{name}: {scalar(token)}\n" for name, token in rows.target.tokens.items())


def _loss(rows: Rows) -> str:
    if rows.format in MESSAGE_FORMATS:
        return """\
# The loss is on the answer only. TRL finds it by marks in the chat template, which it adds to those it knows (Llama 3, Qwen, …)
# and refuses the others; the export format `chat` needs no marks.
assistant_only_loss: true
"""
    if rows.format is ExportFormat.CHAT:
        return """\
# The loss is on the answer only; the model's chat template is put around prompt and answer, as a server will do it.
completion_only_loss: true
"""
    return """\
# The loss is on the completion only. TRL puts no chat template around these rows: the model is to be served for plain
# completions (/v1/completions). For a chat endpoint export with `--format chat`.
completion_only_loss: true
"""
