"""Whether two slot values mean the same: the same text, another wording of it, nearly it, or something else.

| kind of value | another wording (equivalent)                        | nearly (a person decides)            |
| ------------- | --------------------------------------------------- | ------------------------------------ |
| any           | case, blanks, accents, surrounding punctuation       | one contains the other, or few letters differ |
| number, money | `4k` `4,000` `four thousand`; `$50` `50 dollars` `50` |                                      |
| date, time    | `tomorrow` = `2026-11-22` by the prompt's clock       | only one says the time; "next friday" |
| share, rank   | `10%` `ten percent`; `second` `2nd`                   | `10%` and `10`; `first` and `1`      |
| period        | `monthly` `every month` 每月                           |                                      |
| boolean       | yes, sure, 是 = true in a bool slot                   | words that are neither               |
| categorical   | blanks, `_` and `-`; yes = true where the slot has it | a value that the slot does not allow |
| telephone     | brackets, dots, blanks; `+` and `00`                  |                                      |
| handle, address, code | case; `a at b dot com`                      |                                      |

Numbers, handles and codes are never near another: each character is a part of what they say. But where only one side can be
read (a number, a day, yes or no) and the other is words, a person decides: `soon` may be `2026-11-22`.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Final

from rapidfuzz import fuzz

from core.commands.compare import SlotKind, normalise
from core.commands.values import strip_quotes
from core.validation.dates import looks_like_date, near_moment, read_moment, same_moment
from core.validation.models import SlotFacts
from core.validation.numbers import read_amount, spelled_digits
from core.validation.value_forms import leading_amount, period_of, rank_of, same_phone, share_of, spoken_address
from core.validation.word_lists import listed
from core.validation.words import is_unspaced, unify, without_marks


class Likeness(IntEnum):
    """From most to least alike."""

    EQUAL = 0
    EQUIVALENT = 1
    NEAR = 2
    DIFFERENT = 3


YES: Final = listed(
    "true yes y yeah yep yup ok okay sure correct right affirmative confirm confirmed agree agreed definitely absolutely 1 on"
    " certainly totally exactly indeed"
    " ja oui sí si sim da tak evet так да 是 是的 对 对的 好 好的 可以 确认 行 嗯 成 没错 当然 同意 没问题 はい 네"
) | {
    "of course",
    "by all means",
    "go ahead",
    "please do",
    "why not",
    "no doubt",
    "without doubt",
    "without a doubt",
    "no problem",
}
NO: Final = listed(
    "false no n nope nah negative incorrect wrong deny denied never disagree 0 off nein non não nee nej nie hayır нет ні"
    " 否 不 不是 不对 不用 不要 不行 不可以 不必 不了 没有 没 别 算了 不同意 拒绝 いいえ 아니요"
) | {"not really", "no way", "of course not", "certainly not", "absolutely not", "definitely not", "not at all", "never mind"}
_POLITE: Final = re.compile(r"[\s,，]*(?:please|thanks|thank you|thx|sir|madam|谢谢|谢了|[吧啊呀哦啦了的])$")
_NEAR_RATIO: Final = 85.0
_EDGES: Final = " \t.,;:!?\"'()[]，。！？；：、"
_CODE: Final = re.compile(r"[@#]\S+|\S+@\S+\.\S+|\S*\d\S*")
_ARTICLE: Final = re.compile(r"^(?:the|an?) (?=\w)(?!at )")
_NO_FACTS: Final = SlotFacts()


def truth(value: str) -> bool | None:
    """What a word for yes or no says; None for other words."""
    plain = unify(value).casefold().strip(_EDGES)
    if plain not in YES and plain not in NO:
        plain = _POLITE.sub("", plain).strip(_EDGES)
    return True if plain in YES else False if plain in NO else None


def compare_values(expected: str | None, got: str | None, slot: SlotFacts = _NO_FACTS, now: datetime | None = None) -> Likeness:
    """How much alike two values of one slot are; None is an empty slot and only like another. `now`: the prompt's clock."""
    if normalise(expected, slot.kind) == normalise(got, slot.kind):
        return Likeness.EQUAL
    if expected is None or got is None:
        return Likeness.DIFFERENT
    first, second = plain_value(expected), plain_value(got)
    if first == second:
        return Likeness.EQUIVALENT
    if (decided := _by_truth(first, second, slot)) is not None:
        return decided
    if slot.kind is SlotKind.CATEGORICAL and (decided := _by_choice(first, second, slot)) is not None:
        return decided
    if (decided := _by_number(first, second) or _by_form(first, second)) is not None:
        return decided
    if (decided := _by_date(expected, got, now)) is not None:
        return decided
    likeness = _as_text(first, second)
    if likeness is Likeness.DIFFERENT and (
        slot.kind is SlotKind.BOOL or _is_unread(first, second, now) or _is_no_choice(first, second, slot)
    ):
        return Likeness.NEAR
    return likeness


def _as_text(first: str, second: str) -> Likeness:
    if _ungrouped(first) == _ungrouped(second):
        return Likeness.EQUIVALENT
    if _CODE.fullmatch(first) or _CODE.fullmatch(second) or _digits(first) != _digits(second):
        return Likeness.NEAR if _contains(first, second) and not _CODE.fullmatch(first + second) else Likeness.DIFFERENT
    bare_first, bare_second = without_marks(first), without_marks(second)
    if bare_first == bare_second or bare_first.replace(" ", "") == bare_second.replace(" ", ""):
        return Likeness.EQUIVALENT
    if _contains(bare_first, bare_second) or fuzz.token_sort_ratio(bare_first, bare_second) >= _NEAR_RATIO:
        return Likeness.NEAR
    return Likeness.DIFFERENT


def plain_value(value: str) -> str:
    """Lower case, blanks as one, no quotes, article or punctuation around it; signs of handles and negative numbers stay."""
    return _ARTICLE.sub("", " ".join(strip_quotes(unify(value)).casefold().split()).strip(_EDGES))


def _by_truth(first: str, second: str, slot: SlotFacts) -> Likeness | None:
    is_truth_slot = slot.kind is SlotKind.BOOL or {"true", "false"} & {value.casefold() for value in slot.values}
    if not is_truth_slot and not {first, second} & {"true", "false"}:
        return None
    truths = truth(first), truth(second)
    if None in truths:
        return Likeness.NEAR if truths != (None, None) else None
    return Likeness.EQUIVALENT if truths[0] == truths[1] else Likeness.DIFFERENT


def _by_choice(first: str, second: str, slot: SlotFacts) -> Likeness | None:
    first, second = _joined(first), _joined(second)
    if first == second:
        return Likeness.EQUIVALENT
    choices = _choices(slot)
    return Likeness.DIFFERENT if first in choices and second in choices else None


def _is_no_choice(first: str, second: str, slot: SlotFacts) -> bool:
    """One of the values is none that the slot allows, and may stand for the other."""
    choices = _choices(slot) if slot.kind is SlotKind.CATEGORICAL else frozenset()
    return bool(choices) and not (_joined(first) in choices and _joined(second) in choices)


def _choices(slot: SlotFacts) -> frozenset[str]:
    return frozenset(_joined(plain_value(value)) for value in slot.values)


def _joined(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text)


def _is_unread(first: str, second: str, now: datetime | None) -> bool:
    """One side is a number or a day, and the other words that are neither."""
    read = [read_amount(text) is not None or read_moment(text, now) is not None for text in (first, second)]
    other = second if read[0] else first
    return read[0] != read[1] and not any(character.isdigit() for character in other) and not _CODE.fullmatch(other)


def _by_form(first: str, second: str) -> Likeness | None:
    """By what `value_forms` can read."""
    if (shares := (share_of(first), share_of(second))) != (None, None):
        return _of_two(shares, first, second)
    if (ranks := (rank_of(first), rank_of(second))) != (None, None):
        return _of_two(ranks, first, second)
    periods = period_of(first), period_of(second)
    if None not in periods:
        return Likeness.EQUIVALENT if periods[0] == periods[1] else Likeness.DIFFERENT
    if same_phone(first, second) or spoken_address(first) == spoken_address(second):
        return Likeness.EQUIVALENT
    if spelled_digits(first) == second or spelled_digits(second) == first:
        return Likeness.EQUIVALENT
    leading = leading_amount(first), leading_amount(second)
    if None not in leading and leading[0] == leading[1] and (read_amount(first) or read_amount(second)):
        return Likeness.NEAR
    return None


def _of_two(read: tuple[Decimal | int | None, Decimal | int | None], first: str, second: str) -> Likeness | None:
    """Two of one form by their numbers; one of it and a bare number are near if the number is the same."""
    if None not in read:
        return Likeness.EQUIVALENT if read[0] == read[1] else Likeness.DIFFERENT
    number, amount = (read[0], read_amount(second)) if read[1] is None else (read[1], read_amount(first))
    if amount is None:
        return None
    return Likeness.NEAR if amount.number == number else Likeness.DIFFERENT


def _by_number(first: str, second: str) -> Likeness | None:
    amounts = read_amount(first), read_amount(second)
    if amounts[0] is None or amounts[1] is None:
        return None
    if amounts[0].number != amounts[1].number:
        return Likeness.DIFFERENT
    currencies = {amounts[0].currency, amounts[1].currency} - {None}
    return Likeness.DIFFERENT if len(currencies) > 1 else Likeness.EQUIVALENT


def _by_date(expected: str, got: str, now: datetime | None) -> Likeness | None:
    if not looks_like_date(expected) and not looks_like_date(got):
        return None
    first, second = read_moment(expected, now), read_moment(got, now)
    if first is None or second is None:
        return None
    if same_moment(first, second):
        return Likeness.EQUIVALENT
    return Likeness.NEAR if near_moment(first, second) else Likeness.DIFFERENT


def _ungrouped(text: str) -> str:
    """A number of many digits without the blanks and hyphens that people put into it."""
    return re.sub(r"(?<=\d)[ -](?=\d)", "", text) if sum(map(str.isdigit, text)) >= 6 else text


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _contains(first: str, second: str) -> bool:
    """One of them as whole words in the other."""
    short, long = sorted((first, second), key=len)
    if not short:
        return False
    if is_unspaced(short):
        return short in long and len(short) >= 2
    return f" {short} " in f" {long} "
