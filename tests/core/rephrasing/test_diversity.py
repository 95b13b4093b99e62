"""The figures, computed by hand for small cases."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rephrasing.diversity import distinct, pooled, self_bleu, step_diversity
from core.rephrasing.words import words_of

_TEXTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=2, max_size=6)


def test_distinct_n_is_the_share_of_different_ngrams() -> None:
    texts = [["book", "a", "car"], ["book", "a", "room"]]
    assert distinct(texts, 1) == 4 / 6
    assert distinct(texts, 2) == 3 / 4
    assert distinct([["yes"]], 2) is None


def test_self_bleu_of_two_texts_by_hand() -> None:
    # of three words: 2 of 3 unigrams match; above, one is added to both counts: (1 + 1) / (2 + 1) and (0 + 1) / (1 + 1)
    expected = math.exp((math.log(2 / 3) + math.log(2 / 3) + math.log(1 / 2)) / 3)
    assert self_bleu([["book", "a", "car"], ["book", "a", "room"]]) == pytest.approx(expected)


def test_self_bleu_punishes_brevity() -> None:
    short = ["a", "b"]
    long = ["a", "b", "c", "d"]
    own = math.exp(1 - 4 / 2) * math.exp((math.log(2 / 2) + math.log(2 / 2)) / 2)
    other = math.exp((math.log(2 / 4) + math.log(2 / 4) + math.log(1 / 3) + math.log(1 / 2)) / 4)
    assert self_bleu([short, long]) == pytest.approx((own + other) / 2)


@given(_TEXTS)
def test_self_bleu_lies_between_nothing_and_all_in_common(texts: list[list[str]]) -> None:
    found = self_bleu(texts)
    assert found is not None
    assert 0 <= found <= 1 + 1e-9


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), st.integers(2, 5))
def test_the_same_text_again_and_again_is_all_the_same(text: list[str], times: int) -> None:
    assert self_bleu([text] * times) == pytest.approx(1)


def test_texts_with_no_word_in_common_have_nothing_in_common() -> None:
    assert self_bleu([["a", "b"], ["c"], ["d", "e", "f"]]) == 0


def test_a_step_with_one_rephrasing_has_no_self_bleu() -> None:
    found = step_diversity("to Basel", ["Basel"])
    assert (found.texts, found.self_bleu, found.distinct_1, found.edit_distance) == (1, None, 1.0, 3 / 8)
    assert str(found) == "distinct-1 1.00, distinct-2 –, self-BLEU –, edit distance to the original 0.38"


def test_a_step_without_any_has_no_figures() -> None:
    assert step_diversity("x", []).as_data() == {
        "texts": 0, "distinct_1": None, "distinct_2": None, "self_bleu": None, "edit_distance": None,
    }  # fmt: skip


def test_pooled_figures_count_ngrams_over_all_steps_and_average_the_rest() -> None:
    steps = [("yes", ["sure", "of course"]), ("to Basel", ["of course"])]
    each = [step_diversity(*step) for step in steps]
    found = pooled(steps, each)
    assert found.texts == 3
    assert (found.distinct_1, found.distinct_2) == (3 / 5, 1 / 2)
    assert found.self_bleu == each[0].self_bleu == 0
    assert each[0].edit_distance is not None
    assert each[1].edit_distance is not None
    assert found.edit_distance == pytest.approx((each[0].edit_distance + each[1].edit_distance) / 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'd like 2 cars, please!", ["id", "like", "2", "cars", "please"]),
        ("我要 iPhone 15", ["我", "要", "iphone", "15"]),
        ("ＡＢＣ　１２", ["abc", "12"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("5€ 👍", ["5", "€", "👍"]),
        ("?!", []),
    ],
)
def test_words_are_cut_as_the_script_has_them(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_cuts_the_same_words(text: str) -> None:
    assert words_of(text) == words_of(f"{text} ÷")[:-1]
