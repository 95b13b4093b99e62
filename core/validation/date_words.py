"""The words and patterns by which days, times and spans are known, English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

WEEKDAY_NAMES: Final = (
    "monday mon 周一 星期一",
    "tuesday tue tues 周二 星期二",
    "wednesday wed 周三 星期三",
    "thursday thu thur thurs 周四 星期四",
    "friday fri 周五 星期五",
    "saturday sat 周六 星期六",
    "sunday sun 周日 周天 星期日 星期天",
)
WEEKDAYS: Final = {name: number for number, names in enumerate(WEEKDAY_NAMES) for name in names.split()}
MONTH_NAMES: Final = (
    "january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept?|october|oct|november|nov"
    "|december|dec"
)
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FEASTS: Final = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "new year's eve": (12, 31),
    "new year's day": (1, 1), "new year": (1, 1), "halloween": (10, 31), "valentine's day": (2, 14),
    "圣诞节": (12, 25), "圣诞": (12, 25), "平安夜": (12, 24), "元旦": (1, 1), "情人节": (2, 14),
    "国庆节": (10, 1), "国庆": (10, 1),
}  # fmt: skip
"""Feasts of a fixed day, month first."""
DAYS: Final = {
    "today": 0, "tonight": 0, "now": 0, "tomorrow": 1, "tmrw": 1, "yesterday": -1,
    "day after tomorrow": 2, "day before yesterday": -2,
    "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "昨天": -1, "后天": 2, "前天": -2,
}  # fmt: skip
STEPS: Final = {
    "this": 0, "current": 0, "next": 1, "coming": 1, "last": -1, "previous": -1, "past": -1,
    "这个": 0, "这": 0, "本": 0, "下个": 1, "下": 1, "上个": -1, "上": -1,
}  # fmt: skip
SPANS: Final = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month", "year": "year",
    "years": "year", "天": "day", "周": "week", "星期": "week", "月": "month", "年": "year",
}  # fmt: skip


def _any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of the words that fits."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


LONGEST: Final = 80
"""Characters: what is longer is no date that anybody says."""
TIME: Final = re.compile(
    r"(?:\bat |\b@ ?|\b)?(?:(?P<noon>noon|midday|midnight)"
    r"|(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::\d{2})?)?\s*(?P<half>[ap]\.?m\b\.?|o'clock)?)"
)
CHINESE_DATE: Final = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]?")
IN_SPANS: Final = re.compile(
    r"(?:in (\w+) (days?|weeks?|months?)|(\w+) (days?|weeks?|months?) from (?:now|today)"
    r"|(\d+)个?(天|周|星期|月)(?:之后|以后|后))"
)
MONTH: Final = re.compile(
    rf"(?P<name>{MONTH_NAMES})(?: (?P<year>\d{{4}}))?|(?:(?P<year2>\d{{4}})年)?(?P<number>\d{{1,2}})月份?"
)
MONTH_END: Final = re.compile(
    r"(?:the )?end of (?:the |(?P<step>this|next|last) )?(?P<span>month|year)"
    r"|(?P<han>这个|本|下个?|上个?)?(?P<end>月底|年底|月末|年末)"
)
DAY_OF_MONTH: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|号|日)")
SPOKEN_TIME: Final = re.compile(r"(?P<part>half|(?:a )?quarter) (?P<side>past|to) (?P<hour>\w+)")
HAN_NUMBER: Final = re.compile(r"(?<![周期])[零〇一二两三四五六七八九十]+(?=个?[年月日号天点时分周]|个星期|刻)")
HAN_TIME: Final = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上)?(?P<hour>\d{1,2})(?:点钟?|时)(?:(?P<half>半)|(?P<quarter>[13])刻|(?P<minute>\d{1,2})分?)?"
)
STEPPED: Final = re.compile(rf"({_any_of(STEPS)})\s*({_any_of(SPANS)})")
STEPPED_DAY: Final = re.compile(rf"(?:({_any_of(STEPS)})\s*)?({_any_of(WEEKDAYS)})")
DATE_LIKE: Final = re.compile(
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?"
    rf"|\b(?:{MONTH_NAMES}|{_any_of(name for name in WEEKDAYS if name.isascii())})\b"
    r"|\b(?:to(?:day|night|morrow)|tmrw|yesterday|noon|midnight)\b|\b(?:next|last|this|coming) (?:week|month|year)"
    r"|\bin \w+ (?:days?|weeks?|months?)\b|\d{1,2}(?:st|nd|rd|th)\b|\d\s?[ap]\.?m\b|\d:\d\d|[今明昨后前]天|[周月年日号点]"
    rf"|天后|天以后|天之后|星期|\b(?:half|quarter) (?:past|to)\b|\bend of\b|\bfrom now\b|o'clock|{_any_of(FEASTS)}",
    re.I,
)
