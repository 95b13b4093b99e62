"""How many tokens a question and its answer will have, before they are known: for limits of tokens and of money."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.llm.budget import cost_of
from core.llm.keys import parameters_of
from core.llm.models import Request, Usage
from core.llm.roles import RoleSettings
from core.prompts.tokens import TokenCount, estimate

_FIRST_COMPLETION: Final = 512
"""Tokens that an answer is taken to have until one came, where `max_tokens` is not set."""
_FIRST_MARGIN: Final = 1.5
"""On estimates of prompts until the server's own count is known."""


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens; 0 where nobody needs them. `too_large`: why the question cannot be sent, empty if it can."""

    prompt: float = 0.0
    completion: float = 0.0
    too_large: str = ""

    def cost(self, settings: RoleSettings) -> float:
        return cost_of(settings, Usage(int(self.prompt) + 1, int(self.completion) + 1)) or 0.0 if self.prompt else 0.0


class Sizes:
    """Learns from the server's counts. `count`: of the model's own tokenizer, None if that is not known."""

    def __init__(self, settings: RoleSettings, *, needed: bool, count: Callable[[str], TokenCount] | None = None) -> None:
        self._settings, self._count = settings, count
        self._needed = needed or settings.tokens_per_minute is not None
        self._margin = _FIRST_MARGIN
        self._longest = 0
        self._learned = False
        self.typical = 0.0
        """Tokens of the latest question and its answer."""

    async def of(self, request: Request) -> Size:
        limit = self._settings.context_length
        if not self._needed and limit is None:
            return Size()
        text = "\n".join(message.content for message in request.messages)
        guess = estimate(text).count
        if limit is not None and self._count is not None and guess * 2 > limit:
            exact = (await asyncio.to_thread(self._count, text)).count
            if exact > limit:
                return Size(too_large=f"the prompt has {exact:,} tokens, the model's context {limit:,}")
        return Size(guess * self._margin, self._completion(request))

    def learn(self, request: Request, usage: Usage) -> None:
        self.typical = float(usage.prompt_tokens + usage.completion_tokens)
        self._longest = max(self._longest, usage.completion_tokens)
        if not self._needed or not usage.exact:
            return
        ratio = usage.prompt_tokens / (estimate("\n".join(message.content for message in request.messages)).count or 1)
        self._margin = max(self._margin, ratio) if self._learned else ratio
        self._learned = True

    def _completion(self, request: Request) -> float:
        parameters = parameters_of(self._settings, request)
        most = parameters.get("max_tokens") or parameters.get("max_completion_tokens")
        if isinstance(most, int):
            return float(most)
        return self._longest * 1.2 if self._longest else float(_FIRST_COMPLETION)
