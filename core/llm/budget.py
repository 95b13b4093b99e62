"""Money: what a call cost, what it may cost, and the hard stop of `--max-cost`."""

from __future__ import annotations

import asyncio

from core.llm.gate import ClosedError, Ending
from core.llm.models import FailureKind, Usage
from core.llm.roles import RoleSettings

_MILLION = 1_000_000


def has_price(settings: RoleSettings) -> bool:
    return settings.price_input is not None or settings.price_output is not None


def cost_of(settings: RoleSettings, usage: Usage) -> float | None:
    """In the role's currency; None where no price is set. Of two prices that belong together, one not set is 0."""
    if not has_price(settings):
        return None
    price_input = settings.price_input or 0.0
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    price_cached = price_input if settings.price_cached is None else settings.price_cached
    output = usage.completion_tokens * (settings.price_output or 0.0)
    return ((usage.prompt_tokens - cached) * price_input + cached * price_cached + output) / _MILLION


class Budget:
    """What all roles of a run may spend together. `most` is None for no limit. On one event loop."""

    def __init__(self, most: float | None, currency: str = "") -> None:
        self.spent = 0.0
        self._most, self._currency = most, currency
        self._reserved = 0.0
        self._changed = asyncio.Event()
        self._ending: Ending | None = None

    @property
    def ending(self) -> Ending | None:
        """Why nothing more may be spent, None while something may."""
        return self._ending

    async def reserve(self, cost: float) -> None:
        """Set `cost` aside for a call; `settle` has to follow. Waits where only calls in flight stand in its way.

        Raises:
            ClosedError: it would go over the limit.
        """
        while self._most is not None and self.spent + self._reserved + cost > self._most:
            if self._ending is None and self._reserved <= 0:
                self._end(cost, self._most)
            if self._ending is not None:
                raise ClosedError(self._ending)
            self._changed.clear()
            await self._changed.wait()
        if self._ending is not None:
            raise ClosedError(self._ending)
        self._reserved += cost

    def settle(self, reserved: float, spent: float) -> None:
        """A call that `reserved` was set aside for ended and cost `spent`."""
        self._reserved = max(0.0, self._reserved - reserved)
        if self._reserved < 1e-12:
            self._reserved = 0.0  # sums of small fractions do not come back to 0 by themselves
        self.spent += spent
        self._changed.set()

    def _end(self, cost: float, most: float) -> None:
        spent = f"{self.spent:.4f} of {most:g} {self._currency}".rstrip()
        what = f"{spent} spent, and the next call may cost {cost:.4f}"
        self._ending = Ending(FailureKind.BUDGET, what, "Run again with a higher --max-cost: only what is missing is asked.")
        self._changed.set()
