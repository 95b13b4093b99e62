"""Numbers and sums of money as people write them: digits, words, `4k`, `$50`, `50 euros`, `2 million`, 三百, 两百五, 两件."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from core.validation.words import unify

_BELOW_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_COUNTS: Final = {"pair": 2, "couple": 2, "both": 2, "dozen": 12}
_FROM_TWENTY: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS: Final = {word: number for number, word in enumerate(_BELOW_TWENTY.split())}
_TENS: Final = {word: 10 * number for number, word in enumerate(_FROM_TWENTY.split(), start=2)}
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_HAN_DIGITS: Final = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "两": 2, "俩": 2, "仨": 3, "〇": 0}
_HAN_SCALES: Final = {"十": 10, "百": 100, "千": 1_000}
_HAN_GROUPS: Final = {"万": 10_000, "亿": 100_000_000}
_BANK_DIGITS: Final = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟貳參陸萬億兩", "一二三四五六七八九十百千二三六万亿两")
"""The forms that cannot be altered by a stroke, of banks and receipts, and traditional ones."""
_COUNTERS: Final = "个個件份台张張只条條本瓶箱双盒杯位名次人笔单套"
_SUFFIXES: Final = {
    "k": 1_000, "m": 1_000_000, "mio": 1_000_000, "bn": 1_000_000_000, "千": 1_000, "万": 10_000, "亿": 100_000_000,
    **_SCALES,
}  # fmt: skip
# A symbol for each currency, however it is written. Symbols shared by several (kr) stay as they are.
_CURRENCIES: Final = {
    **dict.fromkeys(("$", "usd", "us$", "dollar", "dollars", "buck", "bucks", "美元", "美金"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros", "欧元"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds", "quid", "sterling", "英镑"), "GBP"),
    **dict.fromkeys(("chf", "fr.", "franken", "francs", "franc"), "CHF"),
    **dict.fromkeys(("¥", "cny", "rmb", "yuan", "元", "块", "块钱", "人民币"), "CNY"),
    **dict.fromkeys(("jpy", "yen", "円", "日元"), "JPY"),
    **dict.fromkeys(("₹", "inr", "rupee", "rupees"), "INR"),
}
_MARKS: Final = "|".join(sorted((re.escape(mark) for mark in _CURRENCIES), key=len, reverse=True))
_AMOUNT: Final = re.compile(
    rf"(?P<before>{_MARKS})?\s*(?P<number>[+-]?[\d.,'\u00a0\u202f ]*\d)\s*(?P<suffix>{'|'.join(_SUFFIXES)})?\s*"
    rf"(?P<after>{_MARKS})?",
    re.I,
)
_CENTS: Final = re.compile(
    r"(?P<whole>[\w -]+?) ?(?P<mark>euros?|dollars?|pounds?|francs?) (?:and )?(?P<cents>[\w-]+)(?: cents)?"
)
_SMALL_COINS: Final = re.compile(r"(?P<count>[\w.]+) ?(?:cents?|pence|¢|美分)")
_MINUS: Final = re.compile(r"(?:minus|negative) (?=[a-z])|负(?=[零〇一二两三四五六七八九十百千万半\d])")
_HALVES: Final = re.compile(r"(?:(?P<whole>[\w ]+?) and )?(?:(?:a|one) )?half|半")
_LONGEST: Final = 80
"""Characters: what is longer is no number that anybody says."""
_WORDED: Final = re.compile(
    rf"(?P<words>[a-z][a-z -]*?|[零〇一二两俩仨三四五六七八九十百千万亿]+)"
    rf"(?:\s*(?P<after>{_MARKS})|(?<=[一-龥])[{_COUNTERS}])?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """`currency`: its ISO code, or None if none is said."""

    number: Decimal
    currency: str | None = None


@lru_cache(maxsize=8192)
def read_amount(text: str) -> Amount | None:
    """The number or sum that the whole text is; None if it is anything else. `007` and phone numbers are no amounts."""
    plain = unify(text).strip().rstrip(".").casefold()
    if len(plain) > _LONGEST:
        return None
    return _read(plain.translate(_BANK_DIGITS))


def _read(plain: str) -> Amount | None:
    if (minus := _MINUS.match(plain)) is not None:
        positive = _read(plain[minus.end() :])
        return None if positive is None else Amount(-positive.number, positive.currency)
    match = _AMOUNT.fullmatch(plain.rstrip(_COUNTERS) if plain[:1].isdigit() else plain)
    if match is not None:
        number = _digits(match["number"].strip())
        if number is None:
            return None
        scale = _SUFFIXES.get(match["suffix"] or "", 1)
        return Amount(number * scale, _CURRENCIES.get(match["before"] or match["after"] or ""))
    if (parts := _CENTS.fullmatch(plain)) is not None:
        whole, cents = _read(parts["whole"]), _read(parts["cents"])
        if whole is not None and cents is not None and 0 < cents.number < 100:
            return Amount(whole.number + cents.number / 100, _CURRENCIES.get(parts["mark"]))
    if (coins := _SMALL_COINS.fullmatch(plain)) is not None:
        count = _read(coins["count"])
        return None if count is None else Amount(count.number / 100)
    if (half := _HALVES.fullmatch(plain)) is not None:
        below = 0 if half["whole"] is None else read_number_words(half["whole"])
        return None if below is None else Amount(below + Decimal("0.5"))
    worded = _WORDED.fullmatch(plain)
    if worded is None:
        return None
    value = read_number_words(worded["words"])
    return None if value is None else Amount(Decimal(value), _CURRENCIES.get(worded["after"] or ""))


def read_number_words(text: str) -> int | None:
    """`two hundred and fifty` → 250, 三百 → 300; None if a word is no number word."""
    if all(c in _HAN_DIGITS or c in _HAN_SCALES or c in _HAN_GROUPS for c in text) and text:
        return _han(text)
    words = [word for word in re.split(r"[\s-]+", text.casefold()) if word and word != "and"]
    if not words:
        return None
    total, current = 0, 0
    for place, word in enumerate(words):
        if word in _UNITS or word in _TENS:
            value = _UNITS.get(word, _TENS.get(word, 0))
            if place and not _fits_behind(current, value, words[place - 1]):
                return None
            current += value
        elif word in _COUNTS:
            current = max(current, 1) * _COUNTS[word]
        elif word == "a" and place + 1 < len(words) and (words[place + 1] in _SCALES or words[place + 1] in _COUNTS):
            current += 1
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
        else:
            return None
    return total + current


def _fits_behind(number: int, value: int, word: str) -> bool:
    """`five` behind `twenty` and `twelve` behind `hundred`; `five five` and `ten five` are digits in a row."""
    room = number % (10 if value < 10 else 100) == 0
    return room and not 10 <= number % 100 < 20 and word != "zero"


def spelled_digits(text: str) -> str | None:
    """`five oh five` → `505`, at least three; None for anything else. 五零五 is read as a number."""
    words = re.split(r"[\s,-]+", text.casefold())
    digits = ["0" if word in ("o", "oh") else str(_UNITS.get(word, "")) for word in words]
    return "".join(digits) if len(digits) > 2 and all(len(digit) == 1 for digit in digits) else None


def currency_of(word: str) -> str | None:
    """The ISO code of a currency's name or symbol in lower case."""
    return _CURRENCIES.get(word)


def _digits(text: str) -> Decimal | None:
    """`4,000`, `4.000,50`, `4 000`, `4'000`: a comma before three digits groups, a point does so only after other groups."""
    sign = -1 if text.startswith("-") else 1
    body = re.sub(r"[\s\u00a0\u202f']", "", text.lstrip("+-"))
    if re.fullmatch(r"0\d+", body):
        return None  # a code
    if re.search(r"[.,]", body):
        whole, mark, rest = re.fullmatch(r"(.*)([.,])(\d*)", body).groups()  # type: ignore[union-attr]
        groups = re.split(r"[.,]", whole)
        if any(len(group) != 3 for group in groups[1:]) or (len(groups) > 1 and not 1 <= len(groups[0]) <= 3):
            return None  # a version, a date, a list
        is_grouped = len(rest) == 3 and 1 <= len(groups[0]) <= 3 and (mark == "," or len(groups) > 1)
        body = "".join(groups) + ("" if is_grouped else ".") + rest
    elif re.fullmatch(r"\d{1,3}( \d{3})+", text) is None and re.search(r"\d \d", text):
        return None  # digits in groups of their own: a phone or card number
    try:
        return sign * Decimal(body)
    except InvalidOperation:
        return None


def _han(text: str) -> int | None:
    if all(c in _HAN_DIGITS for c in text):
        return int("".join(str(_HAN_DIGITS[c]) for c in text))
    total, section, digit, scale = 0, 0, 0, 1
    for character in text:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
            scale = scale if digit else 1  # after a zero the next digit counts ones
        elif character in _HAN_SCALES:
            scale = _HAN_SCALES[character]
            section += (digit or 1) * scale
            digit = 0
        else:
            scale = _HAN_GROUPS[character]
            total += max(section + digit, 1) * scale
            section = digit = 0
    # 两百五 is 250, and 三万五 is 35,000; 十五 is 15.
    return total + section + digit * (scale // 10 if scale > 10 else 1)
