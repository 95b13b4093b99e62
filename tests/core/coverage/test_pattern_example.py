"""Texts that regular expressions match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coverage.pattern_example import example_of


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^[0-9]{6}$", "111111"),
        (r"\d{3}-\d+", "111-1"),
        (r"(?i)^(yes|no)\b", "yes"),
        (r".*order.*", "order"),
        (r"^[A-Z]{2}\w+\s?$", "AAa"),
        (r"[^a1]", "A"),
        (r"^[x-z]?q$", "q"),
        (r"^[x-z]q$", "xq"),
        (r"^\S+@\S+\.\w{2,}$", "a@a.aa"),
        (r"", ""),
    ],
)
def test_examples_are_plain(pattern: str, text: str) -> None:
    assert example_of(pattern) == text


@pytest.mark.parametrize("pattern", ["[", r"(a)\1", "(?=b)a", "a{500}", "(?!a)b" * 2])
def test_what_cannot_be_worked_out_gives_none(pattern: str) -> None:
    found = example_of(pattern)
    assert found is None or re.search(pattern, found)


@given(st.text(max_size=12))
def test_an_example_always_matches(pattern: str) -> None:
    found = example_of(pattern)
    assert found is None or re.search(pattern, found)
