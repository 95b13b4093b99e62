"""Whether the model takes prompts as long as the project's: asked of the server where it tells, else tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from openai import APIStatusError, AsyncOpenAI, OpenAIError

from core.errors import StoreError
from core.llm.check_answers import models_of
from core.llm.check_connection import Trouble
from core.llm.roles import RoleSettings
from core.llm.secrets import is_openai
from core.project import Project
from core.prompts.tokens import estimate

USUAL_PROMPT: Final = 2000
"""Tokens of a command prompt of an assistant with a dozen flows; asked for where the project has no prompts yet."""
ROOM_FOR_ANSWER: Final = 256
_CUT_BELOW: Final = 0.7
"""A server that counts less than this share of the words it was sent has not read the rest."""


@dataclass(frozen=True, slots=True)
class ContextFound:
    """`tokens`: of the model's context, None if unknown."""

    tokens: int | None
    trouble: Trouble | None = None
    notes: tuple[str, ...] = ()


def longest_prompt(project: Project) -> int:
    """Tokens of the project's longest stored prompt by estimate; `USUAL_PROMPT` if it has none."""
    query = "SELECT stored FROM prompt WHERE stored IS NOT NULL ORDER BY length(stored) DESC LIMIT 1"
    try:
        with closing(project.open()) as connection:
            row = connection.execute(query).fetchone()
    except (StoreError, sqlite3.DatabaseError):
        return USUAL_PROMPT
    return estimate(row[0]).count if row else USUAL_PROMPT


async def context_trouble(client: AsyncOpenAI, settings: RoleSettings, model: str, need: int) -> ContextFound:
    """`need`: tokens of the longest prompt."""
    known = await models_of(client)
    entry = known.get(model) or (next(iter(known.values())) if len(known) == 1 else {})
    tokens = _told(entry)
    notes = () if not known or model in known else (f"`{model}` is answered, though the server lists only {_some(known)}",)
    if tokens is not None:
        return ContextFound(tokens, _told_trouble(tokens, settings, need), notes)
    if is_openai(settings) or settings.provider == "azure":  # thousands of paid tokens for what their pages say
        return ContextFound(None, None, notes)
    return await _tried(client, settings, model, need, notes)


def _told(entry: Mapping[str, Any]) -> int | None:
    """vLLM: `max_model_len`; llama.cpp: `meta.n_ctx`, of one slot; others: `context_length` or `context_window`."""
    meta = entry.get("meta")
    inner = meta if isinstance(meta, Mapping) else {}
    told = (entry.get("max_model_len"), inner.get("n_ctx"), entry.get("context_length"), entry.get("context_window"))
    return next((value for value in told if isinstance(value, int) and value > 0), None)


def _told_trouble(tokens: int, settings: RoleSettings, need: int) -> Trouble | None:
    if settings.context_length and settings.context_length > tokens:
        what = f"`context_length` is {settings.context_length:,}, and the server's context has {tokens:,} tokens"
        return Trouble(what, f"Set it to {tokens}, or give the server more.")
    wanted = need + (settings.max_tokens or ROOM_FOR_ANSWER)
    if tokens >= wanted:
        return None
    return Trouble(
        f"the context is too small: {tokens:,} tokens, and the longest prompt and its answer need about {wanted:,}", _MORE
    )


_MORE = (
    "Give the server more (vLLM: `--max-model-len`; llama.cpp: `--ctx-size`, which its slots share; Ollama: "
    "`OLLAMA_CONTEXT_LENGTH`; embedded: `context_length`)."
)


async def _tried(client: AsyncOpenAI, settings: RoleSettings, model: str, need: int, notes: tuple[str, ...]) -> ContextFound:
    """One prompt of that length. Ollama, for one, cuts off silently what is too long; only its count of tokens shows it."""
    text = " yes" * need  # a token each in the vocabularies of today
    body: dict[str, Any] = {"model": model, "max_tokens": 1, **settings.extra_body}
    path = "/completions" if settings.api == "completions" else "/chat/completions"
    question = {"prompt": text} if settings.api == "completions" else {"messages": [{"role": "user", "content": text}]}
    try:
        found = await client.post(path, body=body | question, cast_to=object)
    except APIStatusError as error:
        what = f"a prompt of {need:,} tokens is refused ({error.status_code}): {error.message[:200]}"
        return ContextFound(None, Trouble(what, _MORE), notes)
    except (OpenAIError, ValueError) as error:
        return ContextFound(None, Trouble(f"a prompt of {need:,} tokens is not answered: {error}", _MORE), notes)
    usage = found.get("usage") if isinstance(found, Mapping) else None
    counted = usage.get("prompt_tokens") if isinstance(usage, Mapping) else None
    if isinstance(counted, int) and counted < need * _CUT_BELOW:
        what = f"of a prompt of {need:,} tokens the server read {counted:,}: it cuts off silently what is too long"
        return ContextFound(counted, Trouble(what, _MORE), notes)
    return ContextFound(None, None, (*notes, f"the server does not tell its context; a prompt of {need:,} tokens was answered"))


def _some(names: Mapping[str, Any]) -> str:
    shown = ", ".join(f"`{name}`" for name in list(names)[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5:,} more"
