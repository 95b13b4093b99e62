"""LLaMA-Factory: `llamafactory-cli train llamafactory.yaml` with `dataset_info.json` beside the rows
(https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md)."""

from __future__ import annotations

import json
from typing import Any

from core.dataset.models import Part
from core.export.folder import SPLITS
from core.export.options import ExportFormat
from core.export.source import Source
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

FILE = "llamafactory.yaml"
INFO = "dataset_info.json"
_OPENAI_ROLES = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
_TWO_TEXTS: dict[str, Any] = {"formatting": "alpaca", "columns": {"prompt": "prompt", "response": "completion"}}
_MESSAGES: dict[str, Any] = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _OPENAI_ROLES}
_SHAPES: dict[ExportFormat, dict[str, Any]] = {
    ExportFormat.ALPACA: {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    },
    ExportFormat.SHAREGPT: {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
    **dict.fromkeys(PLAIN_FORMATS, _TWO_TEXTS),
    **dict.fromkeys(MESSAGE_FORMATS, _MESSAGES),
}
FORMATS = tuple(_SHAPES)


def dataset_info(source: Source, format_: ExportFormat) -> bytes:
    """The description of the row files, by the names `workbench_train` and `workbench_val`."""
    where = f"{SPLITS}/" if format_.is_tree else ""
    info = {_name(part): {"file_name": f"{where}{part.value}.jsonl", **_SHAPES[format_]} for part in source.parts}
    return json.dumps(info, indent=2).encode() + b"\n"


def _name(part: Part) -> str:
    return f"workbench_{part.value}"


def llamafactory_config(rows: Rows) -> str:
    return f"""\
# LLaMA-Factory (checked with 0.9.5): train a LoRA adapter on the rows of dataset {rows.name}. Run in this folder:
#     llamafactory-cli train {FILE}

# {rows.target.model_why}
model_name_or_path: {scalar(rows.target.model)}

stage: sft
do_train: true
dataset_dir: .                    # {INFO} lies here
dataset: {_name(Part.TRAIN)}
{_eval(rows)}
# template: is left away on purpose: the chat template of the model's tokenizer is taken, as a server does. A template of
# LLaMA-Factory's own may add a system prompt that the server does not.
train_on_prompt: false            # the loss is on the answer only
# {rows.target.length.why}.
# LLaMA-Factory's own default is 2048, and it cuts the end of the prompt, where the message stands; of an answer that is longer
# than half of that, the end too.
cutoff_len: {rows.target.length.tokens}
packing: false
{_tokens(rows)}{_template_options(rows)}
# The notebook of the reference recipe: LoRA r = alpha = 16 on all linear layers, batch 2 x 4, 2e-4, linear, 5 warm-up steps.
finetuning_type: lora
lora_rank: {LORA_RANK}
lora_alpha: {LORA_RANK}
lora_dropout: 0.0
lora_target: all
per_device_train_batch_size: {BATCH}
gradient_accumulation_steps: {ACCUMULATION}
learning_rate: {LEARNING_RATE}
lr_scheduler_type: linear
warmup_steps: {WARMUP_STEPS}
num_train_epochs: {EPOCHS}
bf16: true

seed: {rows.seed}                          # the dataset's
output_dir: ../llamafactory-output
save_strategy: epoch
logging_steps: 1
report_to: none
"""


def _eval(rows: Rows) -> str:
    if not rows.has_val:
        return "eval_strategy: 'no'              # the dataset has no val rows\n"
    return f"eval_dataset: {_name(Part.VAL)}\neval_strategy: epoch\nper_device_eval_batch_size: {BATCH}\n"


def _tokens(rows: Rows) -> str:
    """No setting takes a token: `Template.fix_special_tokens` and the collator decide."""
    if not (tokens := rows.target.tokens):
        return ""
    told = json.dumps(tokens, ensure_ascii=False)
    return (
        f"# No setting takes {told}. Where the tokenizer names no padding, LLaMA-Factory\n"
        "# takes its EOS; padding is outside of the loss.\n"
    )


def _template_options(rows: Rows) -> str:
    """Its only setting for the model's own template is `enable_thinking`, and that only for templates that write `<think>`."""
    options = rows.target.template_options
    note = rows.target.options_note(
        "The preflight rendered the chat template with {}: the server needs that too.\n"
        "LLaMA-Factory has a setting for `enable_thinking` alone; any other option must become the template's own default."
    )
    if "enable_thinking" in options:
        note += f"enable_thinking: {json.dumps(options['enable_thinking'])}\n"
    return note
