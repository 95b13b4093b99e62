"""Reads the `steps` of a test case or of an annotated conversation into turns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.conversations.command_check import how_to_mend, not_understood
from core.conversations.models import Rephrasing, Turn, TurnKind, Verdict
from core.yaml.findings import Findings, did_you_mean, nearest
from core.yaml.nodes import (
    fields_of,
    is_null,
    items_of,
    key_node,
    plain,
    shown,
    text_items,
    warn_unknown,
)

_TEXT_KINDS = {"user": TurnKind.USER, "bot": TurnKind.BOT, "utter": TurnKind.UTTER}
_SLOT_KINDS = {"slot_was_set": TurnKind.SLOT_WAS_SET, "slot_was_not_set": TurnKind.SLOT_WAS_NOT_SET}
_KINDS = {**_TEXT_KINDS, **_SLOT_KINDS}
STEP_KINDS = tuple(_KINDS)
# The documentation of the recipe prints `failed_rephrasings`, its files say `failing_rephrasings`.
REPHRASING_KEYS = {
    "passing_rephrasings": Verdict.SAME,
    "failing_rephrasings": Verdict.DIFFERENT,
    "failed_rephrasings": Verdict.DIFFERENT,
}
_NO_SPACE = re.compile(r"(user|bot|utter|slot_was_set|slot_was_not_set):\S")


@dataclass(frozen=True, slots=True)
class StepFormat:
    """What a user step may hold: the key its commands stand under, whether it has rephrasings, and its other keys."""

    commands_key: str
    has_rephrasings: bool
    other_keys: tuple[str, ...]

    @property
    def user_keys(self) -> tuple[str, ...]:
        return ("user", self.commands_key, *(REPHRASING_KEYS if self.has_rephrasings else ()), *self.other_keys)


def read_steps(steps: Node, step_format: StepFormat, findings: Findings) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for step in items_of(steps, "steps", findings):
        # Nearly all steps are one key with a text: this path makes reading as fast as PyYAML alone.
        if isinstance(step, MappingNode) and len(step.value) == 1:
            key, value = step.value[0]
            if isinstance(value, ScalarNode) and isinstance(key, ScalarNode) and key.value in _TEXT_KINDS:
                mark = step.start_mark
                turns.append(Turn(_TEXT_KINDS[key.value], value.value, mark.line + 1, mark.column + 1))
                if value.value == "":
                    _warn_empty(value, key.value, findings)
                continue
        turn = _turn(step, step_format, findings)
        if turn is not None:
            turns.append(turn)
    return tuple(turns)


def _turn(step: Node, step_format: StepFormat, findings: Findings) -> Turn | None:
    if not isinstance(step, MappingNode):
        text = shown(step)
        if _NO_SPACE.match(text):
            findings.problem(step, "no space after the colon", "Write `key: text`.", text)
        else:
            fix = f"Write it as one of {_key_list()} and a text."
            findings.problem(step, "a step must be a key and a text, found", fix, text)
        return None
    fields = fields_of(step, findings)
    names = [name for name in fields if name in _KINDS]
    if len(names) != 1:
        _report_kind(step, names, fields, step_format, findings)
        return None
    name, kind = names[0], _KINDS[names[0]]
    mark = step.start_mark
    line, column = mark.line + 1, mark.column + 1
    if name in _SLOT_KINDS:
        warn_unknown(step, (name,), findings)
        extra = {key: plain(value, findings) for key, value in fields.items()}
        return Turn(kind, "", line, column, extra=extra)
    value = fields.pop(name)
    if not isinstance(value, ScalarNode):
        fix = "Put the whole text in double quotes."
        findings.problem(value, f"`{name}` must be text, found", fix, shown(value))
        return None
    if value.value == "":
        _warn_empty(value, name, findings)
    if name != "user":
        warn_unknown(step, (name,), findings)
        extra = {key: plain(other, findings) for key, other in fields.items()}
        return Turn(kind, value.value, line, column, extra=extra)
    commands, rephrasings, extra = None, [], {}
    for key, other in fields.items():
        if key == step_format.commands_key:
            commands = _commands(other, key, findings)
        elif step_format.has_rephrasings and key in REPHRASING_KEYS:
            rephrasings += _rephrasings(other, key, findings)
        else:
            extra[key] = plain(other, findings)
            if key not in step_format.other_keys:
                node = key_node(step, key)
                findings.warning(node, "unknown key", did_you_mean(key, step_format.user_keys), key)
    return Turn(kind, value.value, line, column, commands, tuple(rephrasings), extra)


def _commands(node: Node, name: str, findings: Findings) -> tuple[str, ...]:
    items = text_items(node, name, findings)
    commands = tuple(item.value for item in items)
    for text in not_understood(commands):
        item = next((item for item in items if text in item.value), items[0])
        findings.warning(item, "not a command", how_to_mend(text), text)
    return commands


def _rephrasings(node: Node, name: str, findings: Findings) -> list[Rephrasing]:
    verdict = REPHRASING_KEYS[name]
    items = text_items(node, name, findings)
    return [Rephrasing(item.value, verdict, (), None, item.start_mark.line + 1) for item in items]


def _report_kind(
    step: MappingNode, names: list[str], fields: dict[str, Any], step_format: StepFormat, findings: Findings
) -> None:
    if names:
        both = " and ".join(f"`{name}`" for name in names)
        second = key_node(step, names[1])
        findings.problem(second, f"one step has {both}", f"Start a new step: write `- {names[1]}:`.")
        return
    first = next(iter(fields), "")
    stray = first in (*step_format.user_keys, "commands", "llm_commands", *REPHRASING_KEYS)
    fix = "It belongs under the `user:` of its step." if stray else did_you_mean(first, _KINDS)
    findings.problem(step, f"a step needs one of {_key_list()}, found", fix, first)


def _report_missing(node: MappingNode, fields: dict[str, Node], name: str, of: str, findings: Findings) -> None:
    near = next((key for key in fields if nearest(key, (name,))), None)
    if near is None:
        findings.problem(node, f"`{name}` is missing{of}", f"Add `{name}:` here.")
    else:
        findings.problem(key_node(node, near), f"`{name}` is missing{of}, found", f"Write `{name}:`.", near)


def report_stray_steps(node: MappingNode, findings: Findings) -> None:
    """A `bot:` beside `steps:` is a step whose dash or indentation was forgotten: not to be lost with a warning."""
    for key, _ in node.value:
        if isinstance(key, ScalarNode) and key.value in _KINDS:
            findings.problem(key, "a step outside of `steps`", f"Indent it, and write `- {key.value}:`.", key.value)


def _warn_empty(node: Node, name: str, findings: Findings) -> None:
    findings.warning(node, f"the text of `{name}` is empty", "Write the text, or remove the step.")


def _key_list() -> str:
    return ", ".join(f"`{name}`" for name in _KINDS)


def required_text(node: MappingNode, fields: dict[str, Node], name: str, findings: Findings) -> str | None:
    """The text of a key that must be there and not empty; else a problem at the mapping."""
    value = fields.get(name)
    if value is None:
        _report_missing(node, fields, name, "", findings)
        return None
    if not isinstance(value, ScalarNode) or is_null(value) or not value.value.strip():
        found = ", found" if shown(value) else ""
        findings.problem(value, f"`{name}` must be text{found}", "Write the text after the colon.", shown(value))
        return None
    return str(value.value)


def required_steps(node: MappingNode, fields: dict[str, Node], name: str | None, findings: Findings) -> Node | None:
    """The list under `steps` of the test called `name`."""
    test = f"test `{name}`" if name else "this test"
    steps = fields.get("steps")
    if steps is None:
        _report_missing(node, fields, "steps", f" in {test}", findings)
        return None
    if is_null(steps):
        findings.problem(steps, f"`steps` of {test} is empty", "Add steps below it, indented.")
        return None
    if isinstance(steps, SequenceNode) and not steps.value:
        findings.warning(steps, f"{test} has no steps", "Add steps, or remove it.")
    return steps
