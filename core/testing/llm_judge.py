"""Scores generated answers with a language model: how relevant to the user's message, how grounded in given facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from core.llm.models import CallFailure, Message, Request
from core.testing.asked_commands import Ask
from core.testing.assertions import JudgeQuestion, NotJudgedError

STAGE: Final = "judge"

_RELEVANT: Final = """\
You judge the answer of an assistant. Say how far it answers what the user asked, whatever you know about the facts in it.

User: {user}
Assistant: {answer}

Score from 0 (another matter, or no answer) to 1 (answers exactly what was asked). An answer to half of it gets 0.5."""

_GROUNDED: Final = """\
You judge the answer of an assistant. Take it apart into single claims and say what share of them the facts below support.
What you know otherwise does not count; greetings and offers of help are no claims.

Facts: {truth}

User: {user}
Assistant: {answer}

Score from 0 (no claim is supported) to 1 (all are, or there is no claim)."""

_SHAPE: Final[Mapping[str, Any]] = {
    "type": "json_schema",
    "json_schema": {
        "name": "score",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"reason": {"type": "string"}, "score": {"type": "number"}},
            "required": ["reason", "score"],
            "additionalProperties": False,
        },
    },
}


class LlmJudge:
    """Satisfies `core.testing.assertions.Judge`. Safe for several threads."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def score(self, question: JudgeQuestion) -> float:
        """From 0 to 1.

        Raises:
            NotJudgedError: the call failed, its answer holds no score, or there is nothing to be judged.
        """
        message = question.message
        if message.source == "test":
            raise NotJudgedError("the answer is the test's own, since nothing here could generate one")
        is_grounded = question.kind == "generative_response_is_grounded"
        if is_grounded and question.ground_truth is None:
            raise NotJudgedError("the assertion has no `ground_truth`, and no knowledge base is searched here")
        template = _GROUNDED if is_grounded else _RELEVANT
        prompt = template.format(truth=question.ground_truth, user=question.user_text, answer=message.text or "")
        request = Request(
            STAGE, (Message("user", prompt),), parameters={"response_format": dict(_SHAPE)}, item=question.user_text
        )
        answer = self._ask(request)
        if isinstance(answer, CallFailure):
            raise NotJudgedError(str(answer))
        return read_score(answer.text)


def read_score(text: str) -> float:
    """The score in a judge's answer; text around the JSON, which servers without schemas let through, does no harm.

    Raises:
        NotJudgedError: there is none from 0 to 1.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
        score = found["score"]
    except (ValueError, KeyError, TypeError, RecursionError):
        score = None
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise NotJudgedError(f"the judge's answer holds no score from 0 to 1: {' '.join(text.split())[:200]}")
    return float(score)
