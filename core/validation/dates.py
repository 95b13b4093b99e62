"""Days, times and spans as people write them, read against a clock: `tomorrow`, `may 14th`, `next monday at 3pm`, 明天.

Absolute dates are read by python-dateutil; relative words by `date_words`, English and Chinese. (dateparser was tried for
those: it takes `next month` for a day and 1.3 seconds for 下周一, and does not read it.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from dateutil import parser as dateutil_parser

from core.validation.date_words import (
    CHINESE_DATE,
    DATE_LIKE,
    DAY_OF_MONTH,
    DAYS,
    FEASTS,
    HAN_NUMBER,
    HAN_TIME,
    IN_SPANS,
    LONGEST,
    MONTH,
    MONTH_END,
    MONTHS,
    SPANS,
    SPOKEN_TIME,
    STEPPED,
    STEPPED_DAY,
    STEPS,
    TIME,
    WEEKDAYS,
)
from core.validation.numbers import read_number_words
from core.validation.words import unify

_MOST_SPANS = 1000
"""Days, weeks or months from now that anybody would count."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or what is known of it. `span`: day, week, month, year or clock (a time without a day). `year_said`: no guess.

    `disputed`: readers differ on the day ("next friday", 05/06/2026). `half_open`: nobody said which half of the day.
    """

    span: str
    start: date | None
    minutes: int | None = None
    year_said: bool = True
    disputed: bool = False
    half_open: bool = False


def looks_like_date(text: str) -> bool:
    """Whether it is worth reading as one."""
    return DATE_LIKE.search(unify(text)) is not None


@lru_cache(maxsize=2048)
def read_moment(text: str, now: datetime | None) -> Moment | None:
    """The moment that the whole text names, None if it names none. Relative words need `now`.

    A day without its year is the next one from `now` on (a booking, a delivery); without `now` its year stays open.
    """
    plain = re.sub(r"\s+", " ", unify(text).casefold()).strip(" .,!?")
    plain = re.sub(r"^(?:on|by|for|from|until|till|the) ", "", plain)
    plain = re.sub(r"^the ", "", plain)
    plain = re.sub(r"(day)s$", r"\1", plain)
    if len(plain) > LONGEST or not looks_like_date(plain):
        return None
    today = now.date() if now is not None else None
    plain = HAN_TIME.sub(_as_clock, HAN_NUMBER.sub(lambda match: str(read_number_words(match[0])), plain))
    if (match := SPOKEN_TIME.fullmatch(plain)) is not None:
        return _spoken(match)
    whole = _relative(plain, today) or _absolute(plain, today)
    if whole is not None:
        return whole
    return _with_time(plain, today)


def same_moment(first: Moment, second: Moment) -> bool:
    """Whether they are certainly one: a time of day that only one of them says counts as another."""
    if first.disputed or second.disputed or first.span != second.span or first.minutes != second.minutes:
        return False
    if first.start is None or second.start is None or (first.year_said and second.year_said):
        return first.start == second.start
    return (first.start.month, first.start.day) == (second.start.month, second.start.day)


def near_moment(first: Moment, second: Moment) -> bool:
    """Whether a reader might take them for one: only one says the time, or the day is disputed."""
    if first.span != second.span:
        return False
    if first.span == "clock":
        return _half_a_day_apart(first, second)
    if first.start is None or second.start is None:
        return False
    if first.minutes != second.minutes and None not in (first.minutes, second.minutes) and not _half_a_day_apart(first, second):
        return False
    if first.disputed or second.disputed:
        apart = abs((first.start - second.start).days)
        swapped = (first.start.day, first.start.month) == (second.start.month, second.start.day)
        return apart in (0, 7) or swapped or first.start.day == second.start.day
    return first.start == second.start


def _half_a_day_apart(first: Moment, second: Moment) -> bool:
    """Three o'clock and 15:00."""
    if first.minutes is None or second.minutes is None or not (first.half_open or second.half_open):
        return False
    return abs(first.minutes - second.minutes) == 720


def _with_time(text: str, today: date | None) -> Moment | None:
    for match in reversed(list(TIME.finditer(text))):
        minutes = _minutes(match)
        if minutes is None:
            continue
        half_open = match["half"] in (None, "o'clock") and re.fullmatch("[1-9]|1[0-2]", match["hour"] or "") is not None
        rest = (text[: match.start()] + text[match.end() :]).strip(" ,").removesuffix(" at").removeprefix("on ")
        if not rest:
            return Moment("clock", None, minutes, half_open=half_open)
        day = _relative(rest, today) or _absolute(rest, today)
        if day is not None and day.span == "day":
            return Moment("day", day.start, minutes, day.year_said, day.disputed, half_open)
    return None


def _minutes(match: re.Match[str]) -> int | None:
    if match["noon"]:
        return 0 if match["noon"] == "midnight" else 720
    half = (match["half"] or "").replace(".", "")
    if not half and not match["minute"]:
        return None
    hour = int(match["hour"])
    if hour > 23 or (half in ("am", "pm") and not 1 <= hour <= 12):
        return None
    if half in ("am", "pm"):
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + int(match["minute"] or 0)


def _relative(text: str, today: date | None) -> Moment | None:
    if today is None:
        return None
    if text in DAYS:
        return Moment("day", today + timedelta(days=DAYS[text]))
    if match := IN_SPANS.fullmatch(text):
        count = _count(match[1] or match[3] or match[5])
        span = SPANS[match[2] or match[4] or match[6]]
        return None if count is None else _shifted(today, span, count)
    if match := STEPPED_DAY.fullmatch(text):
        ahead = (WEEKDAYS[match[2]] - today.weekday()) % 7 or 7
        step = STEPS.get(match[1] or "")
        is_today = ahead == 7 and step in (None, 0)
        if match[1] and not match[1].isascii():  # Chinese counts calendar weeks
            monday = today - timedelta(days=today.weekday())
            return Moment("day", monday + timedelta(days=WEEKDAYS[match[2]] + 7 * (step or 0)))
        return Moment("day", today + timedelta(days=ahead - 7 if step == -1 else ahead), disputed=step == 1 or is_today)
    if match := MONTH_END.fullmatch(text):
        return _end_of(match, today)
    if match := STEPPED.fullmatch(text):
        return _period(today, SPANS[match[2]], STEPS[match[1]])
    return None


def _count(word: str) -> int | None:
    if word in ("a", "an"):
        return 1
    count = int(word) if word.isdecimal() else read_number_words(word)
    return count if count is not None and count <= _MOST_SPANS else None


def _shifted(today: date, span: str, count: int) -> Moment:
    if span == "month":
        month = today.month - 1 + count
        year, month = today.year + month // 12, month % 12 + 1
        return Moment("day", date(year, month, min(today.day, 28)))
    return Moment("day", today + timedelta(days=count * (7 if span == "week" else 1)))


def _period(today: date, span: str, step: int) -> Moment:
    if span == "day":
        return Moment("day", today + timedelta(days=step))
    if span == "week":
        return Moment("week", today + timedelta(days=7 * step - today.weekday()))
    if span == "month":
        month = today.month - 1 + step
        return Moment("month", date(today.year + month // 12, month % 12 + 1, 1))
    return Moment("year", date(today.year + step, 1, 1))


def _month(match: re.Match[str], today: date | None) -> Moment | None:
    number = int(match["number"]) if match["number"] else 1 + MONTHS.index(match["name"][:3])
    if not 1 <= number <= 12 or match[0] in ("may", "march"):  # words, too
        return None
    if year := match["year"] or match["year2"]:
        return Moment("month", date(int(year), number, 1)) if int(year) else None
    if today is None:
        return Moment("month", date(2000, number, 1), year_said=False)
    return Moment("month", date(today.year + (number < today.month), number, 1), year_said=False)


def _end_of(match: re.Match[str], today: date) -> Moment:
    """The last day of a month or year."""
    step = STEPS[match["step"] or match["han"] or "this"]
    first = _period(today, match["span"] or ("month" if "月" in match["end"] else "year"), step)
    assert first.start is not None
    after = _period(first.start, first.span, 1)
    assert after.start is not None
    return Moment("day", after.start - timedelta(days=1))


def _spoken(match: re.Match[str]) -> Moment | None:
    hour = _count(match["hour"])
    if hour is None or not 1 <= hour <= 12:
        return None
    minutes = 30 if match["part"] == "half" else 15
    return Moment("clock", None, (hour * 60 + (minutes if match["side"] == "past" else -minutes)) % 1440, half_open=True)


def _as_clock(match: re.Match[str]) -> str:
    """`下午3点半` → ` 15:30`."""
    hour = int(match["hour"])
    if (match["part"] in ("下午", "傍晚", "晚上") and hour < 12) or (match["part"] == "中午" and hour < 3):
        hour += 12
    minute = 30 if match["half"] else 15 * int(match["quarter"]) if match["quarter"] else int(match["minute"] or 0)
    return f" {hour:02}:{minute:02}" if match["part"] else f" {hour}:{minute:02}"


def _absolute(text: str, today: date | None) -> Moment | None:
    if text in FEASTS:
        return _dated(None, *FEASTS[text], today)
    if match := MONTH.fullmatch(text.removeprefix("in ")):
        return _month(match, today)
    if today is not None and (match := DAY_OF_MONTH.fullmatch(text)):
        start = _next_with_day(int(match[1]), today)
        return None if start is None else Moment("day", start, disputed=True)
    if match := CHINESE_DATE.fullmatch(text):
        return _dated(match[1], int(match[2]), int(match[3]), today)
    if any(mark in text for mark in ":：") and not re.search(r"\d{4}-\d\d-\d\d", text):
        return None
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|\bof\b|\bthe\b", " ", text)
    if re.fullmatch(r"[\d.,]+", plain) and not re.fullmatch(r"\d{1,4}\.\d{1,2}\.(?:\d{2,4})?", plain):
        return None  # 3.5 is a number
    if re.search(r"[^\W\d_]", plain) is None and len(re.findall(r"\d+", plain)) < 2:
        return None
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", plain)
    if dotted:
        return _dated(dotted[3], int(dotted[2]), int(dotted[1]), today)
    try:
        # Two defaults: where the results differ, the text did not say.
        first = dateutil_parser.parse(plain, default=datetime(2000, 1, 1))
        second = dateutil_parser.parse(plain, default=datetime(2004, 2, 2))
    except (ValueError, OverflowError, TypeError):
        return None
    if first.day != second.day or first.month != second.month:
        return None
    minutes = first.hour * 60 + first.minute if first.hour or first.minute else None
    read = _dated(str(first.year) if first.year == second.year else None, first.month, first.day, today)
    if read is None:
        return None
    numeric = re.match(r"(\d{1,2})[/.-](\d{1,2})\b(?!\.?$)", plain) if "-" not in plain[4:5] else None
    disputed = numeric is not None and numeric[1] != numeric[2] and int(numeric[1]) <= 12 and int(numeric[2]) <= 12
    return Moment(read.span, read.start, minutes, read.year_said, disputed)


def _next_with_day(day: int, today: date) -> date | None:
    """The next day of that number, of this month or one after it."""
    if not 1 <= day <= 31:
        return None
    return next((found for ahead in range(63) if (found := today + timedelta(days=ahead)).day == day), None)


def _dated(year: str | None, month: int, day: int, today: date | None) -> Moment | None:
    try:
        if year is not None:
            return Moment("day", date(int(year), month, day))
        if today is None:
            return Moment("day", date(2000, month, day), year_said=False)
        this_year = date(today.year, month, day)
        return Moment("day", this_year if this_year >= today else date(today.year + 1, month, day), year_said=False)
    except ValueError:
        return None
