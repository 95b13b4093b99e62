"""Values that have a form of their own: shares, ranks, periods that recur, telephone numbers, addresses as they are spoken.

Each function reads the whole text and gives None for what is not of its form; texts are in lower case.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from core.validation.numbers import Amount, read_amount, read_number_words
from core.validation.words import is_unspaced

_SHARE: Final = re.compile(r"(?P<number>.+?)\s*(?:%|per ?cent|pct)|百分之(?P<han>.+)")
_RANKS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
)
_RANK: Final = re.compile(r"(?P<number>\d+)\s?(?:st|nd|rd|th)|第(?P<han>[\d零一二两三四五六七八九十百]+)[个名次位条项]?")
_PERIODS: Final = {
    **dict.fromkeys(("day", "daily", "天", "日"), "day"),
    **dict.fromkeys(("week", "weekly", "周", "星期"), "week"),
    **dict.fromkeys(("month", "monthly", "月"), "month"),
    **dict.fromkeys(("quarter", "quarterly", "季度", "季"), "quarter"),
    **dict.fromkeys(("year", "yearly", "annual", "annually", "annum", "年", "年度"), "year"),
}
_EACH: Final = re.compile(r"(?:once )?(?:every|each|per|an?) (?:single )?|每一?个?|按|一(?=[天周月年])")
_PHONE: Final = re.compile(r"(?P<plus>\+|00)?(?P<rest>[\d(][\d\s().\-/]*\d)")
_LEAST_PHONE: Final = 7
"""Digits."""
_LONGEST_LEAD: Final = 5
"""Words of a number that stands before something else."""


def share_of(text: str) -> Decimal | None:
    """`10%`, `ten percent`, 百分之十 → 10."""
    match = _SHARE.fullmatch(text)
    amount = None if match is None else read_amount(match["number"] or match["han"])
    return None if amount is None else amount.number


def rank_of(text: str) -> int | None:
    """`second`, `2nd`, 第二 → 2."""
    if text in _RANKS.split():
        return _RANKS.split().index(text) + 1
    match = _RANK.fullmatch(text)
    if match is None:
        return None
    if match["number"] or match["han"].isdecimal():
        return int(match["number"] or match["han"])
    return read_number_words(match["han"])


def period_of(text: str) -> str | None:
    """`monthly`, `every month`, `per month`, 每月 → `month`; the bare word `month`, too."""
    bare = _EACH.sub("", text, count=1) if _EACH.match(text) else text
    return _PERIODS.get(bare)


def phone_of(text: str) -> str | None:
    """The digits of a telephone number, without the sign or the two zeros of an international one."""
    match = _PHONE.fullmatch(text)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match["rest"])
    return digits if len(digits) >= _LEAST_PHONE else None


def same_phone(first: str, second: str) -> bool:
    """Whether both are telephone numbers and one. Zeros in front count unless the other has the sign of their meaning."""
    one, other = phone_of(first), phone_of(second)
    if one is None or other is None or one != other:
        return False
    zeros = [text.startswith("00") for text in (first, second)]
    return all(zeros) or not any(zeros) or first.startswith("+") or second.startswith("+")


def spoken_address(text: str) -> str:
    """`ann at example dot org` → `ann@example.org`; other texts as they are."""
    if " at " not in text or " dot " not in text:
        return text
    written = re.sub(r"\s+dot\s+", ".", re.sub(r"\s+at\s+", "@", text))
    return written if re.fullmatch(r"\S+@\S+\.\S+", written) else text


@lru_cache(maxsize=2048)
def leading_amount(text: str) -> Amount | None:
    """The number that a text without other digits begins with: `2 tickets`, `five people`, 两张票."""
    if is_unspaced(text):
        pieces = [text[:end] for end in range(min(len(text), _LONGEST_LEAD), 0, -1)]
    else:
        words = text.split()
        pieces = [" ".join(words[:end]) for end in range(min(len(words), _LONGEST_LEAD), 0, -1)]
    for piece in pieces:
        amount = read_amount(piece)
        if amount is not None:
            return None if any(character.isdigit() for character in text[len(piece) :]) else amount
    return None
