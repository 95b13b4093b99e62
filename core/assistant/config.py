"""Reads `config.yml` (the command generator, the language) and `endpoints.yml` (where actions run)."""

from __future__ import annotations

from yaml.nodes import Node

from core.assistant.fields import Fields, mapping_of
from core.assistant.models import CommandGenerator
from core.yaml.findings import Findings
from core.yaml.nodes import items_of, shown

_OWN_KEYS = frozenset({"prompt", "prompt_template", "flow_retrieval"})
_LONGEST_MESSAGE = CommandGenerator().max_characters


def read_generator(node: Node, findings: Findings) -> CommandGenerator | None:
    """The command generator among the components below the key `pipeline`, None if there is none.

    It is known by the end of its name (a project's own class too), or by keys that only it has.
    """
    for item in items_of(node, "pipeline", findings):
        component = mapping_of(item, "a component", findings)
        if component is None:
            continue
        name = component.text("name") or ""
        if name.endswith("CommandGenerator") or component.values.keys() & _OWN_KEYS:
            return _read(name, component)
    return None


def _read(name: str, component: Fields) -> CommandGenerator:
    retrieval = component.mapping("flow_retrieval")
    user_input = component.mapping("user_input")
    return CommandGenerator(
        name=name or None,
        prompt_template=component.text("prompt_template") or component.text("prompt"),
        max_characters=_longest_message(user_input),
        flow_retrieval=retrieval.flag("active", True) if retrieval is not None else True,
        include_date_time=component.flag("include_date_time", True),
        timezone=component.text("timezone") or "UTC",
    )


def _longest_message(user_input: Fields | None) -> int:
    """In characters; negative: no limit, as the reference has it."""
    if user_input is None or "max_characters" not in user_input.values:
        return _LONGEST_MESSAGE
    value = user_input.plain("max_characters")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    node = user_input.values["max_characters"]
    user_input.findings.problem(node, "`max_characters` must be a whole number, found", "Write e.g. `420`.", shown(node))
    return _LONGEST_MESSAGE


def read_action_endpoint(node: Node, findings: Findings) -> str | None:
    """The address of the action server; None where actions run in the assistant's own process."""
    fields = mapping_of(node, "`action_endpoint`", findings)
    return fields.text("url") if fields is not None else None
