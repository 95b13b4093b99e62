"""Keys and passwords do not reach what is shown."""

from __future__ import annotations

import pytest

from core.llm.masking import masked, password_of

KEY = "sk-secret-0123456789"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"Incorrect API key provided: {KEY}. See {KEY}", "Incorrect API key provided: ***. See ***"),
        ("a long message cut off in sk-secret-01234…", "a long message cut off in ***…"),
        ("http://ada:pass@host/v1 has no model `m`", "http://***@host/v1 has no model `m`"),
        ("`http://ada:pa/ss@host/v1` is no address", "`http://***@host/v1` is no address"),
        (
            "https://host/v1 has no model `@cf/meta/llama`; mail ada@host",
            "https://host/v1 has no model `@cf/meta/llama`; mail ada@host",
        ),
    ],
)
def test_a_text_without_its_secrets(text: str, clean: str) -> None:
    assert masked(text, KEY, None) == clean


def test_a_key_that_is_a_word_of_answers_too_is_left() -> None:
    assert masked("the answer is EMPTY", "EMPTY", "") == "the answer is EMPTY"


@pytest.mark.parametrize(
    ("url", "password"),
    [("http://ada:p%40ss@host/v1", "p@ss"), ("http://host:8000/v1", None), ("http://ada@host/v1", None), ("", None)],
)
def test_the_password_of_an_address(url: str, password: str | None) -> None:
    assert password_of(url) == password
