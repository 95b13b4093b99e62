"""Axolotl: `axolotl train axolotl.yaml` (https://docs.axolotl.ai/docs/config-reference.html)."""

from __future__ import annotations

import json

from core.dataset.models import Part
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

FILE = "axolotl.yaml"
FORMATS = (*PLAIN_FORMATS, *MESSAGE_FORMATS, ExportFormat.SHAREGPT)


def axolotl_config(rows: Rows) -> str:
    return f"""\
# Axolotl (checked with 0.19): train a LoRA adapter on the rows of dataset {rows.name}. Run in this folder:
#     axolotl train {FILE}

# {rows.target.model_why}
base_model: {scalar(rows.target.model)}

datasets:
{_dataset(rows, Part.TRAIN)}{_test(rows)}{_template(rows)}
train_on_inputs: false            # the loss is on the answer only
# {rows.target.length.why}.
# Axolotl's own default is 512, and it drops what is longer; here a row that does not fit stops the run.
sequence_len: {rows.target.length.tokens}
excess_length_strategy: raise
sample_packing: false
pad_to_sequence_len: false
{_tokens(rows)}{_template_options(rows)}
# The notebook of the reference recipe: LoRA r = alpha = 16 on all linear layers, batch 2 x 4, 2e-4, linear, 5 warm-up steps.
adapter: lora
lora_r: {LORA_RANK}
lora_alpha: {LORA_RANK}
lora_dropout: 0.0
lora_target_linear: true
micro_batch_size: {BATCH}
gradient_accumulation_steps: {ACCUMULATION}
num_epochs: {EPOCHS}
learning_rate: {LEARNING_RATE}
lr_scheduler: linear
warmup_steps: {WARMUP_STEPS}
optimizer: adamw_torch_fused
bf16: true
gradient_checkpointing: true

seed: {rows.seed}                          # the dataset's
dataset_prepared_path: ../axolotl-prepared
output_dir: ../axolotl-output
saves_per_epoch: 1
{_eval(rows)}
logging_steps: 1
"""


def _dataset(rows: Rows, part: Part) -> str:
    split = "    split: train\n" if part is Part.VAL else ""
    head = f"  - path: {rows.file(part)}\n    ds_type: json\n{split}"
    if rows.format in PLAIN_FORMATS:
        # https://docs.axolotl.ai/docs/dataset-formats/inst_tune.html: a template of one's own, here of nothing but the prompt
        return f"""{head}    type:
      system_prompt: ''
      field_instruction: prompt
      field_output: completion
      format: '{{instruction}}'
      no_input_format: '{{instruction}}'
"""
    # https://docs.axolotl.ai/docs/dataset-formats/conversation.html
    if rows.format is ExportFormat.SHAREGPT:
        fields = """\
    field_messages: conversations
    message_property_mappings: {role: from, content: value}
"""
    else:
        fields = "    field_messages: messages\n"
    return f"{head}    type: chat_template\n{fields}    roles_to_train: [assistant]\n    train_on_eos: turn\n"


def _test(rows: Rows) -> str:
    return f"test_datasets:\n{_dataset(rows, Part.VAL)}" if rows.has_val else ""


def _eval(rows: Rows) -> str:
    if not rows.has_val:
        return "val_set_size: 0                   # the dataset has no val rows"
    return f"evals_per_epoch: 1\neval_batch_size: {BATCH}                # as in training; the default is 8"


def _tokens(rows: Rows) -> str:
    lines = [f"  {name}: {scalar(token)}\n" for name, token in rows.target.tokens.items()]
    return "".join([f"# {rows.target.tokens_why}\nspecial_tokens:\n", *lines]) if lines else ""


def _template_options(rows: Rows) -> str:
    if not (options := rows.target.template_options):
        return ""
    lines = (f"  {scalar(name)}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in options.items())
    return "".join(
        ["# The preflight rendered the chat template with these; the server needs them too.\nchat_template_kwargs:\n", *lines]
    )


def _template(rows: Rows) -> str:
    if rows.format in PLAIN_FORMATS:
        return """\
# No chat template stands around these rows: the model is to be served for plain completions (/v1/completions). For a chat
# endpoint export with `--format messages`.
"""
    return "chat_template: tokenizer_default # the model's own, as a server uses it\n"
