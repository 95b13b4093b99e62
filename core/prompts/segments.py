"""A prompt cut into what stays the same and the two texts that change: the conversation and the user message.

Rephrasings of a step change only those two texts, so an exporter renders once per step and escapes only them per row.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from core.prompts.context import PromptContext
from core.prompts.recorded import encode_variable
from core.prompts.template import PromptTemplate


class Text(Enum):
    """A place in a prompt where one of the two changing texts stands."""

    HISTORY = "current_conversation"
    MESSAGE = "user_message"


@dataclass(frozen=True, slots=True)
class SegmentedPrompt:
    """`pieces` are fixed texts and the places between them; None if the template does more than print the two texts."""

    template: PromptTemplate
    variables: Mapping[str, Any]
    pieces: tuple[str | Text, ...] | None
    _json: tuple[bytes | Text, ...] | None = field(repr=False)

    def render(self, history_text: str, message: str) -> str:
        if self.pieces is None:
            texts = {Text.HISTORY.value: history_text, Text.MESSAGE.value: message}
            return self.template.render_variables({**self.variables, **texts})
        return "".join(
            piece if isinstance(piece, str) else history_text if piece is Text.HISTORY else message for piece in self.pieces
        )

    def json_parts(self) -> tuple[bytes | Text, ...] | None:
        """The pieces as the inside of a JSON string in UTF-8, non-ASCII unescaped; None where `pieces` is None."""
        return self._json

    def render_json(self, history: bytes, message: bytes) -> bytes:
        """The prompt as the inside of a JSON string, from the two texts as `json_inside` gives them."""
        if self._json is None:
            texts = (json.loads(b'"%s"' % text) for text in (history, message))
            return json_inside(self.render(*texts))
        return b"".join(
            piece if isinstance(piece, bytes) else history if piece is Text.HISTORY else message for piece in self._json
        )


def json_inside(text: str) -> bytes:
    """The text as it stands between the quotes of a JSON string, in UTF-8; half a surrogate pair stays escaped."""
    return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "backslashreplace")


def segment(template: PromptTemplate, variables: Mapping[str, Any]) -> SegmentedPrompt:
    """Renders once with two marks in place of the texts and cuts the result at the marks."""
    pieces = _cut(template, variables) if _only_prints_texts(template.source) else None
    escaped = None
    if pieces is not None:
        escaped = tuple(json_inside(piece) if isinstance(piece, str) else piece for piece in pieces)
    return SegmentedPrompt(template, variables, pieces, escaped)


class SegmentCache:
    """Segmented prompts by template and variables; beyond `capacity` those used longest ago are dropped.

    Every variant of a step has the same variables, and steps of one assistant often share their state.
    """

    def __init__(self, capacity: int = 2048) -> None:
        self._capacity = capacity
        self._prompts: OrderedDict[tuple[str, str], SegmentedPrompt] = OrderedDict()

    def get(self, template: PromptTemplate, context: PromptContext) -> SegmentedPrompt:
        variables = {name: encode_variable(value) for name, value in context.variables.items()}
        key = (template.sha256, json.dumps(variables, ensure_ascii=False, separators=(",", ":")))
        found = self._prompts.get(key)
        if found is None:
            found = self._prompts[key] = segment(template, context.variables)
            if len(self._prompts) > self._capacity:
                self._prompts.popitem(last=False)
        self._prompts.move_to_end(key)
        return found

    def __len__(self) -> int:
        return len(self._prompts)


@cache
def _only_prints_texts(source: str) -> bool:
    """Whether the template prints the two texts as they are and does nothing else with them."""
    from jinja2 import nodes

    from core.prompts.environment import parse

    names = {text.value for text in Text}
    rewriting = (nodes.FilterBlock, nodes.CallBlock, nodes.Macro, nodes.AssignBlock, nodes.ScopedEvalContextModifier)
    tree = parse(source)
    printed = {id(node) for output in tree.find_all(nodes.Output) for node in output.nodes}
    for block in tree.find_all(rewriting):
        if any(name.name in names for name in block.find_all(nodes.Name)):
            return False
    return all(name.ctx == "load" and id(name) in printed for name in tree.find_all(nodes.Name) if name.name in names)


def _cut(template: PromptTemplate, variables: Mapping[str, Any]) -> tuple[str | Text, ...]:
    blank = template.render_variables({**variables, Text.HISTORY.value: "", Text.MESSAGE.value: ""})
    number = 0
    while (mark := f"\x02{number}\x03") in blank:
        number += 1
    history, message = f"{mark}H", f"{mark}M"
    rendered = template.render_variables({**variables, Text.HISTORY.value: history, Text.MESSAGE.value: message})
    first, *others = rendered.split(mark)
    pieces: list[str | Text] = [first]
    for other in others:
        pieces.append(Text.HISTORY if other[0] == "H" else Text.MESSAGE)
        pieces.append(other[1:])
    return tuple(piece for piece in pieces if piece != "")
