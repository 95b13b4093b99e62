"""What a template may do: it comes with an assistant that somebody else wrote."""

from __future__ import annotations

import pytest
from jinja2.exceptions import SecurityError

from core.prompts.environment import environment


def rendered(source: str) -> str:
    return environment().from_string(source).render(text="abc", numbers=[1, 2])


@pytest.mark.parametrize(
    "expression", ["'a' * 10 ** 9", "text * 999999999", "9999999 * numbers", "10 ** (10 ** 8)", "(text * 1000) * 1000"]
)
def test_one_expression_cannot_fill_the_memory(expression: str) -> None:
    with pytest.raises(SecurityError, match="1,000,000"):
        rendered(f"{{{{ {expression} }}}}")


def test_products_of_a_usual_size_are_worked_out() -> None:
    assert rendered("{{ '-' * 3 }}{{ 2 ** 10 }}{{ 6 * 7 }}{{ numbers * 2 }}") == "---102442[1, 2, 1, 2]"


@pytest.mark.parametrize(
    "expression",
    ["text.__class__", "text.__class__.__mro__", "numbers.append.__globals__", "''.__class__.__base__.__subclasses__()"],
)
def test_the_interpreter_is_out_of_reach(expression: str) -> None:
    try:
        found = rendered(f"{{{{ {expression} }}}}")
    except SecurityError:
        return
    assert found == ""


def test_the_filter_of_newer_templates_prints_json() -> None:
    assert rendered("{{ none | to_json_escaped_string }} {{ '你\"' | to_json_escaped_string }}") == 'null "你\\""'
