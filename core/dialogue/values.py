"""Slot values as commands and buttons write them, brought to the slot's type; and which values a slot cannot hold.

What custom actions set is taken as it is: only texts are converted (see the reference's page on slots).
"""

from __future__ import annotations

import re
from typing import Any, Final

from core.assistant.models import Slot, SlotType

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
# "4,000" is four thousand only with whole groups of three; "4,5" stays text.
_NUMBER: Final = re.compile(r"[+-]?(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,300})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_REFUSALS: Final = {
    SlotType.CATEGORICAL: "utter_categorical_slot_rejection",
    SlotType.BOOL: "utter_boolean_slot_rejection",
    SlotType.FLOAT: "utter_float_slot_rejection",
}


def coerced(slot: Slot, value: str | None) -> Any:
    """The value in the slot's type: `"500"` is 500.0 for a float slot, `"LOW"` the listed `low` for a categorical one.

    A text that the type cannot hold stays as it is, and `refusal` finds it.
    """
    if value is None or slot.type is SlotType.TEXT:
        return value
    text = value.strip()
    if slot.type is SlotType.BOOL:
        return _BOOLEANS.get(text.lower(), value)
    if slot.type is SlotType.FLOAT:
        return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else value
    if slot.type is SlotType.CATEGORICAL:
        return _listed(slot, text) or value
    return value


def refusal(slot: Slot, value: Any) -> str | None:
    """The response that refuses a value of the wrong type, None if the slot can hold it."""
    if slot.type is SlotType.CATEGORICAL:
        is_wrong = _listed(slot, str(value)) is None
    elif slot.type is SlotType.BOOL:
        is_wrong = isinstance(value, str) and value.strip().lower() not in _BOOLEANS
    elif slot.type is SlotType.FLOAT:
        is_wrong = isinstance(value, str) and not _NUMBER.fullmatch(value.strip())
    else:
        return None
    return _REFUSALS[slot.type] if is_wrong else None


def _listed(slot: Slot, text: str) -> str | None:
    """The listed value that `text` is, its case ignored; a value that matches in case goes first."""
    if text in slot.values:
        return text
    folded = text.casefold()
    return next((value for value in slot.values if value.casefold() == folded), None)
