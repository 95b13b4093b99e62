"""Values that conditions suggest."""

from __future__ import annotations

from typing import Any

import pytest

from core.assistant.conditions import parse_condition
from core.assistant.models import Slot, SlotType
from core.errors import Location
from core.testing.branch_values import ASSUMED_TEXT, assignments, may_hold
from core.testing.response_templates import template_of

SLOTS = {
    name: Slot(name, SlotType(kind), Location("d.yml"), values)
    for name, kind, values in (
        ("t", "text", ()),
        ("b", "bool", ()),
        ("f", "float", ()),
        ("c", "categorical", ("low", "high")),
        ("l", "list", ()),
        ("a", "any", ()),
    )
}


def values(condition: str, **current: Any) -> list[dict[str, Any]]:
    return assignments([parse_condition(condition)], SLOTS, current, SLOTS)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("slots.b", [{"b": True}, {"b": False}]),
        ("not slots.t", [{"t": ASSUMED_TEXT}]),
        ("slots.c", [{"c": "low"}]),
        ("slots.l", [{"l": [ASSUMED_TEXT]}]),
        ("slots.t = 'done'", [{"t": "done"}]),
        ("'done' != slots.t", [{"t": "done"}]),
        ("slots.f > 10", [{"f": 10}, {"f": 11}, {"f": 9}]),
        ("slots.b is false", [{"b": False}, {"b": True}]),
        ("slots.t is null", [{"t": ASSUMED_TEXT}]),
        ('{"x" "y"} contains slots.t', [{"t": "x"}, {"t": "y"}]),
        ("slots.l contains 'x'", [{"l": ["x"]}]),
        ("context.is_reset_only", []),
    ],
)
def test_a_condition_suggests_values(condition: str, expected: list[dict[str, Any]]) -> None:
    assert values(condition) == expected


def test_a_value_the_slot_has_is_not_suggested_and_null_is_where_it_has_one() -> None:
    assert values("slots.t = 'done'", t="done") == [{"t": None}]
    assert values("slots.b", b=True) == [{"b": False}]


def test_a_slot_compared_with_another_gets_values_around_it() -> None:
    assert values("slots.f < slots.a", a=5) == [{"f": 5}, {"f": 6}, {"f": 4}]


def test_two_slots_of_one_condition_are_set_together_after_each_alone() -> None:
    found = values("slots.b and slots.t = 'x'")
    assert found[:3] == [{"b": True}, {"b": False}, {"t": "x"}]
    assert {"b": True, "t": "x"} in found[3:]


def test_only_usable_slots_are_set_and_the_number_is_bounded() -> None:
    many = parse_condition(" or ".join(f"slots.s{number} = 'v{value}'" for number in range(9) for value in range(9)))
    assert assignments([many], {}, {}, []) == []
    assert len(assignments([many], {}, {}, [f"s{number}" for number in range(9)])) <= 40


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("It costs {price} crowns.", "It costs 12 crowns.", {"price": "12"}),
        ("{a} and {b}", "x and y", {"a": "x", "b": "y"}),
        ("{a}, {a}!", "x, x!", {"a": "x"}),
        ("{a}, {a}!", "x, y!", None),
        ("It costs {price} crowns.", "It costs nothing.", None),
        ("a (b) {c}?", "a (b) d?", {"c": "d"}),
    ],
)
def test_a_response_is_read_backwards(template: str, text: str, expected: dict[str, str] | None) -> None:
    read = template_of(template)
    assert read is not None
    assert read.values(text) == expected


@pytest.mark.parametrize("template", ["{a}{b}", "x {a}{b}", "{a} {b} {c} {d} {e}"])
def test_a_response_that_cannot_be_taken_apart_is_left_alone(template: str) -> None:
    assert template_of(template) is None


@pytest.mark.parametrize(
    ("name", "held", "refused"),
    [
        ("t", ["x", ""], [1, True]),
        ("b", [True, False], ["true", 1]),
        ("f", [1, 2.5], [True, "2"]),
        ("c", ["low"], ["mid", True]),
        ("l", [["x"]], ["x"]),
        ("a", ["x", 1, True, {}], []),
    ],
)
def test_a_slot_holds_values_of_its_type_only(name: str, held: list[Any], refused: list[Any]) -> None:
    assert [may_hold(SLOTS[name], value) for value in [*held, *refused]] == [True] * len(held) + [False] * len(refused)
