"""Slot values: the same, another wording, nearly, or something else."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import SlotKind
from core.validation.models import SlotFacts
from core.validation.values import Likeness, compare_values, truth

NOW = datetime(2026, 11, 21, 10)  # a Saturday
ANY, TEXT = SlotFacts(), SlotFacts(SlotKind.TEXT)
BOOL, FLOAT = SlotFacts(SlotKind.BOOL), SlotFacts(SlotKind.FLOAT)
ROOMS = SlotFacts(SlotKind.CATEGORICAL, ("single_room", "double_room", "suite"))
ANSWER = SlotFacts(SlotKind.CATEGORICAL, ("true", "false", "unsure"))


@pytest.mark.parametrize(
    ("expected", "got", "slot"),
    [
        ("Basel", "Basel", TEXT),
        ("Basel", ' "Basel" ', TEXT),
        ("4", "4.0", FLOAT),
        ("True", "true", BOOL),
        ("Suite", "suite", ROOMS),
        (None, None, TEXT),
    ],
)
def test_the_same_value_is_equal(expected: str | None, got: str | None, slot: SlotFacts) -> None:
    assert compare_values(expected, got, slot, NOW) is Likeness.EQUAL


@pytest.mark.parametrize(
    ("expected", "got", "slot"),
    [
        ("Basel", "basel", TEXT),
        ("New  York", "new york.", TEXT),
        ("Zürich", "Zurich", TEXT),
        ("NewYork", "New York", TEXT),
        ("ｂａｓｅｌ", "Basel", TEXT),
        ("garden view", "the garden view", TEXT),
        ("single_room", "Single room", ROOMS),
        ("single_room", "single-room", ROOMS),
        ("true", "yes", BOOL),
        ("false", "No.", BOOL),
        ("true", "是的", BOOL),
        ("yes", "sure", BOOL),
        ("true", "yes", ANSWER),
        ("four thousand", "4000", FLOAT),
        ("4k", "4,000", ANY),
        ("三百", "300", ANY),
        ("$50", "50 dollars", TEXT),
        ("$50", "50", FLOAT),
        ("€1.200,50", "1,200.50 euros", TEXT),
        ("2", "two", TEXT),
        ("tomorrow", "2026-11-22", TEXT),
        ("明天", "2026-11-22", TEXT),
        ("may 14th", "14 May", TEXT),
        ("May 14th", "2027-05-14", TEXT),
        ("in three days", "Nov 24", TEXT),
        ("3pm", "15:00", TEXT),
        ("Sundays", "Sunday", TEXT),
        ("204518", "204 518", TEXT),
        ("138-0000-1111", "13800001111", TEXT),
        ("4.60 euros", "four euros sixty", TEXT),
        ("tomorrow at 3pm", "2026-11-22 15:00", TEXT),
        ("明天下午三点半", "2026-11-22 15:30", TEXT),
        ("三月八号", "2027-03-08", TEXT),
        ("两周后", "2026-12-05", TEXT),
        ("next month", "December", TEXT),
        ("下个月", "12月", TEXT),
        ("end of the year", "2026-12-31", TEXT),
        ("Halloween", "October 31", TEXT),
        ("3 million", "3000000", FLOAT),
        ("minus seven", "-7", FLOAT),
        ("two and a half", "2.5", FLOAT),
        ("三百五", "350", FLOAT),
        ("叁佰", "300", FLOAT),
        ("三张", "3", TEXT),
        ("15%", "fifteen percent", TEXT),
        ("third", "3rd", TEXT),
        ("第三", "3rd", TEXT),
        ("weekly", "every week", TEXT),
        ("每周", "weekly", TEXT),
        ("annually", "once a year", TEXT),
        ("(030) 123-4567", "030.123.4567", TEXT),
        ("+41 30 123 45 67", "0041301234567", TEXT),
        ("four oh four", "404", TEXT),
        ("tom@pier.example", "tom at pier dot example", TEXT),
        ("true", "of course", BOOL),
        ("true", "yes please", BOOL),
        ("false", "no thanks", BOOL),
        ("false", "不用了", BOOL),
        ("true", "没问题", BOOL),
    ],
)
def test_another_wording_is_equivalent_in_either_order(expected: str, got: str, slot: SlotFacts) -> None:
    assert compare_values(expected, got, slot, NOW) is Likeness.EQUIVALENT
    assert compare_values(got, expected, slot, NOW) is Likeness.EQUIVALENT


@pytest.mark.parametrize(
    ("expected", "got", "slot"),
    [
        ("Barbar", "Barbara", TEXT),
        ("Bart", "Bart Simpson", TEXT),
        ("Airport Zurich", "Zurich Airport", TEXT),
        ("快递员态度差", "快递员态度特别差", TEXT),
        ("tomorrow at 3pm", "tomorrow", TEXT),
        ("friday", "next friday", TEXT),
        ("the 17th", "may 17th", TEXT),
        ("saturday", "2026-11-21", TEXT),  # said on a Saturday
        ("half past four", "16:30", TEXT),
        ("tomorrow at 4 o'clock", "2026-11-22 16:00", TEXT),
        ("10%", "10", TEXT),
        ("first", "1", TEXT),
        ("three", "3 mooring lines", TEXT),
        ("2026-11-22", "as soon as you can", TEXT),
        ("50", "a little", TEXT),
        ("true", "banana", BOOL),
        ("suite", "the big one", ROOMS),
    ],
)
def test_what_a_person_has_to_decide_is_near(expected: str, got: str, slot: SlotFacts) -> None:
    assert compare_values(expected, got, slot, NOW) is Likeness.NEAR
    assert compare_values(got, expected, slot, NOW) is Likeness.NEAR


@pytest.mark.parametrize(
    ("expected", "got", "slot"),
    [
        ("Basel", "Bern", TEXT),
        ("Basel", None, TEXT),
        ("true", "no", BOOL),
        ("single_room", "double_room", ROOMS),
        ("50", "500", FLOAT),
        ("$50", "€50", TEXT),
        ("tomorrow", "today", TEXT),
        ("may 14th", "may 15th", TEXT),
        ("next month", "last month", TEXT),
        ("3pm", "3am", TEXT),
        ("@foo", "foo", TEXT),
        ("@barts", "@bart", TEXT),
        ("30 Pine Road", "31 Pine Road", TEXT),
        ("007", "7", TEXT),
        ("0071234567", "1234567", TEXT),
        ("10%", "20", TEXT),
        ("first", "third", TEXT),
        ("first", "3", TEXT),
        ("weekly", "every month", TEXT),
        ("二月二十号", "二月二十一号", TEXT),
        ("half past four", "17:30", TEXT),
        ("two tickets", "3 tickets", TEXT),
        ("anna@example.org", "anne@example.org", TEXT),
    ],
)
def test_another_value_is_different(expected: str | None, got: str | None, slot: SlotFacts) -> None:
    assert compare_values(expected, got, slot, NOW) is Likeness.DIFFERENT
    assert compare_values(got, expected, slot, NOW) is Likeness.DIFFERENT


def test_relative_days_cannot_be_resolved_without_a_clock() -> None:
    assert compare_values("tomorrow", "2026-11-22", TEXT) is Likeness.NEAR
    assert compare_values("may 14th", "14 May", TEXT) is Likeness.EQUIVALENT


def test_yes_is_a_value_like_any_other_outside_boolean_slots() -> None:
    assert compare_values("yes", "sure", TEXT) is Likeness.DIFFERENT


def test_words_for_yes_and_no_are_known_in_several_languages() -> None:
    assert [truth(word) for word in ("Yes!", "ja", "oui", "好的")] == [True] * 4
    assert [truth(word) for word in ("No.", "nein", "non", "不是")] == [False] * 4
    assert truth("maybe") is None


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from([ANY, TEXT, BOOL, FLOAT, ROOMS]))
def test_any_two_texts_can_be_compared_in_either_order(one: str, other: str, slot: SlotFacts) -> None:
    assert compare_values(one, one, slot, NOW) is Likeness.EQUAL
    assert compare_values(one, other, slot, NOW) is compare_values(other, one, slot, NOW)
