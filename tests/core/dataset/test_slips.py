from __future__ import annotations

import pytest

from core.dataset.slips import is_mistyped, put_right


@pytest.mark.parametrize(
    ("word", "mistyped"),
    [
        ("tomorrow", "tomorow"),  # a double letter is single
        ("receive", "recieve"),  # neighbours have changed places
        ("reservation", "resevation"),  # a letter of a long word is missing
        ("reservation", "reservatiom"[:9] + "oon"),  # or doubled
        ("appointment", "appointnent"),  # or another one
    ],
)
def test_one_slip_of_the_finger_leaves_a_longer_word_the_same(word: str, mistyped: str) -> None:
    assert is_mistyped(word, mistyped)
    assert is_mistyped(mistyped, word)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("contract", "contact"),
        ("hotel", "hostel"),
        ("right", "night"),
        ("three", "there"),
        ("hansen", "hanson"),
        ("booking", "bookings"),
        ("reservation", "reservations"),
        ("sixteen", "sixteeen"),
        ("change", "chance"),
        ("deposit", "edposit"),
        ("transfer", "transport"),
        ("before", "before"),
    ],
)
def test_words_that_can_be_two_are_two(word: str, other: str) -> None:
    assert not is_mistyped(word, other)


@pytest.mark.parametrize(("mistyped", "word"), [("plaese", "please"), ("pleasse", "please"), ("togehter", "together")])
def test_well_known_words_are_put_right(mistyped: str, word: str) -> None:
    assert put_right(mistyped) == word


@pytest.mark.parametrize("word", ["philip", "basel", "bern", "yep", "martina", "saturday", "please"])
def test_other_words_are_left_as_they_are(word: str) -> None:
    assert put_right(word) == word
