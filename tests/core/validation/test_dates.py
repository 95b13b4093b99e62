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
    ],
)
def test_a_day_is_read_against_the_clock(text: str, day: date) -> None:
    moment = read_moment(text, NOW)
    assert moment is not None
    assert (moment.span, moment.start, moment.minutes) == ("day", day, None)


@pytest.mark.parametrize(
    ("text", "minutes"), [("3pm", 900), ("at 3 p.m.", 900), ("15:30", 930), ("noon", 720), ("12am", 0), ("midnight", 0)]
)
def test_a_time_without_a_day_is_a_clock_time(text: str, minutes: int) -> None:
    assert read_moment(text, NOW) == Moment("clock", None, minutes)


def test_weeks_and_months_are_spans_of_their_own() -> None:
    assert read_moment("next month", NOW) == Moment("month", date(2026, 12, 1))
    assert read_moment("last month", NOW) == Moment("month", date(2026, 10, 1))
    assert read_moment("this week", NOW) == Moment("week", date(2026, 11, 16))
    assert read_moment("下个月", NOW) == Moment("month", date(2026, 12, 1))


@pytest.mark.parametrize("text", ["Basel", "4000", "3.5", "may", "25 o'clock", "31.02.2026", "", "a" * 500, "1:" * 300])
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
