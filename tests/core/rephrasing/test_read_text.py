"""Answers in the reference's numbered text: every block for its own message, every text as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rephrasing.read_text import text_wordings

_WORDS = (
    st.text(alphabet="abcdefgh ijklm'?é火车", min_size=1, max_size=25)
    .map(str.strip)
    .filter(lambda text: bool(text.strip("' ?")))
)
_MESSAGES = st.lists(st.tuples(_WORDS, st.lists(_WORDS, min_size=1, max_size=5)), min_size=1, max_size=5)


def _texts(answer: str, *messages: str) -> list[list[str]]:
    return [[text for _, text in block] for block in text_wordings(answer, messages)]


@given(_MESSAGES)
def test_every_message_gets_its_own_block_also_where_users_say_the_same_twice(messages: list[tuple[str, list[str]]]) -> None:
    written = "\n\n".join(
        "\n".join([f"USER: {said}", *(f"{number}. {text}" for number, text in enumerate(texts, start=1))])
        for said, texts in messages
    )
    assert _texts(written, *(said for said, _ in messages)) == [texts for _, texts in messages]


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=10), min_size=1, max_size=3))
def test_nothing_is_too_broken_to_be_read(answer: str, messages: list[str]) -> None:
    assert len(text_wordings(answer, messages)) == len(messages)


def test_one_bad_block_costs_the_others_nothing() -> None:
    answer = "USER: yes\nSorry, I cannot do that\n\nUSER: to Basel\n1. Basel please\n2. Going to Basel"
    assert _texts(answer, "show invoices", "to Basel")[1] == ["Basel please", "Going to Basel"]


def test_a_missing_block_costs_the_others_nothing() -> None:
    answer = "USER: to Basel\n1. Basel please"
    assert _texts(answer, "show invoices", "to Basel", "yes") == [[], ["Basel please"], []]


@pytest.mark.parametrize(
    "header", ["USER: TO BASEL.", 'USER: "to Basel"', "**USER:** to Basel", "User 2: to basel", "- USER： to Basel"]
)
def test_a_repeated_message_is_known_however_it_is_written(header: str) -> None:
    assert _texts(f"USER: yes\n1. yep\n\n{header}\n1. Basel", "yes", "to Basel") == [["yep"], ["Basel"]]


def test_a_message_that_was_corrected_in_repeating_is_known_by_its_place() -> None:
    answer = "USER: yes\n1. yep\n\nUSER: I'd like to book a car\n1. A car, please"
    assert _texts(answer, "yes", "id like too book a car") == [["yep"], ["A car, please"]]


def test_digits_that_belong_to_the_text_stay() -> None:
    assert _texts("USER: at three\n1. 3pm works\n2. 15.30 is fine\n3) 3. March", "at three") == [
        ["3pm works", "15.30 is fine", "3. March"]
    ]
    assert _texts("USER: at three\n3pm works\n- 4pm too\n3. March is better", "at three") == [
        ["3pm works", "4pm too", "3. March is better"]
    ]


@pytest.mark.parametrize("mark", ["{}. ", "{}) ", "  {}. ", "{}、", "{}.", "1. "])
def test_enumerators_of_all_kinds_are_taken_off(mark: str) -> None:
    lines = "\n".join(f"{mark.format(number)}{text}" for number, text in enumerate(("one way", "another way"), start=1))
    assert _texts(f"USER: x\n{lines}", "x") == [["one way", "another way"]]


def test_fences_and_talk_around_the_blocks_are_no_wordings() -> None:
    answer = 'Sure! Here are 2:\n```text\n"""\nUSER: to Basel\n1. Basel\n2. Basel please\n"""\n```'
    assert _texts(answer, "to Basel") == [["Basel", "Basel please"]]


def test_a_list_without_any_message_is_that_of_the_only_one() -> None:
    assert _texts("1. Basel\n2. Basel please", "to Basel") == [["Basel", "Basel please"]]
    assert _texts("1. Basel\n2. Basel please", "to Basel", "yes") == [[], []]
