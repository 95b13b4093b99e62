"""Days, times and spans as people write them, read against a clock: `tomorrow`, `may 14th`, `next monday at 3pm`, 明天.

Absolute dates are read by python-dateutil; relative words by the tables here, English and Chinese. (dateparser was tried for
those: it takes `next month` for a day and 1.3 seconds for 下周一, and does not read it.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from dateutil import parser as dateutil_parser

from core.validation.numbers import read_number_words
from core.validation.words import unify

_WEEKDAY_NAMES: Final = (
    "monday mon 周一 星期一",
    "tuesday tue tues 周二 星期二",
    "wednesday wed 周三 星期三",
    "thursday thu thur thurs 周四 星期四",
    "friday fri 周五 星期五",
    "saturday sat 周六 星期六",
    "sunday sun 周日 周天 星期日 星期天",
)
_WEEKDAYS: Final = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()}
_MONTH_NAMES: Final = (
    "january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept?|october|oct|november|nov"
    "|december|dec"
)
_DAYS: Final = {
    "today": 0, "tonight": 0, "now": 0, "tomorrow": 1, "tmrw": 1, "yesterday": -1,
    "day after tomorrow": 2, "day before yesterday": -2,
    "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "昨天": -1, "后天": 2, "前天": -2,
}  # fmt: skip
_STEPS: Final = {
    "this": 0, "current": 0, "next": 1, "coming": 1, "last": -1, "previous": -1, "past": -1,
    "这个": 0, "这": 0, "本": 0, "下个": 1, "下": 1, "上个": -1, "上": -1,
}  # fmt: skip
_SPANS: Final = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month", "year": "year",
    "years": "year", "天": "day", "周": "week", "星期": "week", "月": "month", "年": "year",
}  # fmt: skip


def _any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of the words that fits."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_LONGEST: Final = 80
"""Characters: what is longer is no date that anybody says."""
_TIME: Final = re.compile(
    r"(?:\bat |\b@ ?|\b)?(?:(?P<noon>noon|midday|midnight)"
    r"|(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::\d{2})?)?\s*(?P<half>[ap]\.?m\b\.?|o'clock)?)"
)
_CHINESE_DATE: Final = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]?")
_IN_SPANS: Final = re.compile(r"(?:in (\w+) (days?|weeks?|months?)|(\w+) (days?|weeks?|months?) from (?:now|today))")
_STEPPED: Final = re.compile(rf"({_any_of(_STEPS)})\s*({_any_of(_SPANS)})")
_STEPPED_DAY: Final = re.compile(rf"(?:({_any_of(_STEPS)})\s*)?({_any_of(_WEEKDAYS)})")
_DATE_LIKE: Final = re.compile(
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?"
    rf"|\b(?:{_MONTH_NAMES}|{_any_of(name for name in _WEEKDAYS if name.isascii())})\b"
    r"|\b(?:to(?:day|night|morrow)|tmrw|yesterday|noon|midnight)\b|\b(?:next|last|this|coming) (?:week|month|year)"
    r"|\bin \w+ (?:days?|weeks?|months?)\b|\d{1,2}(?:st|nd|rd|th)\b|\d\s?[ap]\.?m\b|\d:\d\d|[今明昨后前]天|[周月年日号]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or what is known of it. `span`: day, week, month, year or clock (a time without a day). `year_said`: no guess.

    `disputed`: readers differ on the day ("next friday", 05/06/2026).
    """

    span: str
    start: date | None
    minutes: int | None = None
    year_said: bool = True
    disputed: bool = False


def looks_like_date(text: str) -> bool:
    """Whether it is worth reading as one."""
    return _DATE_LIKE.search(unify(text)) is not None


@lru_cache(maxsize=2048)
def read_moment(text: str, now: datetime | None) -> Moment | None:
    """The moment that the whole text names, None if it names none. Relative words need `now`.

    A day without its year is the next one from `now` on (a booking, a delivery); without `now` its year stays open.
    """
    plain = re.sub(r"\s+", " ", unify(text).casefold()).strip(" .,!?")
    plain = re.sub(r"^(?:on|by|for|from|until|till|the) ", "", plain)
    plain = re.sub(r"^the ", "", plain)
    plain = re.sub(r"(day)s$", r"\1", plain)
    if len(plain) > _LONGEST or not looks_like_date(plain):
        return None
    today = now.date() if now is not None else None
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
    if first.start is None or second.start is None or first.span != second.span:
        return False
    if first.minutes != second.minutes and None not in (first.minutes, second.minutes):
        return False
    if first.disputed or second.disputed:
        apart = abs((first.start - second.start).days)
        return apart in (0, 7) or (first.start.day, first.start.month) == (second.start.month, second.start.day)
    return first.start == second.start


def _with_time(text: str, today: date | None) -> Moment | None:
    for match in reversed(list(_TIME.finditer(text))):
        minutes = _minutes(match)
        if minutes is None:
            continue
        rest = (text[: match.start()] + text[match.end() :]).strip(" ,").removesuffix(" at").removeprefix("on ")
        if not rest:
            return Moment("clock", None, minutes)
        day = _relative(rest, today) or _absolute(rest, today)
        if day is not None and day.span == "day":
            return Moment("day", day.start, minutes, day.year_said, day.disputed)
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
    if text in _DAYS:
        return Moment("day", today + timedelta(days=_DAYS[text]))
    if match := _IN_SPANS.fullmatch(text):
        count = _count(match[1] or match[3])
        span = _SPANS[match[2] or match[4]]
        return None if count is None else _shifted(today, span, count)
    if match := _STEPPED_DAY.fullmatch(text):
        ahead = (_WEEKDAYS[match[2]] - today.weekday()) % 7 or 7
        step = _STEPS.get(match[1] or "")
        if match[1] and not match[1].isascii():  # Chinese counts calendar weeks
            monday = today - timedelta(days=today.weekday())
            return Moment("day", monday + timedelta(days=_WEEKDAYS[match[2]] + 7 * (step or 0)))
        return Moment("day", today + timedelta(days=ahead - 7 if step == -1 else ahead), disputed=step == 1)
    if match := _STEPPED.fullmatch(text):
        return _period(today, _SPANS[match[2]], _STEPS[match[1]])
    return None


def _count(word: str) -> int | None:
    if word in ("a", "an"):
        return 1
    return int(word) if word.isdigit() else read_number_words(word)


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


def _absolute(text: str, today: date | None) -> Moment | None:
    if match := _CHINESE_DATE.fullmatch(text):
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
