"""Conditions of flows, branches, rejections and response variations: the pypred subset the reference documents.

How they are read: `predicates.parse`; how values compare: `predicates.values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.assistant.predicates.parse import parse
from core.assistant.predicates.program import Test, compiled
from core.assistant.predicates.tokens import ConditionError
from core.assistant.predicates.tree import Name, Node, walk

__all__ = ["Condition", "ConditionError", "parse_condition"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; equal if its text is equal. Made by `parse_condition`."""

    text: str
    tree: Node = field(compare=False, repr=False)
    _test: Test = field(compare=False, repr=False)

    def holds(self, slots: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        """Whether it is true of these slot values and, in patterns, of the pattern's context. Never raises."""
        return self._test(slots, context)

    @property
    def names(self) -> frozenset[str]:
        """The slots it reads, but for those whose names only the context knows (`slots.{{context.collect}}`)."""
        return frozenset(node.path for node in walk(self.tree) if isinstance(node, Name) and node.namespace == "slots")

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_condition, (self.text,)


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Condition:
    """The condition that `text` is. Many steps share one, so they are kept.

    Raises:
        ConditionError: it is none; the error knows the column inside `text`.
    """
    tree = parse(text)
    return Condition(text, tree, compiled(tree))
