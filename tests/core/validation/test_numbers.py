"""Numbers and money as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.validation.numbers import Amount, read_amount, read_number_words


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("4000", "4000", None),
        ("4,000", "4000", None),
        ("4.000,50", "4000.50", None),
        ("1'200", "1200", None),
        ("-5", "-5", None),
        ("4.5", "4.5", None),
        ("4k", "4000", None),
        ("3万", "30000", None),
        ("four thousand", "4000", None),
        ("two hundred and fifty", "250", None),
        ("twenty-one", "21", None),
        ("a hundred", "100", None),
        ("三百二十", "320", None),
        ("$50", "50", "USD"),
        ("50 bucks", "50", "USD"),
        ("fifty euros", "50", "EUR"),
        ("€1,200.50", "1200.50", "EUR"),
        ("50 000 CHF", "50000", "CHF"),
        ("50块钱", "50", "CNY"),
        ("20 cents", "0.2", None),
        ("负五", "-5", None),
        ("三万五", "35000", None),
        ("三万零五", "30005", None),
        ("半", "0.5", None),
    ],
)
def test_an_amount_is_read_from_digits_and_words(text: str, number: str, currency: str | None) -> None:
    assert read_amount(text) == Amount(Decimal(number), currency)


@pytest.mark.parametrize(
    "text",
    ["", "Basel", "007", "555 1234", "4 of 5", "100%", "12:30", "1.2.3", "one Basel", "five five", "ten five", "9" * 200],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert read_amount(text) is None


def test_chinese_digits_side_by_side_are_read_one_by_one() -> None:
    assert read_number_words("二零二六") == 2026
    assert read_number_words("一万两千") == 12000
