"""Builds a template's variables from the facts found while its output was matched."""

from __future__ import annotations

import ast
from typing import Any

from core.prompts.inversion_facts import Facts
from core.prompts.inversion_program import Key
from core.prompts.recorded import RecordedCalls

_FLOW = ("name", "description", "slots")
_SLOT = ("name", "description", "allowed_values")
_MAYBE_NONE = {"description", "current_slot", "current_slot_description", "current_slot_type", "type"}
_VALUES = {"allowed_values", "current_slot_allowed_values"}


class ContradictionError(Exception):
    """The facts do not describe variables that can exist: a text with attributes, for instance."""


def build_variables(facts: Facts) -> dict[str, Any]:
    """The variables as the prompt showed them; what it did not show is absent, or as Rasa has it when there is none."""
    root: dict[str, Any] = {}
    for key, count in sorted(facts.counts.items(), key=lambda item: len(item[0])):
        _put(root, key, [{} for _ in range(count)])
    calls: dict[Key, dict[Any, str]] = {}
    for key, value in facts.values.items():
        if isinstance(key[-1], tuple):
            calls.setdefault(key[:-1], {})[key[-1]] = value
        else:
            _put(root, key, value)
    for key, answers in calls.items():
        _put(root, key, RecordedCalls(answers))
    for about, when_true, when_false in ((facts.truth, True, None), (facts.none, None, True)):
        for key, outcome in about.items():
            if key not in facts.values and key not in facts.counts and not _has(root, key):
                _put(root, key, when_true if outcome else when_false)
    _complete(root)
    return root


def lift(value: Any, name: str = "") -> Any:
    """The same variables with printed Python values turned back: `['card', 'cash']` to a list, `None` to None."""
    if isinstance(value, dict):
        return {key: lift(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [lift(item) for item in value]
    if isinstance(value, str):
        if value == "None" and (name in _MAYBE_NONE or name in _VALUES):
            return None
        if name in _VALUES and value.startswith("["):
            return _literal(value)
    return value


def _literal(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if str(value) == text else text


def _parent(root: dict[str, Any], key: Key) -> Any:
    at: Any = root
    for part in key[:-1]:
        if isinstance(at, list) and isinstance(part, int) and part < len(at):
            at = at[part]
        elif isinstance(at, dict):
            at = at.setdefault(part, {})
        else:
            raise ContradictionError
    return at


def _put(root: dict[str, Any], key: Key, value: Any) -> None:
    parent, name = _parent(root, key), key[-1]
    if isinstance(parent, dict):
        if isinstance(parent.get(name), dict) and parent[name]:
            raise ContradictionError
        parent[name] = value
    elif isinstance(parent, list) and isinstance(name, int) and name < len(parent) and not parent[name]:
        parent[name] = value
    else:
        raise ContradictionError


def _has(root: dict[str, Any], key: Key) -> bool:
    at: Any = root
    for part in key:
        try:
            at = at[part]
        except (LookupError, TypeError):
            return False
    return True


def _complete(root: dict[str, Any]) -> None:
    """Adds what Rasa always passes and this prompt did not need to show, in Rasa's order."""
    flows = root.get("available_flows")
    root["available_flows"] = [_filled(flow, _FLOW) for flow in flows] if isinstance(flows, list) else []
    slots = root.get("flow_slots")
    root["flow_slots"] = [_filled(slot, _SLOT) for slot in slots] if isinstance(slots, list) else []
    for flow in root["available_flows"]:
        if isinstance(flow, dict):
            flow["slots"] = [_filled(slot, _SLOT) for slot in flow["slots"] or ()]
    for name in ("current_flow", "current_slot", "current_slot_description"):
        root.setdefault(name, None)


def _filled(item: Any, names: tuple[str, ...]) -> Any:
    return {**dict.fromkeys(names), **item} if isinstance(item, dict) else item
