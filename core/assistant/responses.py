"""Reads the responses that one file holds."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.assistant.conditions import Condition
from core.assistant.fields import Fields, condition_of, entries_of, location
from core.assistant.models import Button, Response, SlotIs, Variation
from core.yaml.findings import Findings
from core.yaml.nodes import is_null, shown

MOST_VARIATIONS = 1_000
"""Of one response: through aliases, a small file could have millions."""

_KNOWN = (
    *("text", "buttons", "condition", "channel", "image", "custom", "id", "metadata", "translation"),
    *("attachment", "elements", "quick_replies", "button_type", "template", "allow_interruptions"),
)


def read_responses(node: Node, findings: Findings) -> list[Response]:
    """The responses below the key `responses`."""
    return [_read_response(name, key, value, findings) for name, key, value in entries_of(node, "`responses`", findings)]


def _read_response(name: str, key: Node, node: Node, findings: Findings) -> Response:
    variations: list[Variation] = []
    if not isinstance(node, SequenceNode):
        found = "nothing" if is_null(node) else shown(node)
        fix = "Write `- text: …` below it."
        findings.problem(key, f"the response `{name}` must be a list of variations, found", fix, found)
    else:
        if not node.value:
            findings.problem(key, "a response without variations", "Write `- text: …` below it.", name)
        if len(node.value) > MOST_VARIATIONS:
            what = f"the response `{name}` has {len(node.value):,} variations"
            findings.problem(key, what, f"At most {MOST_VARIATIONS:,} are allowed.")
        for item in node.value[:MOST_VARIATIONS]:
            if isinstance(item, MappingNode):
                variations.append(_read_variation(Fields(item, findings, _KNOWN)))
            else:
                fix = "Write `- text: …`."
                findings.problem(item, "a variation must be a mapping of keys, found", fix, shown(item))
    return Response(name, tuple(variations), location(key, findings))


def _read_variation(fields: Fields) -> Variation:
    metadata = fields.mapping("metadata")
    return Variation(
        fields.text("text"),
        location(fields.node, fields.findings),
        buttons=tuple(_read_button(button) for button in fields.mappings("buttons")),
        condition=_read_condition(fields),
        channel=fields.text("channel"),
        image=fields.text("image"),
        custom=fields.plain("custom"),
        is_jinja=metadata is not None and metadata.plain("template") == "jinja",
        is_rephrased=metadata is not None and metadata.plain("rephrase") is True,
    )


def _read_button(fields: Fields) -> Button:
    """A button without a payload, such as one that opens a page, sends nothing."""
    return Button(fields.required_text("title", "a button") or "", fields.text("payload") or "")


def _read_condition(fields: Fields) -> Condition | tuple[SlotIs, ...] | None:
    """A predicate, or the older list of `{type: slot, name: …, value: …}`."""
    node = fields.values.get("condition")
    if node is None:
        return None
    if isinstance(node, ScalarNode):
        return condition_of(node, "condition", fields.findings)
    slots = []
    for item in fields.mappings("condition", ("type", "name", "value")):
        kind, name = item.text("type"), item.required_text("name", "a condition")
        if kind not in (None, "slot"):
            item.findings.problem(
                item.values["type"], "a condition can only be of type `slot`, found", "Write `slot`.", kind or ""
            )
        if name is not None:
            slots.append(SlotIs(name, item.plain("value")))
    return tuple(slots)
