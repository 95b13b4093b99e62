"""Checks of conditions: names that do not exist, values a slot cannot have, and readings that surprise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.assistant import builtin
from core.assistant.checks.names import known_slot
from core.assistant.checks.report import Report
from core.assistant.conditions import Condition
from core.assistant.graph import FlowGraph
from core.assistant.models import Assistant, Collect, Slot, SlotType
from core.assistant.predicates.tokens import tokens_of
from core.assistant.predicates.tree import Both, Collection, Compare, Contains, Either, Matches, Name, Text, walk
from core.errors import Location

_BOOLEANS = frozenset({"true", "false"})
# A group that repeats, holds a repetition, and has nothing else in it that must occur: `(\w+\s?)+`.
_ATOM = r"(?:\\.|[^()|*+\\\[]|\[[^\]]*\])"
_REPEATED_REPETITION = re.compile(rf"\((?:\?:)?{_ATOM}[*+](?:{_ATOM}[?*])*\)[*+{{]")


def check_conditions(graph: FlowGraph, assistant: Assistant, report: Report) -> None:
    """All conditions of a flow."""
    for condition, where in _conditions(graph):
        check_condition(condition, where, assistant, report)
        if not graph.flow.is_pattern:
            for node in walk(condition.tree):
                if isinstance(node, Name) and node.namespace == "context":
                    fix = "Use a slot."
                    report.warning("context-outside-pattern", where, "only patterns have a context", fix, str(node))


def check_condition(condition: Condition, where: Location, assistant: Assistant, report: Report) -> None:
    named: set[tuple[str, bool]] = set()
    mixes = False
    for node in walk(condition.tree):
        match node:
            case Name(namespace="slots", path=path, is_bare=is_bare):
                if (path, is_bare) not in named:
                    named.add((path, is_bare))
                    _name(node, where, assistant, report)
            case Both(items):
                mixes = mixes or any(isinstance(item, Either) for item in items)
            case Compare("=" | "!=", Name() as name, Text() as text) | Compare("=" | "!=", Text() as text, Name() as name):
                _value(name, text, where, assistant, report)
            case Contains(Collection(items), Name() as name):
                for item in items:
                    if isinstance(item, Text):
                        _value(name, item, where, assistant, report)
            case Matches(_, Text(pattern)) if _REPEATED_REPETITION.search(pattern):
                fix = "Repeat only once: `(a+)+` matches what `a+` does."
                report.warning("slow-pattern", where, "a repetition within a repetition can take very long", fix, pattern)
    if mixes and _or_follows_and(condition.text):
        fix = f"Add parentheses; it is read as `{condition.tree}`."
        report.warning("and-or", where, "`or` after `and` binds no weaker than it", fix, condition.text)


def _conditions(graph: FlowGraph) -> Iterator[tuple[Condition, Location]]:
    if graph.flow.guard is not None:
        yield graph.flow.guard, graph.flow.where
    for step in graph.steps:
        for branch in step.next if isinstance(step.next, tuple) else ():
            if branch.condition is not None:
                yield branch.condition, branch.where
        for rejection in step.rejections if isinstance(step, Collect) else ():
            yield rejection.condition, rejection.where


def _name(name: Name, where: Location, assistant: Assistant, report: Report) -> None:
    first = name.path.partition(".")[0]
    if name.path in assistant.slots or first in assistant.slots or first in builtin.SLOTS:
        return
    if not name.is_bare:
        known_slot(name.path, where, assistant, report)
        return
    fix = f"If it is text, put it in quotes; a slot is written `slots.name`{report.nearly(name.path, assistant.slots)}."
    report.warning("unknown-word", where, "neither a slot nor text in quotes", fix, name.path)


def _value(name: Name, text: Text, where: Location, assistant: Assistant, report: Report) -> None:
    slot = assistant.slots.get(name.path) if name.namespace == "slots" else None
    if slot is not None and not may_hold(slot, text.value):
        fix = f"It holds {_values(slot)}{report.nearly(text.value, slot.values)}."
        report.warning("impossible-value", where, f"the slot `{slot.name}` never has the value", fix, text.value)


def may_hold(slot: Slot, text: str) -> bool:
    """Whether a slot of its type may have the value that `text` spells."""
    if slot.type is SlotType.CATEGORICAL and slot.values:
        return text in slot.values or text == slot.initial_value
    return slot.type is not SlotType.BOOL or text.strip().lower() in _BOOLEANS


def _values(slot: Slot) -> str:
    return "true or false" if slot.type is SlotType.BOOL else "one of " + ", ".join(f"`{value}`" for value in slot.values[:8])


def _or_follows_and(text: str) -> bool:
    """Whether an `or` follows an `and` between the same parentheses: most languages read that otherwise."""
    seen = [False]
    for token in tokens_of(text):
        word = token.value.lower() if token.kind == "word" else ""
        if token.kind == "sign" and token.value == "(":
            seen.append(False)
        elif token.kind == "sign" and token.value == ")" and len(seen) > 1:
            seen.pop()
        elif word == "and":
            seen[-1] = True
        elif word == "or" and seen[-1]:
            return True
    return False
