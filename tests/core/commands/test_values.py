"""Quoting and reading slot values."""

from __future__ import annotations

import pytest
from hypothesis import given

from core.commands.values import quote, read_value, strip_quotes
from tests.core.commands.strategies import untidy_texts


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("plain", "plain"),
        ("  two words ", "two words"),
        ("'30 Pine Road'", "30 Pine Road"),
        ('"quoted"', "quoted"),
        ("`ticked`", "ticked"),
        ("“typographic”", "typographic"),
        ("'it's fine'", "it's fine"),
        (r"'it\'s'", "it's"),
        (r"O\'Brien", "O'Brien"),
        (r'"two\nlines\tand \\"', "two\nlines\tand \\"),
        (r'"\u00e9\ud83d\ude00"', "é😀"),
        ('""', ""),
        ("@foo", "@foo"),
        ("王小明", "王小明"),
    ],
)
def test_reads_values_as_models_write_them(raw: str, value: str) -> None:
    assert read_value(raw) == value


@pytest.mark.parametrize("raw", ["'a' or 'b'", '6"', "5'", "'tis", '"open', "“a” or “b”", r"C:\dir", "'"])
def test_quotes_and_backslashes_of_the_value_itself_stay(raw: str) -> None:
    assert read_value(raw) == raw


def test_unknown_escapes_and_half_characters_stay_as_written() -> None:
    assert read_value(r'"C:\dir"') == r"C:\dir"
    assert read_value(r'"half \ud83d"') == r"half \ud83d"


@pytest.mark.parametrize("word", ["None", "null", "undefined", " None "])
def test_empty_words_are_no_value(word: str) -> None:
    assert read_value(word) is None


@pytest.mark.parametrize("word", ["none", "NULL", "nothing", "None of them"])
def test_other_words_are_values(word: str) -> None:
    assert read_value(word) == word


def test_empty_words_in_quotes_are_text() -> None:
    assert read_value('"None"') == "None"


def test_only_one_pair_of_quotes_goes() -> None:
    assert strip_quotes("\"'x'\"") == "'x'"


@given(untidy_texts)
def test_quote_and_read_are_inverse(value: str) -> None:
    quoted = quote(value)
    assert read_value(quoted) == value
    assert len(quoted.splitlines()) == 1
