"""Details that can be told from the text alone: numbers, addresses, handles, quotations, names, days and months.

A mark is compared by its `key`, so that `$50`, `50 dollars` and `fifty` are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.validation.numbers import currency_of, read_amount, read_number_words
from core.validation.word_lists import listed
from core.validation.words import is_unspaced, read, unify

_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[!-~]+|(?<!\w)[@#]\w[\w.-]*\w|(?<!\w)[@#]\w", re.ASCII)
_QUOTED: Final = re.compile(r"\"([^\"]+)\"|“([^”]+)”|「([^」]+)」|『([^』]+)』|《([^》]+)》|(?<!\w)'([^']+)'(?!\w)")
_NUMBER: Final = re.compile(r"\d+(?:[.,'\u00a0/-]\d+)*")
_LONG_NUMBER: Final = re.compile(r"(?<!\d)\d(?:[ -]?\d){5,}(?!\d)")  # in groups, as people write card and phone numbers
_CLOCK: Final = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?|(?<!\d)(?P<h>\d{1,2}):(?P<m>\d{2})(?!\d)", re.I
)
_CHINESE_CENTS: Final = re.compile(r"([\d零一二两三四五六七八九十百]+)[块元]([\d一二三四五六七八九])(?!\d)")
_CODE: Final = re.compile(r"\b(?=\w*\d)(?=\w*[a-zA-Z])\w[\w-]*\b", re.ASCII)
_NOT_DETAILS: Final = re.compile(r"\b100\s?%|\b24/7\b|\b(?:2|two|1|one) (?:things|questions|requests)\b|\b110\s?%", re.I)
_DAYS: Final = (  # without march and may, which are words too
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august september october"
    " november december today tonight tomorrow yesterday weekend noon midnight"
)
_ENGLISH_TIMES: Final = re.compile(
    rf"\b(?:({'|'.join(_DAYS.split())})s?|(this|current|next|coming|upcoming|following|last|previous|past)\s+"
    r"(day|week|weekend|month|quarter|year|morning|afternoon|evening|night)(?:'s|s)?)\b",
    re.I,
)
_SAME_STEP: Final = {
    "current": "this",
    "coming": "next",
    "upcoming": "next",
    "following": "next",
    "previous": "last",
    "past": "last",
}
_CHINESE_TIMES: Final = re.compile(
    r"[今明昨后前][天日]|[今明昨][晚早]|(?:本|这个?|下个?|上个?)(?:周[一二三四五六日天末]?|星期[一二三四五六日天]?|月|年|季度)"
    r"|[明去前]年|周[一二三四五六日末]|星期[一二三四五六日天]"
)
_SENTENCE_END: Final = re.compile(r"[.!?:;…—–\-(\[\"“\n]\s*$|^\s*$")
_NO_NAMES: Final = listed(_DAYS) | listed("ok tv pc id pin sms usa uk us eu faq asap fyi btw mr mrs ms dr sir madam internet")


@dataclass(frozen=True, slots=True)
class Mark:
    """`kind`: number, address, quote, time or name. `key`: equal for the same detail. `shown`: as written."""

    kind: str
    key: str
    shown: str


@lru_cache(maxsize=2048)
def marks_of(text: str) -> frozenset[Mark]:
    """The details of one text. Names are words with a capital inside a sentence."""
    rest = _CHINESE_CENTS.sub(_with_cents, _NOT_DETAILS.sub(" ", unify(text)))
    found: set[Mark] = set()
    for pattern, kind in ((_ADDRESS, "address"), (_QUOTED, "quote")):
        for match in pattern.finditer(rest):
            inner = next((group for group in match.groups() if group), match[0])
            found.add(Mark(kind, " ".join(inner.casefold().split()).strip(" .,!?"), match[0]))
        if kind == "address":
            rest = pattern.sub(" ", rest)
    for match in _ENGLISH_TIMES.finditer(rest):
        step = _SAME_STEP.get((match[2] or "").casefold(), (match[2] or "").casefold())
        found.add(Mark("time", match[1].casefold() if match[1] else f"{step} {match[3].casefold()}", match[0]))
    for match in _CHINESE_TIMES.finditer(rest):
        found.add(
            Mark("time", match[0].replace("个", "").replace("星期", "周").replace("这", "本").replace("日", "天"), match[0])
        )
    rest = _CLOCK.sub(lambda match: _clock(match, found), _LONG_NUMBER.sub(lambda m: re.sub(r"[ -]", "", m[0]), rest))
    for match in _CODE.finditer(rest):
        if read_amount(match[0]) is None and not re.fullmatch(r"\d+(?:st|nd|rd|th|am|pm|h|min|x|s)", match[0], re.I):
            found.add(Mark("number", match[0].casefold(), match[0]))
    numbers = _CODE.sub(lambda m: " " if read_amount(m[0]) is None and not m[0][0].isdigit() else m[0], rest)
    for match in _NUMBER.finditer(numbers):
        amount = read_amount(match[0])
        found.add(Mark("number", f"{amount.number.normalize():f}" if amount else re.sub(r"\D", "", match[0]), match[0]))
    return frozenset(found) | frozenset(_names(text))


def _with_cents(match: re.Match[str]) -> str:
    """`三块五` → `3.5`."""
    whole, tenth = (part if part.isdigit() and part.isascii() else read_number_words(part) for part in match.groups())
    return f"{whole}.{tenth}"


def _clock(match: re.Match[str], found: set[Mark]) -> str:
    """Notes a time of day, `4 pm` as `16:00`, and takes it out of the text."""
    hour, minute = int(match["hour"] or match["h"]), match["minute"] or match["m"] or "00"
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].casefold() == "p" else 0)
    found.add(Mark("time", f"{hour:02}:{minute}", match[0]))
    return " "


@lru_cache(maxsize=2048)
def said_numbers(text: str) -> frozenset[str]:
    """Keys of the numbers that the text says in words, for comparing with marks of kind number."""
    words = [word.plain for word in read(text).words]
    found: set[str] = set()
    for start in range(len(words)):
        for end in range(start + 1, min(start + 5, len(words)) + 1):
            value = read_number_words(("" if is_unspaced(words[start]) else " ").join(words[start:end]))
            if value is None:
                break
            found.add(str(value))
    return frozenset(found)


def highest_said(text: str) -> str | None:
    """The highest number that a text says in words, of which others are parts; None if it is one, or no more than `both`. Not
    for unspaced scripts, where characters of numbers stand in other words."""
    rest = _NOT_DETAILS.sub(" ", text)
    words = {word.plain for word in read(rest).words}
    if any(map(is_unspaced, words)):
        return None
    highest = max(map(int, said_numbers(rest)), default=0)
    return None if highest < 2 or (highest == 2 and "two" not in words) else str(highest)


def _names(text: str) -> Iterator[Mark]:
    unified = unify(text)
    words = [word for word in read(text).words if word.shown[0].isalpha()]
    capitals = sum(word.shown[0].isupper() for word in words)
    if len(words) > 2 and capitals * 2 > len(words) + 1:
        return  # a Title or ALL CAPITALS
    for word in words:
        is_common = word.is_function or word.plain in _NO_NAMES or currency_of(word.plain) is not None
        is_name = word.shown[0].isupper() and not is_common
        if is_name and not _SENTENCE_END.search(unified[: word.start]):
            yield Mark("name", word.key, word.shown)
