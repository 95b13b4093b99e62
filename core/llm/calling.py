"""One question put to a server: within the limits, again where that may help, and what is learned from each answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import httpx2

from core.llm.budget import Budget, cost_of
from core.llm.connecting import Endpoint
from core.llm.gate import ClosedError, Ending, Gate
from core.llm.models import FailureKind, Request
from core.llm.outcomes import Miss, from_exception, from_no_reply
from core.llm.retrying import Circuit, backoff, limit_reached, retry_after
from core.llm.roles import RoleSettings
from core.llm.sizes import Size, Sizes
from core.llm.wire import Reply, path_of, read_reply, request_body

_NAP: Final = 0.2
"""Seconds between looks at whether the run has ended, while a question waits for its next attempt."""


@dataclass(frozen=True, slots=True)
class Called:
    """What became of a question. `seconds`: of the last attempt. `cost`: of all, None where no price is set."""

    result: Reply | Miss
    body: bytes
    attempts: int
    seconds: float
    cost: float | None


class Caller:
    """Asks one model of one endpoint. `endpoint` is awaited at the first question: a server may have to be started.

    `clock`: seconds, standing still during pauses.
    """

    def __init__(
        self,
        settings: RoleSettings,
        endpoint: Callable[[], Awaitable[Endpoint]],
        gate: Gate,
        budget: Budget,
        sizes: Sizes,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._endpoint, self._gate, self._budget = settings, endpoint, gate, budget
        self._sizes, self._clock = sizes, clock
        self._circuit = Circuit(settings.retry_for, clock)
        self._path = path_of(settings)
        self.retries = 0

    async def call(self, request: Request) -> Called:
        """Ask until there is an answer or asking again does not help.

        Raises:
            ClosedError: the question was not asked, or it would have been asked again, and the run has ended.
        """
        endpoint = await self._endpoint()
        body = request_body(self._settings, request, endpoint.model)
        size = await self._sizes.of(request)
        if size.too_large:
            return Called(Miss(FailureKind.CONTEXT, size.too_large, "Shorten the prompt."), body, 0, 0.0, None)
        attempts, first_failure, seconds = 0, 0.0, 0.0
        cost: float | None = None
        miss: Miss | None = None
        while True:
            try:
                await self._gate.enter(size.prompt + size.completion, first=attempts > 0)
            except ClosedError as closed:
                if miss is None or closed.ending.kind.ends_run:
                    raise
                return Called(miss, body, attempts, seconds, cost)
            attempts += 1
            self.retries += attempts > 1
            started = time.monotonic()
            result = await self._attempt(endpoint, request, body, size)
            seconds = time.monotonic() - started
            if result.usage is not None and (spent := cost_of(self._settings, result.usage)) is not None:
                cost = (cost or 0.0) + spent
            if isinstance(result, Reply):
                return Called(result, body, attempts, seconds, cost)
            miss = result
            first_failure = first_failure or self._clock()
            wait = backoff(attempts)
            if not miss.retry or self._clock() + wait - first_failure > self._settings.retry_for:
                if miss.retry and attempts > 1:
                    miss = replace(miss, what=f"{miss.what} (asked {attempts} times in {self._clock() - first_failure:.0f} s)")
                return Called(miss, body, attempts, seconds, cost)
            await self._sleep(wait)

    async def _attempt(self, endpoint: Endpoint, request: Request, body: bytes, size: Size) -> Reply | Miss:
        """Ask once, in the place that the gate gave; it is left when all is learned that concerns the next in the queue."""
        sent = self._clock()
        try:
            expected = size.cost(self._settings)
            try:
                await self._budget.reserve(expected)
            except ClosedError as closed:
                self._gate.close(closed.ending)
                raise
            spent = 0.0
            try:
                result = await self._exchange(endpoint, request, body)
                if result.usage is not None:
                    spent = cost_of(self._settings, result.usage) or 0.0
                    self._gate.correct(
                        result.usage.prompt_tokens + result.usage.completion_tokens - size.prompt - size.completion
                    )
                    self._sizes.learn(request, result.usage)
            finally:
                self._budget.settle(expected, spent)
            if isinstance(result, Miss):
                self._learn(result, sent, size)
            return result
        finally:
            self._gate.leave()

    async def _exchange(self, endpoint: Endpoint, request: Request, body: bytes) -> Reply | Miss:
        try:
            async with asyncio.timeout(self._settings.timeout):
                response = await endpoint.post(self._path, body)
        except Exception as error:
            return from_exception(error, self._settings)
        found = read_reply(self._settings, request, response.content, response.headers.get("content-type", ""))
        self._circuit.answered()
        self._gate.window.answered(self._gate.in_flight)
        self._heed(response.headers)
        return found if isinstance(found, Reply) else from_no_reply(found, response.headers)

    def _heed(self, headers: httpx2.Headers) -> None:
        """What the server says is left of its limits."""
        if (wait := limit_reached(headers, self._sizes.typical)) > 0:
            self._gate.hold(min(wait, self._settings.retry_for), "the server's limit is reached")

    def _learn(self, miss: Miss, sent: float, size: Size) -> None:
        """What a failure says about the next questions."""
        if miss.ends_run or miss.kind.ends_run:
            self._gate.close(Ending(miss.kind, miss.what, miss.remedy))
            return
        if not miss.retry:
            self._circuit.answered()
            return
        shrunk = miss.overload and self._gate.window.overloaded(sent, self._clock())
        silent = self._circuit.failed(miss, sent)
        if silent is not None:
            what = f"{miss.what}; nothing was answered for {silent:.0f} s, so no more is asked"
            self._gate.close(Ending(miss.kind, what, miss.remedy))
        asked = retry_after(miss.headers) if miss.headers is not None else None
        if asked is not None and asked > self._settings.retry_for:
            what = f"{miss.what}; the server asks to wait {asked:,.0f} s, longer than `retry_for`"
            self._gate.close(Ending(miss.kind, what, "Run again then: only what is missing is asked."))
        elif asked is not None:
            self._gate.hold(asked, f"{miss.status}")
        elif shrunk or self._circuit.rounds > 1:
            told = limit_reached(miss.headers, size.prompt + size.completion) if miss.headers is not None else 0.0
            why = str(miss.status or miss.kind.value)
            self._gate.hold(min(told or backoff(self._circuit.rounds), self._settings.retry_for), why)

    async def _sleep(self, seconds: float) -> None:
        """Ends early where the gate closes."""
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0 and self._gate.ending is None:
            await asyncio.sleep(min(left, _NAP))
