"""The question that a command generator's model is asked: the same wherever one is asked, so that its answers are shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from core.commands import Dialect
from core.commands.grammar import command_grammar
from core.llm.models import Message, Request

if TYPE_CHECKING:
    from core.llm.roles import RoleSettings

EMBEDDED_MAX_TOKENS: Final = 1024
"""Of an answer of the embedded model: more than its grammar lets it say, so that no command is cut off in the middle. Other
models have `max_tokens` of their role."""


def command_question(
    prompt: str,
    variables: Mapping[str, Any],
    dialect: Dialect,
    settings: RoleSettings,
    *,
    stage: str,
    item: str = "",
    sample: int = 0,
) -> Request:
    """`prompt`: as the template renders it; `variables`: of its context, for the grammar that an embedded model is held to.

    `sample`: votes 2, 3, … are 1, 2, …; they are asked at the role's `vote_temperature`.
    """
    parameters: dict[str, Any] = {}
    if sample:
        parameters["temperature"] = settings.vote_temperature
    if settings.provider == "embedded":
        if settings.constrain == "auto":
            parameters["grammar"] = command_grammar(variables, dialect)
        if settings.max_tokens is None:
            parameters["max_tokens"] = EMBEDDED_MAX_TOKENS
    return Request(stage, (Message("user", prompt),), sample, parameters, item)
