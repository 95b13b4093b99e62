from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.preflight.cutting import DEFAULTS, Keep, cut, drop, keep_end, keep_start, of_run, share_out

TRL, AXOLOTL, FACTORY = DEFAULTS
SEED_ROW = {(1103, 7): 1}
"""The row that the recipe's own documentation prints: 1,103 tokens of prompt, 7 of completion."""


def test_the_seeds_row_loses_its_label_with_trl_and_axolotl_and_not_with_llama_factory() -> None:
    trl, axolotl, factory = (cut(SEED_ROW, rule) for rule in DEFAULTS)
    assert (trl.length, trl.lost, trl.completion_tokens, trl.prompt_tokens) == (1024, 1, 7, 79)
    assert (axolotl.length, axolotl.lost, axolotl.completion_tokens) == (512, 1, 7)
    assert (factory.length, factory.lost, factory.cut_prompt, factory.prompt_tokens) == (2048, 0, 0, 0)


def test_a_label_may_be_cut_in_the_middle() -> None:
    found = cut({(1020, 7): 3}, TRL)
    assert (found.lost, found.cut_label, found.completion_tokens) == (0, 3, 9)


def test_cutting_the_beginning_keeps_the_label() -> None:
    found = cut(SEED_ROW, of_run(1024, "start"))
    assert (found.lost, found.cut_label, found.cut_prompt, found.prompt_tokens) == (0, 0, 1, 86)


def test_llama_factory_cuts_the_end_of_a_long_prompt_where_the_message_stands() -> None:
    found = cut({(3000, 10): 2}, FACTORY)
    assert (found.lost, found.cut_prompt, found.completion_tokens, found.prompt_tokens) == (0, 2, 0, 2 * (3010 - 2048))


def test_llama_factory_lets_both_sides_lose_where_both_are_long() -> None:
    assert share_out(3000, 1500, 2048) == (2048 - 682, 682)
    assert share_out(900, 1500, 2048) == (900, 1148)


@pytest.mark.parametrize("keep", [keep_start, keep_end, drop, share_out])
@given(st.integers(0, 300), st.integers(1, 300), st.integers(1, 400))
def test_no_rule_keeps_more_than_there_is_or_fits(keep: Keep, prompt: int, completion: int, length: int) -> None:
    kept_prompt, kept = keep(prompt, completion, length)
    assert 0 <= kept_prompt <= prompt
    assert 0 <= kept <= completion
    assert kept_prompt + kept <= length
    if prompt + completion <= length:
        assert (kept_prompt, kept) == (prompt, completion)
