"""Models with random weights in the shapes of published ones, and a tokenizer: `training_models.py FOLDER NAME...`.

What a training step costs depends on the shapes, never on the values of the weights; so nothing is downloaded.
"""

# mypy: ignore-errors
# Its imports are there on GPU hosts only, and untyped in part.

from __future__ import annotations

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, PreTrainedTokenizerFast, Qwen2Config

WORDS = ["start", "flow", "set", "slot", "cancel", "the", "to", "of", "and", "user", "message", "ask", "bot", "state", "value"]
MARKS = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|pad|>"]
# Figures of the models' published config.json.
LLAMA = {"num_key_value_heads": 8, "vocab_size": 128256, "rms_norm_eps": 1e-5, "head_dim": 128}
SHAPES = {
    "tiny": LlamaConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=2048,
    ),
    "llama-3.1-8b": LlamaConfig(
        hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, **LLAMA,
    ),
    "llama-3.2-3b": LlamaConfig(
        hidden_size=3072, intermediate_size=8192, num_hidden_layers=28, num_attention_heads=24, tie_word_embeddings=True,
        **LLAMA,
    ),
    "qwen2.5-1.5b": Qwen2Config(
        hidden_size=1536, intermediate_size=8960, num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2,
        vocab_size=151936, tie_word_embeddings=True,
    ),
    "qwen2.5-0.5b": Qwen2Config(
        hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2,
        vocab_size=151936, tie_word_embeddings=True,
    ),
    "mistral-7b": MistralConfig(
        hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8,
        vocab_size=32768, head_dim=128, sliding_window=None,
    ),
}  # fmt: skip
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{{ message['content'] }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """Every word of WORDS with the space before it is one token."""
    built = Tokenizer(models.BPE())
    built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    built.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1024, special_tokens=MARKS, initial_alphabet=alphabet, show_progress=False)
    built.train_from_iterator([" " + " ".join(WORDS)] * 10, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=built, bos_token=MARKS[0], eos_token=MARKS[4], pad_token=MARKS[5], model_max_length=131072,
        padding_side="right", clean_up_tokenization_spaces=False,
    )  # fmt: skip
    wrapped.chat_template = TEMPLATE
    return wrapped


def save(name: str, folder: str) -> None:
    config = SHAPES[name]
    config.max_position_embeddings = 131072
    config.bos_token_id, config.eos_token_id, config.pad_token_id = 0, 4, 5
    config.dtype = torch.bfloat16
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(config)
    torch.set_default_dtype(torch.float32)
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = 4, 5
    model.save_pretrained(f"{folder}/{name}")
    tokenizer().save_pretrained(f"{folder}/{name}")
    print(name, sum(parameter.numel() for parameter in model.parameters()), flush=True)


if __name__ == "__main__":
    for model_name in sys.argv[2:]:
        save(model_name, sys.argv[1])
