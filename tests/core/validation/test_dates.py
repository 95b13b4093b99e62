"""Days and times read against the prompt's clock."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.validation.dates import Moment, near_moment, read_moment, same_moment

NOW = datetime(2026, 11, 21, 10)  # a Saturday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", date(2026, 11, 22)),
        ("day after tomorrow", date(2026, 11, 23)),
        ("monday", date(2026, 11, 23)),
        ("on Saturday", date(2026, 11, 28)),
        ("in 3 days", date(2026, 11, 24)),
        ("in two weeks", date(2026, 12, 5)),
        ("a week from today", date(2026, 11, 28)),
        ("后天", date(2026, 11, 23)),
        ("下周一", date(2026, 11, 23)),
        ("5月14日", date(2027, 5, 14)),
        ("2026年5月14日", date(2026, 5, 14)),
        ("2026-05-14", date(2026, 5, 14)),
        ("14.05.2026", date(2026, 5, 14)),
        ("05/14/2026", date(2026, 5, 14)),
        ("the 17th of May", date(2027, 5, 17)),
        ("Nov 22", date(2026, 11, 22)),
        ("二十天后", date(2026, 12, 11)),
        ("十二月三日", date(2026, 12, 3)),
        ("月底", date(2026, 11, 30)),
        ("end of next month", date(2026, 12, 31)),
        ("two weeks from now", date(2026, 12, 5)),
        ("the 3rd", date(2026, 12, 3)),
        ("christmas eve", date(2026, 12, 24)),
    ],
)
def test_a_day_is_read_against_the_clock(text: str, day: date) -> None:
    moment = read_moment(text, NOW)
    assert moment is not None
    assert (moment.span, moment.start, moment.minutes) == ("day", day, None)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("3pm", 900), ("at 3 p.m.", 900), ("15:30", 930), ("noon", 720), ("12am", 0), ("midnight", 0), ("晚上八点", 1200)],
)
def test_a_time_without_a_day_is_a_clock_time(text: str, minutes: int) -> None:
    assert read_moment(text, NOW) == Moment("clock", None, minutes)


@pytest.mark.parametrize(
    ("text", "minutes"), [("quarter to five", 285), ("half past 3", 210), ("4 o'clock", 240), ("四点一刻", 255), ("9:30", 570)]
)
def test_a_time_that_leaves_open_which_half_of_the_day_it_is_says_so(text: str, minutes: int) -> None:
    assert read_moment(text, NOW) == Moment("clock", None, minutes, half_open=True)


def test_weeks_and_months_are_spans_of_their_own() -> None:
    assert read_moment("next month", NOW) == Moment("month", date(2026, 12, 1))
    assert read_moment("last month", NOW) == Moment("month", date(2026, 10, 1))
    assert read_moment("this week", NOW) == Moment("week", date(2026, 11, 16))
    assert read_moment("下个月", NOW) == Moment("month", date(2026, 12, 1))
    assert read_moment("in January", NOW) == Moment("month", date(2027, 1, 1), year_said=False)
    assert read_moment("June 2031", None) == Moment("month", date(2031, 6, 1))


@pytest.mark.parametrize(
    "text",
    [
        "Basel",
        "4000",
        "3.5",
        "may",
        "25 o'clock",
        "31.02.2026",
        "",
        "a" * 500,
        "1:" * 300,
        "in 99999999999 days",
        "99999999个月后",
        "0000年5月",
    ],
)
def test_what_names_no_moment_is_none(text: str) -> None:
    assert read_moment(text, NOW) is None


def test_a_day_without_its_year_is_any_year_until_a_clock_says_which() -> None:
    unknown, known = read_moment("may 14th", None), read_moment("2031-05-14", None)
    assert unknown is not None
    assert known is not None
    assert same_moment(unknown, known)


def test_days_on_which_readers_differ_are_near_but_not_the_same() -> None:
    plain, disputed = read_moment("friday", NOW), read_moment("next friday", NOW)
    assert plain is not None
    assert disputed is not None
    assert near_moment(plain, disputed)
    assert not same_moment(plain, disputed)
    american, european = read_moment("05/06/2026", NOW), read_moment("2026-06-05", NOW)
    assert american is not None
    assert european is not None
    assert near_moment(american, european)
