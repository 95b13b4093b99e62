"""Reads the parts of a domain that one file holds: slots, names of actions and intents, session settings."""

from __future__ import annotations

from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from core.assistant.fields import Fields, entries_of, location, mapping_of
from core.assistant.models import Rejection, Slot, SlotType
from core.yaml.findings import Findings, did_you_mean
from core.yaml.nodes import is_null, items_of, shown

_KNOWN = (
    *("type", "values", "initial_value", "mappings", "validation", "shared_for_coexistence", "influence_conversation"),
    *("min_value", "max_value", "auto_fill", "description", "metadata", "is_builtin"),
)
_MAPPINGS = (
    *("from_llm", "controlled", "custom", "from_entity", "from_intent", "from_trigger_intent", "from_text"),
    *("from_form", "llm"),
)


def read_slots(node: Node, findings: Findings) -> list[Slot]:
    """The slots below the key `slots`."""
    return [_read_slot(name, key, value, findings) for name, key, value in entries_of(node, "`slots`", findings)]


def read_names(node: Node, what: str, findings: Findings) -> frozenset[str]:
    """The names in a list such as `actions` or `intents`, where an item may be a mapping of a name to its options."""
    names = set()
    for item in items_of(node, what, findings):
        found = item
        if isinstance(item, MappingNode) and item.value:
            found = item.value[0][0]
        if isinstance(found, ScalarNode) and found.value.strip():
            names.add(found.value.strip())
        else:
            findings.problem(item, f"an item of `{what}` must be a name, found", "Write `- name`.", shown(item))
    return frozenset(names)


def read_session(node: Node, findings: Findings) -> dict[str, Any]:
    """`session_config` as plain data."""
    fields = mapping_of(node, "`session_config`", findings)
    return {name: fields.plain(name) for name in fields.values} if fields is not None else {}


def _read_slot(name: str, key: Node, node: Node, findings: Findings) -> Slot:
    where = location(key, findings)
    fields = mapping_of(node, f"the slot `{name}`", findings, _KNOWN)
    if fields is None:
        if is_null(node):
            findings.problem(key, "a slot without a type", "Add `type: text`, or another type.", name)
        return Slot(name, SlotType.ANY, where)
    mappings = fields.mappings("mappings")
    validation = fields.mapping("validation", ("rejections", "refill_utter"))
    rejections: tuple[Rejection, ...] = validation.rejections("rejections") if validation is not None else ()
    kinds = tuple(kind for mapping in mappings if (kind := _mapping_type(mapping)) is not None)
    return Slot(
        name,
        _type(fields, name, key),
        where,
        values=_values(fields),
        initial_value=fields.plain("initial_value"),
        mappings=kinds or ("from_llm",),
        allow_nlu_correction=any(mapping.flag("allow_nlu_correction", False) for mapping in mappings),
        rejections=rejections,
        refill_utter=validation.text("refill_utter") if validation is not None else None,
        shared_for_coexistence=fields.flag("shared_for_coexistence", False),
    )


def _type(fields: Fields, name: str, key: Node) -> SlotType:
    """A slot of a type of the project's own, or of one that only stories know, holds anything."""
    node = fields.values.get("type")
    text = fields.text("type")
    if node is None:
        fields.findings.problem(key, "a slot without a type", "Add `type: text`, or another type.", name)
        return SlotType.ANY
    known = [kind.value for kind in SlotType]
    if text in known:
        return SlotType(text)
    if text is not None and "." not in text and text != "unfeaturized":
        fields.findings.problem(node, "unknown slot type", did_you_mean(text, known), text)
    return SlotType.ANY


def _values(fields: Fields) -> tuple[str, ...]:
    """The values of a categorical slot, as the file writes them: `True` and `1` are texts here."""
    values = []
    for item in fields.items("values"):
        if isinstance(item, ScalarNode):
            values.append(item.value)
        else:
            fix = "Write one value an item."
            fields.findings.problem(item, "a value must be a single text, found", fix, shown(item))
    return tuple(values)


def _mapping_type(mapping: Fields) -> str | None:
    kind = mapping.required_text("type", "a mapping")
    if kind is not None and kind not in _MAPPINGS:
        mapping.findings.warning(mapping.values["type"], "unknown mapping type", did_you_mean(kind, _MAPPINGS[:-2]), kind)
    return kind
