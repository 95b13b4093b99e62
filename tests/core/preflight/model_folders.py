"""Small model folders: a byte-level BPE vocabulary trained on a few sentences, and chat templates as the families have them.

Each template is written here, after the public description of its format; each shows one thing that goes wrong.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

TEXT = (
    "The reader renews a loan of a book at the library and asks for the opening hours.",
    "start flow renew_loan set slot loan_title Dune cancel flow disambiguate flows provide info hand over",
    "user\nassistant\nRenew book 12, please. Your commands: StartFlow(renew_loan) SetSlot(loan_title, Dune) 0123456789",
)

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CHATML_WITH_SYSTEM = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}" + CHATML
)
# Llama 3.2: BOS in the template, both contents trimmed, today's date in a system message.
LLAMA_HEADER = "<|start_header_id|>{role}<|end_header_id|>\n\n"
LLAMA = (
    "{{ bos_token }}{% if date_string is not defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
    + LLAMA_HEADER.format(role="system")
    + "Today Date: {{ date_string }}\n\n<|eot_id|>{% for message in messages %}<|start_header_id|>{{ message['role'] }}"
    "<|end_header_id|>\n\n{{ message['content'] | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>{{ 'model' if message['role'] == 'assistant' else 'user' }}\n"
    "{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# Mistral's v1: the answer follows [/INST] without anything between, and ends with EOS.
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]"
    "{% else %} {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
# Qwen3: a thinking block before the last answer, in the opened answer only where thinking is turned off.
THINKING = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['role'] == 'assistant' and loop.last %}"
    "<think>\n\n</think>\n\n{% endif %}{{ message['content'].split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
# A reasoning model whose opened answer begins to think while the trained answer does not.
THINKS_ONLY_WHEN_SERVED = CHATML.replace("<|im_start|>assistant\n{% endif %}", "<|im_start|>assistant\n<think>\n{% endif %}")
NO_END = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant: "


@cache
def _vocabulary(special: tuple[str, ...], unknown: bool) -> str:
    model = models.BPE(unk_token="<unk>") if unknown else models.BPE()
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = [] if unknown else pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False, min_frequency=1
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer.to_str()


def write_model(
    folder: Path,
    template: str | None = CHATML,
    *,
    special: Sequence[str] = ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    bos: str | None = None,
    eos: str | None = "<|im_end|>",
    pad: str | None = "<|endoftext|>",
    adds_bos: bool = False,
    unknown: bool = False,
    stops: Sequence[str] = (),
    config: dict[str, Any] | None = None,
) -> Path:
    """A model folder without weights. `adds_bos`: the tokenizer puts BOS before plain text. `unknown`: it knows only `TEXT`'s
    characters. `stops`: tokens for `eos_token_id` in generation_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    names = (*special, "<unk>") if unknown else tuple(special)
    tokenizer = Tokenizer.from_str(_vocabulary(names, unknown))
    if adds_bos:
        assert bos is not None
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
    tokenizer.save(str(folder / "tokenizer.json"))
    settings: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 8192}
    named = {"bos_token": bos, "eos_token": eos, "pad_token": pad, "chat_template": template}
    settings |= {name: value for name, value in named.items() if value is not None}
    if unknown:
        settings["unk_token"] = "<unk>"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    if stops:
        ids = [tokenizer.token_to_id(stop) for stop in stops]
        (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ids}), encoding="utf-8")
    return folder


def write_llama(folder: Path, **changed: Any) -> Path:
    """In the manner of Llama 3.2 Instruct, with a token of its own for padding."""
    special = (
        "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>",
        "<|finetune_right_pad_id|>",
    )  # fmt: skip
    settings: dict[str, Any] = {
        "special": special, "bos": "<|begin_of_text|>", "eos": "<|eot_id|>", "pad": "<|finetune_right_pad_id|>",
        "adds_bos": True,
    }  # fmt: skip
    return write_model(folder, changed.pop("template", LLAMA), **settings | changed)


def write_gemma(folder: Path, **changed: Any) -> Path:
    """In the manner of Gemma: turns end with a token that is not the tokenizer's EOS."""
    settings: dict[str, Any] = {
        "special": ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"), "bos": "<bos>", "eos": "<eos>",
        "pad": "<pad>", "adds_bos": True,
    }  # fmt: skip
    return write_model(folder, changed.pop("template", GEMMA), **settings | changed)
