"""The vocabularies and templates of real models, without their weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.preflight.models import Severity
from tests.core.preflight.conftest import Check, found
from tests.core.preflight.long_prompt import COMPLETION, prompt_of
from tests.core.preflight.versions_by_hand import Example


@pytest.mark.real
def test_the_seeds_example_is_caught_with_a_real_tokenizer(check: Check, smollm2: Path) -> None:
    """1,103 tokens of prompt for a command: TRL's and Axolotl's defaults cut the whole label."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(smollm2 / "tokenizer.json"))
    prompt = prompt_of(1103, lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids))
    report = check(smollm2, [Example(prompt, COMPLETION)], dialect="v1", pad_token="<|endoftext|>")
    assert report.lengths.prompt.max > 1103  # the chat template's own tokens come on top
    assert report.supervised < 0.01
    lost = {cut.trainer: (cut.length, cut.lost, cut.completion_tokens) for cut in report.cuts}
    learned = report.lengths.completion.max
    assert lost["TRL's default"] == (1024, 1, learned)
    assert lost["Axolotl's default"] == (512, 1, learned)
    assert lost["LLaMA-Factory's default"] == (2048, 0, 0)
    assert lost["this run"] == (report.lengths.advised, 0, 0)
    told = [one.what for one in report.findings if one.check == "trainer-defaults"]
    assert told[0].startswith("with TRL's default 1,024: the label is lost in 1 row")
    assert told[1].startswith("with Axolotl's default 512: the label is lost in 1 row")
    at_default = check(smollm2, [Example(prompt, COMPLETION)], dialect="v1", pad_token="<|endoftext|>", max_length=1024)
    assert found(at_default, "long-rows").severity is Severity.FAIL


@pytest.mark.real
def test_smollm2_pads_with_its_end_of_turn_and_adds_a_system_prompt(check: Check, smollm2: Path) -> None:
    report = check(smollm2, [Example("Rent a boat.", "start flow rent_boat")])
    assert "--pad-token '<|endoftext|>'" in found(report, "pad-token").fix
    assert "named SmolLM" in found(report, "system-prompt").what
    assert [text for text, learned in report.probes[0].ending if learned][-2:] == ["<|im_end|>", "\n"]
    assert report.target.window == 8192
