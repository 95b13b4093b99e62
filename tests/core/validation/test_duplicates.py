"""Texts that say the same in the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation.duplicates import near_duplicate


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Yes, I do.", "yes I do"),
        ("Where's the nearest harbour?", "where is the nearest harbour"),
        ("I don\u2019t know", "I do not know"),
        ("I can't", "I cannot"),
        ("ＯＫ！", "ok"),
        ("你好！", "你好"),
        ("wanna pay", "want to pay"),
    ],
)
def test_punctuation_case_width_and_contractions_do_not_count(text: str, other: str) -> None:
    assert near_duplicate(text, other) == 1.0


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("please book me a table for two at the harbour", "book me a table for two at the harbour"),
        ("could you tell me where my parcel is now", "can you tell me where my parcel is now"),
        ("I would like to recieve a new card today", "I would like to receive a new card today"),
        ("麻烦您为我查询一下包裹，谢谢", "麻烦您帮我查询一下包裹，谢谢"),
    ],
)
def test_a_particle_or_a_letter_does_not_make_a_long_text_another(text: str, other: str) -> None:
    score = near_duplicate(text, other)
    assert score is not None
    assert 0.9 < score < 1.0
    assert near_duplicate(other, text) == score


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("I want to pay", "I need to pay"),
        ("add contact", "add a contact"),
        ("5 €", "5 $"),
        ("नाव", "नीव"),
        ("it's @bart", "it's @barts"),
        ("投诉物流", "物流投诉"),
        ("send 50 dollars to my brother by tomorrow", "send 60 dollars to my brother by tomorrow"),
        ("please put the flight to Basel on my card", "please put the flight to Basil on my card"),
        ("I paid the bill of this month on time", "I paid the bill of last month on time"),
        ("👍", "👎"),
        ("", "?"),
    ],
)
def test_another_word_value_or_order_is_another_text(text: str, other: str) -> None:
    assert near_duplicate(text, other) is None
    assert near_duplicate(other, text) is None


@given(st.text(min_size=1, max_size=60))
def test_every_text_is_its_own_duplicate(text: str) -> None:
    assert near_duplicate(text, text) == 1.0
