"""Texts brought to a slot's type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.assistant.models import Slot, SlotType
from core.dialogue.values import coerced, refusal
from core.errors import Location

HERE = Location("domain.yml", 1, 1)


def slot(kind: SlotType, *values: str) -> Slot:
    return Slot("s", kind, HERE, values)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (SlotType.FLOAT, "500", 500.0),
        (SlotType.FLOAT, " 4,000.5 ", 4000.5),
        (SlotType.FLOAT, "-1e3", -1000.0),
        (SlotType.BOOL, "True", True),
        (SlotType.BOOL, "false", False),
        (SlotType.BOOL, "0", False),
        (SlotType.TEXT, " True ", " True "),
        (SlotType.TEXT, "5", "5"),
        (SlotType.ANY, "5", "5"),
        (SlotType.FLOAT, None, None),
    ],
)
def test_texts_take_the_type_of_the_slot(kind: SlotType, text: str | None, value: object) -> None:
    found = coerced(slot(kind), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "value"), [("LOW", "low"), ("Low", "Low"), (" low ", "low"), ("high", "high")])
def test_a_categorical_value_is_the_listed_one(text: str, value: str) -> None:
    assert coerced(slot(SlotType.CATEGORICAL, "low", "Low"), text) == value


@pytest.mark.parametrize(
    ("kind", "value", "response"),
    [
        (SlotType.FLOAT, "4,5", "utter_float_slot_rejection"),
        (SlotType.FLOAT, "nan", "utter_float_slot_rejection"),
        (SlotType.FLOAT, "four", "utter_float_slot_rejection"),
        (SlotType.FLOAT, 4, None),
        (SlotType.BOOL, "yes", "utter_boolean_slot_rejection"),
        (SlotType.BOOL, True, None),
        (SlotType.CATEGORICAL, "medium", "utter_categorical_slot_rejection"),
        (SlotType.CATEGORICAL, "LOW", None),
        (SlotType.TEXT, "anything", None),
        (SlotType.LIST, ["a"], None),
    ],
)
def test_what_a_slot_cannot_hold_is_refused(kind: SlotType, value: object, response: str | None) -> None:
    assert refusal(slot(kind, "low"), value) == response


@given(st.sampled_from(SlotType), st.text())
def test_what_is_taken_is_of_the_slots_type(kind: SlotType, text: str) -> None:
    one = slot(kind, "low", "HIGH")
    value = coerced(one, text)
    if refusal(one, value) is None:
        types = {SlotType.FLOAT: float, SlotType.BOOL: bool}
        assert isinstance(value, types.get(kind, str))
    else:
        assert value == text
