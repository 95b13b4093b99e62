"""Asks a judging model whether two messages mean the same: what no slot holds, commands cannot tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.llm.models import Message, Request
from core.llm.roles import RoleSettings
from core.prompts.context import Line, one_line
from core.stages.models import StageName
from core.validation.models import JudgeOpinion

PROMPT_TOKENS, COMPLETION_TOKENS = 350, 60
"""About as many as a question and its answer have."""

_LISTS = ("added", "dropped", "changed")
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "array", "items": {"type": "string"}} for name in _LISTS},
        "same_meaning": {"type": "boolean"},
    },
    "required": [*_LISTS, "same_meaning"],
    "additionalProperties": False,
}
_SHOWN_LINES = 8

_PROMPT = """\
A user talks to an assistant. Below are the conversation so far, the message the user sent next, and another wording of that
message. Judge whether the other wording tells the assistant the same.

Wording does not count: tone, politeness, length, order of words, spelling mistakes, short forms. Content counts: what is asked
for, every name, number, date, amount, place, condition and reason, and whether something is affirmed or denied. What follows
from the conversation needs no repeating.

Conversation so far:
{history}

Message: {original}
Other wording: {text}

Answer with one JSON object and nothing else:
{{"added": [details that only the other wording has], "dropped": [details that only the message has],
"changed": [details that differ, as "old -> new"], "same_meaning": true or false}}
"""


def opinion_request(settings: RoleSettings, original: str, text: str, history: Sequence[Line], item: str) -> Request:
    """The question about one rephrasing."""
    lines = [f"{'User' if line.speaker == 'USER' else 'Assistant'}: {line.text}" for line in history[-_SHOWN_LINES:]]
    prompt = _PROMPT.format(
        history="\n".join(lines) or "(nothing yet)",
        original=json.dumps(one_line(original), ensure_ascii=False),
        text=json.dumps(one_line(text), ensure_ascii=False),
    )
    parameters: dict[str, Any] = {}
    if settings.api == "chat":
        form = {"name": "opinion", "strict": True, "schema": _SCHEMA}
        parameters["response_format"] = {"type": "json_schema", "json_schema": form}
    return Request(StageName.VALIDATE.value, (Message("user", prompt),), parameters=parameters, item=item)


def read_opinion(answer: str) -> JudgeOpinion | None:
    """What the answer says, None if that cannot be read."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        data = json.loads(answer[start : end + 1]) if start >= 0 else None
    except ValueError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("same_meaning"), bool):
        return None
    found = [f"{name} {', '.join(map(str, data[name]))}" for name in _LISTS if isinstance(data.get(name), list) and data[name]]
    if found:
        return JudgeOpinion("; ".join(found))
    return JudgeOpinion() if data["same_meaning"] else JudgeOpinion("it does not mean the same")
