"""The client of one role: asks each question once, keeps every answer, and gives what is kept without asking."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import replace

from core.errors import StoreError
from core.llm.calling import Called, Caller
from core.llm.gate import ClosedError, Ending, Gate
from core.llm.keys import call_key, model_name, public_url
from core.llm.meter import Meter
from core.llm.models import Answer, CallFailure, FailureKind, Request, Role, Usage
from core.llm.outcomes import Miss
from core.llm.roles import RoleSettings
from core.store.connection import database_error, utc_now
from core.store.llm_calls import CallRow, answered_call
from core.store.llm_writer import CallWriter

_MOST_KEPT = 64_000
"""Bytes of a failure's answer that are stored: enough to see what it was."""

_SHORTEST_SECRET = 8
"""Characters; local servers take keys such as `EMPTY`, which are words of answers too."""


class Client:
    """An `Asker` on one event loop. `reader` is used on that loop only."""

    def __init__(
        self,
        role: Role,
        settings: RoleSettings,
        caller: Caller,
        gate: Gate,
        meter: Meter,
        reader: sqlite3.Connection,
        writer: CallWriter,
        secret: str | None,
    ) -> None:
        self.gate, self.caller, self.settings = gate, caller, settings
        self._role, self._meter = role, meter
        self._reader, self._writer = reader, writer
        self._secret = secret if secret and len(secret) >= _SHORTEST_SECRET else None
        self._asked: dict[str, asyncio.Future[Answer | CallFailure | None]] = {}

    async def ask(self, request: Request) -> Answer | CallFailure:
        """The answer, on disk when this returns; a stored one costs nothing. The same question at once is asked once.

        Raises:
            StoreError: an answer could not be stored.
            ProjectError: a server that belongs to the role could not be started.
        """
        key = call_key(self.settings, request)
        while (other := self._asked.get(key)) is not None:
            found = await asyncio.shield(other)
            if found is not None:  # None: whoever asked it was cancelled
                return self._again(found)
        asked = self._asked[key] = asyncio.get_running_loop().create_future()
        result: Answer | CallFailure | None = None
        try:
            result = await self._ask(key, request)
            return result
        finally:
            del self._asked[key]
            asked.set_result(result)

    def _again(self, found: Answer | CallFailure) -> Answer | CallFailure:
        if isinstance(found, CallFailure):
            return found
        self._meter.stored += 1
        return replace(found, stored=True)

    async def _ask(self, key: str, request: Request) -> Answer | CallFailure:
        stored = self._stored(key)
        if stored is not None:
            self._meter.stored += 1
            return _answer(stored, stored=True)
        self._writer.check()
        if (ending := self.gate.ending) is not None:
            return ending.failure(key)
        self._meter.asked()
        try:
            called = await self.caller.call(request)
        except ClosedError as closed:
            return closed.ending.failure(key)
        result = called.result
        self._meter.got(result.usage, called.cost, answered=not isinstance(result, Miss))
        row = self._row(key, request, called)
        if isinstance(result, Miss):
            if called.attempts:
                await self._keep(row)
            ending = self.gate.ending
            is_final = ending is not None and ending.kind is result.kind
            # Why the run has ended says more than what befell this question, and whichever comes first is told.
            told = ending if is_final and ending is not None else result
            what, remedy = self._clean(told.what), self._clean(told.remedy)
            return CallFailure(key, result.kind, what, remedy, result.status, called.attempts, is_final)
        return _answer(await self._keep(row))

    async def _keep(self, row: CallRow) -> CallRow:
        try:
            return await self._writer.keep(row)
        except StoreError as error:  # those that wait already must not be asked for nothing
            self.gate.close(Ending(FailureKind.STOPPED, error.what, error.remedy))
            raise

    def _stored(self, key: str) -> CallRow | None:
        try:
            return answered_call(self._reader, key)
        except sqlite3.Error as error:
            raise database_error("a stored answer could not be read", error) from error

    def _row(self, key: str, request: Request, called: Called) -> CallRow:
        result = called.result
        usage = result.usage or Usage(0, 0, exact=False)
        failure = text = finish_reason = None
        response: bytes | None = result.raw
        if isinstance(result, Miss):
            said = {"kind": result.kind.value, "what": result.what, "remedy": result.remedy, "status": result.status}
            failure = self._clean(json.dumps(said, ensure_ascii=False))
            response = result.raw[:_MOST_KEPT] if result.raw else None
        else:
            text, finish_reason = self._clean(result.text), result.finish_reason
        return CallRow(
            key=key, stage=request.stage, role=self._role.value, model=model_name(self.settings),
            base_url=public_url(self.settings), sample=request.sample, item=request.item, at=utc_now(),
            state="failed" if failure else "answered", attempts=called.attempts, seconds=called.seconds,
            prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens,
            cached_tokens=usage.cached_tokens, exact_tokens=usage.exact, cost=called.cost,
            currency=None if called.cost is None else self.settings.currency, finish_reason=finish_reason,
            failure=failure, answer=text, request=self._clean_bytes(called.body),
            response=None if response is None else self._clean_bytes(response),
        )  # fmt: skip

    def _clean(self, text: str) -> str:
        """Without the key: servers repeat it in what they say of it."""
        return text.replace(self._secret, "***") if self._secret else text

    def _clean_bytes(self, raw: bytes) -> bytes:
        return raw.replace(self._secret.encode(), b"***") if self._secret else raw


def _answer(row: CallRow, *, stored: bool = False) -> Answer:
    usage = Usage(row.prompt_tokens, row.completion_tokens, row.cached_tokens, row.exact_tokens)
    return Answer(row.key, row.answer or "", row.finish_reason or "stop", usage, row.cost, row.seconds, stored)
