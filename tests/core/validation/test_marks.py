"""Details that the text alone shows."""

from __future__ import annotations

import pytest

from core.validation.marks import marks_of, said_numbers


def keys(text: str, kind: str) -> set[str]:
    return {mark.key for mark in marks_of(text) if mark.kind == kind}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("send $50 to him", {"50"}),
        ("4,000 please", {"4000"}),
        ("call 138-0000-1111", {"13800001111"}),
        ("my card is 204 518 or so", {"204518"}),
        ("号码是：13900001235", {"13900001235"}),
        ("三块五", {"3.5"}),
        ("order ord7ad2 is late", {"ord7ad2"}),
        ("table for 2 at 15:30", {"2"}),
        ("I'm 100% sure", set()),
        ("two things, please", set()),
    ],
)
def test_numbers_and_codes(text: str, expected: set[str]) -> None:
    assert keys(text, "number") == expected


def test_addresses_and_quotations() -> None:
    assert keys("it's @foo or a.b@c.org, see https://x.org/y", "address") == {"@foo", "a.b@c.org", "https://x.org/y"}
    assert keys("play “Blue Sea” and 《海》", "quote") == {"blue sea", "海"}
    assert keys("it's what I don't want", "quote") == set()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("this month", "the current month's"),
        ("last week", "the previous week"),
        ("下个月", "下月"),
        ("明日", "明天"),
        ("at 4 pm", "16:00"),
        ("on Mondays", "monday"),
    ],
)
def test_the_same_time_has_the_same_key(text: str, other: str) -> None:
    assert keys(text, "time")
    assert keys(text, "time") == keys(other, "time")


def test_this_month_is_not_last_month() -> None:
    assert keys("billed this month", "time") != keys("billed last month", "time")


def test_names_are_capitals_inside_a_sentence() -> None:
    assert keys("a charge from Amazon, in London. Please help", "name") == {"amazon", "london"}
    assert keys("Amazon charged me. Dear madam: Help!", "name") == set()
    assert keys("Check My Balance Now", "name") == set()
    assert keys("SEND IT TO ME NOW", "name") == set()


def test_numbers_in_words_count_as_said() -> None:
    assert {"50", "2"} <= said_numbers("fifty dollars for two")
    assert "300" in said_numbers("三百块")
