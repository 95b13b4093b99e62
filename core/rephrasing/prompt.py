"""The rephraser's prompt: Workbench's own template or the user's, and the question made with it.

A template that prints `messages` is told which wording has which style and is answered in JSON. One that does not is one in
the reference's manner: it has that one's variables (`test_case_name`, `transcript`, `number_of_rephrasings`,
`user_prefix`, `number_of_user_messages`, `user_messages`), and is answered in numbered text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import Location, TemplateError
from core.llm.models import Message, Request
from core.prompts.rendering import compiled, read_template, render
from core.rephrasing.plan import ConversationPlan, StepNeed
from core.rephrasing.styles import Style
from core.stages.models import StageName

USER_PREFIX: Final = "USER"
MOST_TAKEN: Final = 60
"""Wordings that a prompt lists as said already."""
_ROOM: Final = 40
_OWN = Path(__file__).with_name("templates") / "rephrase.jinja2"


@dataclass(frozen=True, slots=True)
class RephrasePrompt:
    """`name`: the file as the user wrote it. `lists_wordings`: it prints `messages`."""

    name: str
    source: str
    lists_wordings: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """One step in one call: its wordings with their styles, by number of the wording (slot). `taken`: texts it has."""

    step: StepNeed
    styles: tuple[tuple[int, Style], ...]
    taken: tuple[str, ...]

    @property
    def id(self) -> str:
        """Of the message, in prompt and answer. The text is none: a user may say "yes" twice."""
        return f"m{self.step.ordinal}"


def load_prompt(path: Path | None = None) -> RephrasePrompt:
    """Raises TemplateError if it cannot be read, is no template, or prints no messages."""
    from jinja2.meta import find_undeclared_variables

    from core.prompts.environment import parse

    name = str(path or _OWN)
    remedy = "Check `prompt` in [rephrase], or `prompt_template` of the file that --rephrase-config names."
    source = read_template(path or _OWN, remedy).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    compiled(name, source)
    variables = find_undeclared_variables(parse(source))
    if not variables & {"messages", "user_messages"}:
        raise TemplateError(
            "the template never prints the messages to be rephrased.",
            where=Location(name),
            remedy="Print `user_messages`, or `messages` with their ids and styles; see docs/llm.md.",
        )
    return RephrasePrompt(name, source, "messages" in variables)


def make_request(
    prompt: RephrasePrompt, plan: ConversationPlan, wanted: Sequence[Wanted], *, sample: int, parameters: dict[str, Any]
) -> Request:
    """The question for these steps of a conversation.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    remedy = "Compare its variables with those in docs/llm.md."
    text = render(prompt.name, prompt.source, _variables(plan, wanted), remedy)
    item = plan.item(wanted[0].step) if len(wanted) == 1 else f"{plan.file}::{plan.name}"
    return Request(StageName.REPHRASE.value, (Message("user", text),), sample, parameters, item)


def response_format(wanted: Sequence[Wanted], *, bounded: bool = False) -> dict[str, Any]:
    """The parameter `response_format` of an OpenAI-compatible endpoint.

    Every message has an object, every wording is a key of it: neither can be left out, and no list needs a length, which
    some servers cannot hold an answer to. `bounded`: texts have a greatest length too.
    """

    def text(one: Wanted) -> dict[str, Any]:
        return {"type": "string", "maxLength": longest_text(one.step.text)} if bounded else {"type": "string"}

    schema = _object({one.id: _object({number: text(one) for number in _numbers(one)}) for one in wanted})
    return {"type": "json_schema", "json_schema": {"name": "rephrasings", "strict": True, "schema": schema}}


def longest_text(original: str) -> int:
    """Characters that a wording may have where the schema bounds it."""
    return 2 * len(original) + _ROOM


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _numbers(wanted: Wanted) -> list[str]:
    return [str(number) for number in range(1, len(wanted.styles) + 1)]


def _variables(plan: ConversationPlan, wanted: Sequence[Wanted]) -> dict[str, Any]:
    ids = {one.step.ordinal: one.id for one in wanted}
    texts = [" ".join(one.step.text.split()) for one in wanted]
    first = wanted[0]
    shape = json.dumps({first.id: dict.fromkeys(_numbers(first)[:2], "…")}, ensure_ascii=False)
    return {
        "test_case_name": plan.name,
        "transcript": "\n".join(f"{USER_PREFIX if one.speaker == 'USER' else one.speaker}: {one.text}" for one in plan.said),
        "number_of_rephrasings": max(len(one.styles) for one in wanted),
        "user_prefix": USER_PREFIX,
        "number_of_user_messages": len(wanted),
        "user_messages": texts,
        "turns": [
            {"speaker": one.speaker, "text": one.text, "id": ids.get(one.ordinal) if one.ordinal is not None else None}
            for one in plan.said
        ],
        "messages": [
            {
                "id": one.id,
                "text": text,
                "wordings": [
                    {"id": number, "style": style.words} for number, (_, style) in zip(_numbers(one), one.styles, strict=True)
                ],
                "taken": [" ".join(known.split()) for known in one.taken[-MOST_TAKEN:]],
            }
            for one, text in zip(wanted, texts, strict=True)
        ],
        "answer_shape": f"{shape[:-2]}, …}}, …}}" if len(wanted) > 1 or len(first.styles) > 2 else shape,
    }
