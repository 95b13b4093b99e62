"""What a stage will ask and what that will cost, before it starts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from core.llm.budget import cost_of
from core.llm.keys import call_key, model_name
from core.llm.missing_role import no_model
from core.llm.models import Request, Role, Usage
from core.llm.roles import RoleSettings
from core.project import Project
from core.prompts.tokens import TokenCount, token_counter
from core.stages.models import CallEstimate
from core.store.llm_calls import stored_keys

_AROUND_MESSAGE: Final = 4
_AROUND_CHAT: Final = 3
"""Tokens that chat templates put around each message, and before the answer: role and marks. ChatML and Llama 3 alike."""


def estimate_calls(
    project: Project,
    role: Role,
    requests: Iterable[Request],
    connection: sqlite3.Connection,
    *,
    completion_tokens: int,
) -> CallEstimate:
    """For questions that are known: the same question counts once, and what is answered already counts as `stored`.

    `completion_tokens`: of one answer, as a guess. Prompt tokens are those of the texts, counted with the role's tokenizer
    where it has one, and of the usual chat template's marks.

    Raises:
        ProjectError: the role is not configured.
        TemplateError: its tokenizer cannot be used.
    """
    settings = _settings(project, role)
    # Keys first: prompts of a large run would not fit into memory twice.
    wanted: dict[str, int] = {}
    count = _cached(token_counter(Path(project.root, settings.tokenizer) if settings.tokenizer else None))
    for request in requests:
        key = call_key(settings, request)
        if key not in wanted:
            wanted[key] = _prompt_tokens(settings, request, count)
    stored = stored_keys(connection, wanted)
    missing = [tokens for key, tokens in wanted.items() if key not in stored]
    exact = settings.tokenizer is not None
    return _estimate(role, settings, len(missing), len(stored), sum(missing), completion_tokens * len(missing), exact=exact)


def guess_calls(project: Project, role: Role, calls: int, prompt_tokens: int, completion_tokens: int) -> CallEstimate:
    """For questions that cannot be known yet, since they hang on answers to others. Tokens are of one call.

    Raises:
        ProjectError: the role is not configured.
    """
    settings = _settings(project, role)
    return _estimate(role, settings, calls, 0, prompt_tokens * calls, completion_tokens * calls, exact=False)


def _estimate(
    role: Role, settings: RoleSettings, calls: int, stored: int, prompt: int, completion: int, *, exact: bool
) -> CallEstimate:
    # The embedded model costs nothing, which is another thing than not knowing what it costs.
    cost = 0.0 if settings.provider == "embedded" else cost_of(settings, Usage(prompt, completion))
    return CallEstimate(
        role=role,
        model=model_name(settings),
        calls=calls,
        stored=stored,
        prompt_tokens=prompt,
        completion_tokens=completion,
        exact=exact,
        cost=cost,
        currency=settings.currency,
    )


def _settings(project: Project, role: Role) -> RoleSettings:
    settings = project.settings.llm.role(role)
    if settings is None:
        raise no_model(project, role)
    return settings


def _prompt_tokens(settings: RoleSettings, request: Request, count: Callable[[str], int]) -> int:
    texts = sum(count(message.content) for message in request.messages)
    if settings.api == "completions":
        return texts
    return texts + _AROUND_MESSAGE * len(request.messages) + _AROUND_CHAT


def _cached(count: Callable[[str], TokenCount]) -> Callable[[str], int]:
    """System prompts are the same in every question, and votes ask the same again."""
    known: dict[str, int] = {}

    def counted(text: str) -> int:
        if text not in known:
            if len(known) >= 1000:
                known.clear()
            known[text] = count(text).count
        return known[text]

    return counted
