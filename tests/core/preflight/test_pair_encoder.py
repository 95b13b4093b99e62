from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.preflight.options import PreflightOptions
from core.preflight.pair_encoder import PairEncoder
from core.preflight.target import Target, load_target
from tests.core.preflight.model_folders import write_gemma, write_model

PIECES = st.lists(
    st.sampled_from(["<|im_start|>", "<|im_end|>", "<|im_", "start|>", "\n", " ", "  ", "renew", " loan", "借", "é", "."]),
    max_size=12,
).map("".join)


@pytest.fixture(scope="module")
def chatml(tmp_path_factory: pytest.TempPathFactory) -> Target:
    return load_target(PreflightOptions(model=str(write_model(tmp_path_factory.mktemp("chatml")))))


@given(st.lists(st.tuples(PIECES, PIECES), min_size=1, max_size=4))
def test_texts_encoded_in_pieces_have_the_tokens_of_the_whole(chatml: Target, pairs: list[tuple[str, str]]) -> None:
    opened = [prompt for prompt, _ in pairs]
    texts = [prompt + rest for prompt, rest in pairs]
    encoder = PairEncoder(chatml)
    encoder.encode([""], [""])  # the first batch is encoded whole in any case
    assert encoder.encode(opened, texts) == (chatml.encode(opened, special=False), chatml.encode(texts, special=False))


def test_a_row_that_does_not_begin_with_its_prompt_is_encoded_as_it_is(chatml: Target) -> None:
    encoder = PairEncoder(chatml)
    opened, texts = ["<|im_start|>user\nthink"], ["<|im_start|>user\nanswer<|im_end|>"]
    for _ in range(2):
        assert encoder.encode(opened, texts) == (chatml.encode(opened, special=False), chatml.encode(texts, special=False))


def test_a_tokenizer_that_joins_over_control_tokens_is_never_encoded_in_pieces(tmp_path: Path) -> None:
    """One that puts a blank before the first word of a text: a piece has a first word that the whole has not."""
    folder = write_gemma(tmp_path / "gemma")
    rules = json.loads((folder / "tokenizer.json").read_text())
    rules["pre_tokenizer"]["add_prefix_space"] = True
    rules["normalizer"] = {"type": "Prepend", "prepend": " "}
    (folder / "tokenizer.json").write_text(json.dumps(rules))
    target = load_target(PreflightOptions(model=str(folder)))
    encoder = PairEncoder(target)
    for text in ("a", "Renew."):
        opened, texts = [f"{text}<start_of_turn>{text}"], [f"{text}<start_of_turn>{text} loan"]
        assert encoder.encode(opened, texts) == (target.encode(opened, special=False), target.encode(texts, special=False))
