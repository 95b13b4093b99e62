"""Texts are taken as they came, but for quotes around them; repetitions and what nobody would say are not, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rephrasing.checks import Dropped, DropReason, Kept, Sieve, clean
from core.rephrasing.styles import Style

PLAIN = Style((("register", "neutral"),))
TYPOS = Style((("register", "neutral"), ("typos", "few")))


def _sieve(original: str = "I'd like to book a car", stored: tuple[tuple[int, str], ...] = ()) -> Sieve:
    return Sieve(original, stored, 0.9)


def _dropped(sieve: Sieve, text: str, style: Style = PLAIN) -> Dropped:
    assert not sieve.offer(text, 0, style, "call")
    return sieve.dropped[-1]


@pytest.mark.parametrize(
    "raw",
    [
        "need a car",
        "  need\n a car ",
        '"need a car"',
        "“need a car”",
        "「need a car」",
        "**need a car**",
        '**"need a car"**',
        "USER: need a car",
        "USER (m1): need a car",
    ],
)
def test_what_stands_around_a_text_goes(raw: str) -> None:
    assert clean(raw, "book a car") == "need a car"


@pytest.mark.parametrize("raw", ["3pm works", "1. March", "'tis the car I want", '"Bees" or "Knots"', "- 5 degrees"])
def test_what_belongs_to_a_text_stays(raw: str) -> None:
    assert clean(raw, "book a car") == raw


def test_quotes_stay_where_the_original_has_them() -> None:
    assert clean('"Knots"', '"Bees on the Roof"') == '"Knots"'


@given(st.text(max_size=40))
def test_a_cleaned_text_is_clean(raw: str) -> None:
    once = clean(raw, "book a car")
    assert "\n" not in once
    assert once == once.strip()


@pytest.mark.parametrize("text", ["I'd like to book a car", "id like to book a car!!", "I’D LIKE TO BOOK A CAR"])
def test_the_original_again_is_no_rephrasing(text: str) -> None:
    dropped = _dropped(_sieve(), text)
    assert (dropped.reason, dropped.twin, dropped.similarity) == (DropReason.ORIGINAL, None, 1.0)


def test_a_near_duplicate_names_its_nearest_twin_and_how_near_it_is() -> None:
    sieve = _sieve(stored=((7, "could you rent me a vehicle please"), (8, "car please")))
    dropped = _dropped(sieve, "could you rent me the vehicle please")
    assert (dropped.reason, dropped.twin) == (DropReason.NEAR_DUPLICATE, 7)
    assert dropped.similarity is not None
    assert 0.9 <= dropped.similarity < 1


def test_texts_of_one_answer_are_compared_too() -> None:
    sieve = _sieve()
    assert sieve.offer("a rental car, please", 0, PLAIN, "call")
    dropped = _dropped(sieve, "A rental car please.")
    assert isinstance(dropped.twin, Kept)
    assert (dropped.reason, dropped.twin.text) == (DropReason.DUPLICATE, "a rental car, please")


def test_what_validation_calls_a_near_duplicate_is_one_whatever_the_limit() -> None:
    sieve = Sieve("pay", ((3, "could you please pay my bill for the car"),), 1.0)
    dropped = _dropped(sieve, "could you please pay my bill for a car")
    assert (dropped.reason, dropped.twin) == (DropReason.NEAR_DUPLICATE, 3)


def test_other_numbers_make_another_text_however_alike_it_is() -> None:
    assert _sieve("from the 14th of May to the 17th of May").offer("from the 14th of May to the 18th of May", 0, PLAIN, "call")


def test_mistakes_that_were_asked_for_are_no_repetition() -> None:
    sieve = _sieve()
    assert _dropped(sieve, "I'd like to bok a car").reason is DropReason.NEAR_DUPLICATE
    assert sieve.offer("I'd like to bok a car", 0, TYPOS, "call")


@pytest.mark.parametrize(("one", "other"), [("是的", "是"), ("की किताब", "का किताब"), ("yes", "yep"), ("5 €", "5 $")])
def test_short_texts_that_differ_are_both_taken(one: str, other: str) -> None:
    sieve = _sieve(stored=((1, one),))
    assert sieve.offer(other, 0, PLAIN, "call")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", DropReason.EMPTY),
        (" … ", DropReason.EMPTY),
        ("car " * 200, DropReason.TOO_LONG),
        ("/SetSlots(car=x)", DropReason.PAYLOAD),
        ("I need a car in [city]", DropReason.PLACEHOLDER),
        ("I need a car in {city}", DropReason.PLACEHOLDER),
        ("Formal and polite.", DropReason.INSTRUCTION),
        ("in which city", DropReason.ASSISTANT),
    ],
)
def test_what_nobody_would_say_is_left_out(text: str, reason: DropReason) -> None:
    sieve = Sieve("book a car", (), 0.9, instructions=["plain", "formal and polite"], answers=["In which city?"])
    dropped = _dropped(sieve, text)
    assert (dropped.reason, dropped.twin) == (reason, None)


def test_a_bracket_that_the_original_has_is_no_placeholder() -> None:
    assert _sieve("open [draft] please").offer("please open my [draft] now", 0, PLAIN, "call")


def test_a_text_as_long_as_the_schema_lets_it_be_was_cut_off() -> None:
    sieve = Sieve("book a car", (), 0.9, longest=20)
    assert _dropped(sieve, "x" * 20).reason is DropReason.TOO_LONG
    assert sieve.offer("x" * 19, 0, PLAIN, "call")
