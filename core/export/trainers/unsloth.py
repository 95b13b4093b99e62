"""Unsloth: a short script (https://docs.unsloth.ai/get-started/fine-tuning-llms-guide).

The rows are tokenised by the script itself, prompt and answer apart: what is learned is then exactly the answer and its end,
and the prompt's tokens are exactly those that a server makes of it, whatever the model's template is.
"""

from __future__ import annotations

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

FILE = "train_unsloth.py"  # `unsloth.py` would stand in the place of the package
FORMATS = (*PLAIN_FORMATS, ExportFormat.CHAT, *MESSAGE_FORMATS)


def unsloth_script(rows: Rows) -> str:
    files = {part.value: rows.file(part) for part in (Part.TRAIN, Part.VAL) if part is Part.TRAIN or rows.has_val}
    options = ", **TEMPLATE_OPTIONS" if rows.target.template_options else ""
    return f'''\
"""Train a LoRA adapter with Unsloth (written for 2026.10) on the rows of dataset {rows.name}. Run in this folder:

    python {FILE}
"""

from unsloth import FastLanguageModel  # isort: skip  (first: it patches what is imported below)

from datasets import load_dataset
from transformers import DataCollatorForSeq2Seq
from trl import SFTConfig, SFTTrainer

# {rows.target.model_why}
MODEL = {rows.target.model!r}
# {rows.target.length.why}.
# A row that is longer stops the script; nothing is ever cut.
MAX_LENGTH = {rows.target.length.tokens}
SEED = {rows.seed}  # the dataset's
FILES = {files!r}
{_template_options(rows)}

def tokens(row):
    """The row as a server will see it. Only the answer and its end are learned."""
    prompt, answer = {_texts(rows.format)}
    user = [{{"role": "user", "content": prompt}}]
    asked = tokenizer.apply_chat_template(user, tokenize=False, add_generation_prompt=True{options})
    whole = tokenizer.apply_chat_template([*user, {{"role": "assistant", "content": answer}}], tokenize=False{options})
    if not whole.startswith(asked):
        raise SystemExit("The chat template writes a prompt differently when an answer follows: train with another one.")
    before = tokenizer(asked, add_special_tokens=False)["input_ids"]
    learned = tokenizer(whole[len(asked) :], add_special_tokens=False)["input_ids"]
    if len(before) + len(learned) > MAX_LENGTH:
        raise SystemExit(f"A row has {{len(before) + len(learned)}} tokens: raise MAX_LENGTH.")
    return {{"input_ids": before + learned, "labels": [-100] * len(before) + learned}}


# LoRA r = alpha = 16 on all linear layers, batch 2 x 4, 2e-4, linear, 5 warm-up steps: the notebook of the reference recipe.
model, tokenizer = FastLanguageModel.from_pretrained(MODEL, max_seq_length=MAX_LENGTH, dtype=None, load_in_4bit=False)
{_tokens(rows)}model = FastLanguageModel.get_peft_model(
    model,
    r={LORA_RANK},
    lora_alpha={LORA_RANK},
    lora_dropout=0,
    bias="none",
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    use_gradient_checkpointing="unsloth",
    random_state=SEED,
)
rows = load_dataset("json", data_files=FILES)
rows = rows.map(tokens, remove_columns=rows["train"].column_names)
trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=rows["train"],
    eval_dataset=rows.get("val"),
    data_collator=DataCollatorForSeq2Seq(tokenizer),  # pads labels with -100
    args=SFTConfig(
        max_length=MAX_LENGTH,
        packing=False,
        per_device_train_batch_size={BATCH},
        per_device_eval_batch_size={BATCH},  # the default is 8
        gradient_accumulation_steps={ACCUMULATION},
        learning_rate={LEARNING_RATE},
        lr_scheduler_type="linear",
        warmup_steps={WARMUP_STEPS},
        num_train_epochs={EPOCHS},
        eval_strategy="epoch" if "val" in rows else "no",
        save_strategy="epoch",
        logging_steps=1,
        report_to="none",
        seed=SEED,
        output_dir="../unsloth-output",
    ),
)
trainer.train()
model.save_pretrained("../unsloth-output/adapter")
tokenizer.save_pretrained("../unsloth-output/adapter")
'''


def _tokens(rows: Rows) -> str:
    return "".join(f"# {rows.target.tokens_why}\ntokenizer.{name} = {token!r}\n" for name, token in rows.target.tokens.items())


def _template_options(rows: Rows) -> str:
    if not rows.target.template_options:
        return ""
    why = "# The preflight rendered the chat template with these; the server needs them too."
    return f"{why}\nTEMPLATE_OPTIONS = {dict(rows.target.template_options)!r}\n"


def _texts(format_: ExportFormat) -> str:
    """Python that gives prompt and answer of `row`."""
    if format_ in PLAIN_FORMATS:
        return 'row["prompt"], row["completion"]'
    if format_ is ExportFormat.CHAT:
        return 'row["prompt"][0]["content"], row["completion"][0]["content"]'
    return '(message["content"] for message in row["messages"])'
