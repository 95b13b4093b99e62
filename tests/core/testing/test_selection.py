"""PATH, `file::name`, and -k expressions."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from core.testing.selection import Selector, parse_keyword, parse_selector


def test_a_selector_is_a_path_and_perhaps_a_name() -> None:
    assert parse_selector("e2e/a.yml") == Selector(Path("e2e/a.yml"))
    assert parse_selector("e2e/a.yml::pays a bill") == Selector(Path("e2e/a.yml"), "pays a bill")
    assert parse_selector("e2e::ask::twice") == Selector(Path("e2e"), "ask::twice")


def test_a_file_whose_name_holds_the_separator_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a::b.yml"
    path.write_text("")
    assert parse_selector(str(path)) == Selector(path)


TEXT = "e2e/loans.yml::Renews a loan for Two weeks"


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("loans", True),
        ("two weeks", True),
        ("TWO  WEEKS", True),
        ("weeks two", False),
        ("loans and two", True),
        ("loans and not two", False),
        ("not cards", True),
        ("cards or renews", True),
        ("not (cards or renews)", False),
        ("cards or renews and cards", False),
        ("(cards or renews) and loan", True),
        ("not not loans", True),
        ("renews a loan and not zh", True),
        ("order", False),
    ],
)
def test_keyword_expressions(expression: str, holds: bool) -> None:
    assert parse_keyword(expression)(TEXT) is holds


@pytest.mark.parametrize("expression", ["and", "a and", "(a", "a)", "not", "a or or b", "()", "not a (b)"])
def test_an_incomplete_expression_is_named(expression: str) -> None:
    with pytest.raises(UsageError, match="-k"):
        parse_keyword(expression)
