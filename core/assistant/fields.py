"""The keys of one mapping of an assistant's files, each read as the type it must have; what is wrong goes to the findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from core.assistant.conditions import Condition, ConditionError, parse_condition
from core.assistant.models import Rejection
from core.errors import Location
from core.yaml.findings import Findings
from core.yaml.nodes import fields_of, is_null, items_of, plain, shown, text_items, warn_unknown

LONGEST_TEXT = 100_000  # characters; a response or description that long is a mistake or an attack


def location(node: Node, findings: Findings) -> Location:
    mark = node.start_mark
    return Location(findings.path, mark.line + 1, mark.column + 1)


class Fields:
    """One mapping. Every method reads one key; a key that is missing or null is the default."""

    __slots__ = ("findings", "node", "values")

    def __init__(self, node: MappingNode, findings: Findings, known: Iterable[str] | None = None) -> None:
        self.node = node
        self.findings = findings
        self.values = {name: value for name, value in fields_of(node, findings).items() if not is_null(value)}
        if known is not None:
            warn_unknown(node, known, findings)

    def text(self, name: str) -> str | None:
        """A text, as the file has it."""
        node = self.values.get(name)
        return None if node is None else text_of(node, name, self.findings)

    def required_text(self, name: str, owner: str) -> str | None:
        text = self.text(name)
        if name not in self.values:
            self.findings.problem(self.node, f"{owner} needs `{name}`", f"Add `{name}:`.")
        elif text is not None and not text.strip():
            self.findings.problem(self.values[name], f"`{name}` is empty", "Write a name.")
            return None
        return text

    def flag(self, name: str, default: bool) -> bool:
        node = self.values.get(name)
        if node is None:
            return default
        value = self.plain(name)
        if isinstance(value, bool):
            return value
        self.findings.problem(node, f"`{name}` must be true or false, found", "Write `true` or `false`.", shown(node))
        return default

    def names(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        node = self.values.get(name)
        return () if node is None else tuple(item.value.strip() for item in text_items(node, name, self.findings))

    def plain(self, name: str) -> Any:
        node = self.values.get(name)
        return None if node is None else plain(node, self.findings)

    def items(self, name: str) -> list[Node]:
        node = self.values.get(name)
        return [] if node is None else items_of(node, name, self.findings)

    def mapping(self, name: str, known: Iterable[str] | None = None) -> Fields | None:
        node = self.values.get(name)
        return None if node is None else mapping_of(node, f"`{name}`", self.findings, known)

    def mappings(self, name: str, known: Iterable[str] | None = None) -> list[Fields]:
        """A list of mappings."""
        found = (mapping_of(item, f"an item of `{name}`", self.findings, known) for item in self.items(name))
        return [item for item in found if item is not None]

    def condition(self, name: str) -> Condition | None:
        """A condition; None where it is missing, or is none (a problem)."""
        node = self.values.get(name)
        return None if node is None else condition_of(node, name, self.findings)

    def rejections(self, name: str) -> tuple[Rejection, ...]:
        read = []
        for item in self.mappings(name, ("if", "utter", "name")):
            condition, utter = item.condition("if"), item.required_text("utter", "a rejection")
            if "if" not in item.values:
                self.findings.problem(item.node, "a rejection needs `if`", "Add the condition under which to refuse.")
            if condition is not None and utter is not None:
                read.append(Rejection(condition, utter, location(item.node, self.findings)))
        return tuple(read)


def entries_of(node: Node, what: str, findings: Findings) -> list[tuple[str, ScalarNode, Node]]:
    """Name, key and value of each entry of a mapping of names; one that stands twice keeps its first value."""
    fields = mapping_of(node, what, findings)
    if fields is None:
        return []
    entries: dict[str, tuple[str, ScalarNode, Node]] = {}
    for key, value in fields.node.value:
        if isinstance(key, ScalarNode):
            entries.setdefault(key.value, (key.value, key, value))
    return list(entries.values())


def mapping_of(node: Node, what: str, findings: Findings, known: Iterable[str] | None = None) -> Fields | None:
    if isinstance(node, MappingNode):
        return Fields(node, findings, known)
    if not is_null(node):
        findings.problem(node, f"{what} must be a mapping of keys, found", "Write `key: value` lines below it.", shown(node))
    return None


def text_of(node: Node, name: str, findings: Findings) -> str | None:
    if not isinstance(node, ScalarNode):
        findings.problem(node, f"`{name}` must be text, found", "Put the whole text in double quotes.", shown(node))
        return None
    text: str = node.value
    if len(text) > LONGEST_TEXT:
        what = f"`{name}` has {len(text):,} characters"
        findings.problem(node, what, f"At most {LONGEST_TEXT:,} are allowed.")
        return None
    return text


def condition_of(node: Node, name: str, findings: Findings) -> Condition | None:
    text = text_of(node, name, findings)
    if text is None:
        return None
    try:
        return parse_condition(text)
    except ConditionError as error:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if node.end_mark.line == node.start_mark.line:  # else the column inside the text says nothing about the file
            column += error.column - 1 + (1 if getattr(node, "style", None) else 0)
        findings.problem_at(line, column, f"bad condition: {error.what}", error.fix, error.offending)
        return None
